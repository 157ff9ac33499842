"""The store of artifacts: written once, whole, and never changed. See `python -m workflow_scripts.store --help`."""
