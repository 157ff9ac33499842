"""Saliency of filters and pixels (attack_signatures paper, section 5, after Levin et al. 2021).

`filter_saliency(model, x, y)` is the parameter saliency per image and filter. `Moments` collects its mean and deviation
on clean images; with these, once `floored_deviation` has bounded the weight of nearly dead filters, `standardised`
scores it. `sorted_within_layers` makes profiles of the scores, `layer_means` and `depth_centroid` summarise them,
`paired_permutation_test` compares two attacks' profiles. `input_saliency` is the saliency of pixels, `heat_map` what is
drawn of it. `region_overlap` compares the `salient_region` of two maps. `match_losses`
pairs images of two groups by their loss.
"""

from workflow_scripts.analysis.public_names import lazy_names

_MODULES = {
    "Boost": "input_space",
    "Moments": "moments",
    "depth_centroid": "profiles",
    "divided_by_mean": "profiles",
    "filter_counts": "filters",
    "filter_saliency": "filters",
    "floored_deviation": "moments",
    "heat_map": "input_space",
    "input_saliency": "input_space",
    "layer_means": "profiles",
    "match_losses": "matching",
    "paired_permutation_test": "comparison",
    "region_overlap": "regions",
    "salient_region": "regions",
    "sorted_within_layers": "profiles",
    "standardised": "profiles",
}
__all__ = [*_MODULES]
__getattr__ = lazy_names(__name__, _MODULES)
