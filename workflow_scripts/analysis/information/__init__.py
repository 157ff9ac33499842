"""Information flow: mutual information of feature maps; `paths` has information paths, `aggregate` their aggregates.

Importing this package imports neither torch nor numba; each function imports what it needs when called.
"""

from workflow_scripts.analysis.information.buckets import bucket_ids
from workflow_scripts.analysis.information.mutual_information import mutual_information, mutual_information_batch

__all__ = ["bucket_ids", "mutual_information", "mutual_information_batch"]
