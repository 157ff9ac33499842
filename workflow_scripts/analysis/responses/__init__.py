"""How far a model's local responses move between an image and its adversarial version, and the kernels they pass."""
