"""`python -m workflow_scripts.store`: list, show, explain, verify, usage, gc."""
