"""Table VII: accuracy and size of the models."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.models_table import models_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per model."""
    return models_table(inputs, published, "Models")
