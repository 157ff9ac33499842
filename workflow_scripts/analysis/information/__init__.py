"""Information flow: mutual information of feature maps and information paths (information_flow paper, section III).

`mutual_information(a, b)` compares all pairs of maps of one image, `information_paths(layer_maps, source)` gives the
input and output information paths of a batch, `aggregate_paths(paths)` the aggregated path of similar inputs, and
`path_distance`, `bootstrap_distance` compare paths. `expected_mutual_information` is what maps share by chance,
`chance_corrected_paths` the paths beyond it.

Importing this package imports neither torch nor numba; each function imports what it needs when called.
"""

from workflow_scripts.analysis.information.buckets import bucket_ids
from workflow_scripts.analysis.information.mutual_information import mutual_information, mutual_information_batch
from workflow_scripts.analysis.public_names import lazy_names

_MODULES = {
    "aggregate_paths": "aggregate",
    "bootstrap_distance": "paths",
    "chance_corrected_paths": "chance_correction",
    "expected_mutual_information": "expected_information",
    "expected_mutual_information_batch": "expected_information",
    "information_paths": "paths",
    "mi_matrices": "paths",
    "path_distance": "paths",
    "stream_information_paths": "streaming",
}
__all__ = ["bucket_ids", "mutual_information", "mutual_information_batch", *_MODULES]
__getattr__ = lazy_names(__name__, _MODULES)
