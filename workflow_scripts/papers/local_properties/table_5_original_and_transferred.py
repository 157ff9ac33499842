"""Table 5: original and transferred adversarial examples in the standard model."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.original_and_transferred_table import (
    original_and_transferred_table,
)
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Both by PGD; the transferred ones were made against the other model."""
    return original_and_transferred_table(inputs, published, "standard")
