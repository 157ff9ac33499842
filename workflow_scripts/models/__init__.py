"""Architectures, one module each: `build(...)` makes the network; `Classifier` holds the normalisation."""
