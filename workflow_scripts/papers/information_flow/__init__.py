"""The tables and figures of the information_flow study, one module each, from finished artifacts."""
