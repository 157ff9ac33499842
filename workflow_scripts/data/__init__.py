"""Sources of labelled images, one module each: uint8 arrays and deterministic splits."""
