"""The attack_signatures paper's tables, figures and findings, one module each, from finished artifacts."""
