"""The tables and figures of the local_properties paper, a module each, by the paper's number."""
