"""What the inputs of a recipe hold: the one place that opens artifacts for stages, tables and figures."""
