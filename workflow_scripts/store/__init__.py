"""The store of artifacts: written once, completely, never changed. See `python -m workflow_scripts.store --help`."""
