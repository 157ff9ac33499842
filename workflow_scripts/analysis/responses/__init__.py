"""Differences of local responses between images and their adversarial versions (local_properties paper, section 4).

`response_differences(classifier, batches)` gives the maximum and the total difference per image and layer. Statistics
of convolution kernels: `magnitude`, `variance`, `roughness` of a weight, `perturbation_responses` of kernels to
perturbations. Of perturbations: `neighbour_correlation`, `shape_correlation`, `share_at_bound`.
"""

from workflow_scripts.analysis.public_names import lazy_names

_MODULES = {
    "equalise_means": "conv_kernels",
    "magnitude": "conv_kernels",
    "neighbour_correlation": "perturbations",
    "normalise_gain": "conv_kernels",
    "pair_differences": "differences",
    "perturbation_responses": "conv_kernels",
    "response_differences": "differences",
    "roughness": "conv_kernels",
    "shape_correlation": "perturbations",
    "share_at_bound": "perturbations",
    "spatial_weights": "conv_kernels",
    "variance": "conv_kernels",
}
__all__ = [*_MODULES]
__getattr__ = lazy_names(__name__, _MODULES)
