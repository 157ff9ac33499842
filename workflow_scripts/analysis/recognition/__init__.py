"""Recognising an attack from its image: REDRL (attack_signatures paper, section 4), its ablations and its baselines."""
