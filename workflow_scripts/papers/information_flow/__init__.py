"""The information_flow paper's tables, figures and findings, one module each, from finished artifacts.

Names: IIP and OIP are the input and the output information path, IOC is their contrast.
"""
