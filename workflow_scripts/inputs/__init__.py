"""Readers of a recipe's input artifacts, for stages, tables and figures: files in, arrays and modules out."""
