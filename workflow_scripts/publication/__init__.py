"""Copies of tables and figures under the names that people and papers refer to."""
