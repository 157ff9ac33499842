"""The local_properties paper's tables, figures and findings, one module each, from finished artifacts."""
