"""The configuration: its schema, its checks, and error messages that name the key and the remedy in one line each."""
