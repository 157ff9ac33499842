"""The tables, figures and findings of the papers, one package per study."""
