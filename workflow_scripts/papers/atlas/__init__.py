"""The atlas: every model under every attack and its controls, in all analyses."""
