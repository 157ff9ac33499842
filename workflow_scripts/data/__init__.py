"""Sources of labelled images, one module each, and what all of them become: uint8 arrays and deterministic splits."""
