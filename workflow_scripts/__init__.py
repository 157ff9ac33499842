"""Dissect adversarial examples: a library of measurements and the stages that chain them."""
