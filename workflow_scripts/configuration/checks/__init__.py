"""Mistakes that a section of the configuration alone does not show, each one line."""
