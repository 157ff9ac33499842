"""Command lines: the store, the cost estimate, and the documents made from the schema."""
