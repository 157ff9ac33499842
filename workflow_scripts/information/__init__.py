"""Information flow: mutual information of feature maps, information paths and their aggregates.

Importing this package imports neither torch nor numba nor gpytorch; each function imports what it needs
when called.
"""

from workflow_scripts.information.aggregate import AggregatedPath, GaussianProcess, aggregate_paths
from workflow_scripts.information.buckets import bucket_ids
from workflow_scripts.information.mutual_information import mutual_information, mutual_information_batch
from workflow_scripts.information.paths import (
    DistanceInterval,
    InformationPaths,
    LayerInformation,
    bootstrap_distance,
    information_paths,
    mi_matrices,
    path_distance,
)

__all__ = [
    "AggregatedPath",
    "DistanceInterval",
    "GaussianProcess",
    "InformationPaths",
    "LayerInformation",
    "aggregate_paths",
    "bootstrap_distance",
    "bucket_ids",
    "information_paths",
    "mi_matrices",
    "mutual_information",
    "mutual_information_batch",
    "path_distance",
]
