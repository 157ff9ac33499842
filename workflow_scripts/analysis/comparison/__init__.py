"""Comparison of attacks and models: which act alike, by all analyses together.

`at_relative_depths` brings networks of different depth to one scale. `fingerprint(measures)` is one vector of 48
numbers for a model under an attack, `in_deviations` gives several in units of their noise, `fingerprint_distances`
compares them, `average_linkage` and `classical_scaling` order and map them, and `permanova` says how much of their
differences a factor explains. `local_optimality` compares the distances that attacks need, image by image.
"""

from workflow_scripts.analysis.public_names import lazy_names

_MODULES = {
    "Explained": "variance",
    "Measures": "fingerprints",
    "at_relative_depths": "depths",
    "average_linkage": "ordering",
    "best_distances": "optimality",
    "classical_scaling": "ordering",
    "explained_shares": "variance",
    "fingerprint": "fingerprints",
    "fingerprint_distances": "fingerprints",
    "in_deviations": "fingerprints",
    "local_optimality": "optimality",
    "permanova": "variance",
    "reach": "optimality",
    "relative_depths": "depths",
    "split_half_deviation": "fingerprints",
    "success_within": "optimality",
    "weighted_means": "means",
}
__all__ = [*_MODULES]
__getattr__ = lazy_names(__name__, _MODULES)
