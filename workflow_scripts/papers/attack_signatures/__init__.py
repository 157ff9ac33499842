"""The attack_signatures paper's tables and figures, one module each."""
