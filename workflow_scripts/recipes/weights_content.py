"""How a recipe identifies weights that were trained elsewhere: by the SHA-256 of a file, or by torchvision's name."""

TORCHVISION = "torchvision:"
"""Prefix of torchvision's names, such as torchvision:ResNet50_Weights.IMAGENET1K_V1."""
