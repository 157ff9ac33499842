"""Saliency of a classifier's filters and of its input (Levin et al. 2021; attack_signatures paper, section 5)."""
