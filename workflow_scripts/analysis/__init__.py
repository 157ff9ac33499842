"""What attacks do inside a network: one package per analysis, from arrays and modules to arrays."""
