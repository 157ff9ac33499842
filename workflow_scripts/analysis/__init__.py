"""The papers' analyses: one package per analysis, from arrays and modules to arrays, for use in a notebook too.

information: mutual information and information paths (information_flow paper). responses: differences of local
responses; spectrum: frequencies (local_properties paper). recognition: recognising attacks with REDRL; saliency: of
filters and pixels (attack_signatures paper).

Each package offers its public names, and imports their modules when they are used. Within the workflow import them from
their modules: the fingerprint of a recipe's code follows the modules that import statements name.
"""
