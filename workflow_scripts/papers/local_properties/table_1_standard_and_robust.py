"""Table 1: response differences of the standard and the robust model, each under PGD against itself."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.response_differences import differences_by_seed
from workflow_scripts.papers.local_properties.response_differences_table import response_differences_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Key, Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Means over the attacked images, which are those that the model classifies correctly."""
    groups = {
        model: [
            (differences, differences.attacked)
            for differences in differences_by_seed(inputs, attack="pgd", victim=model, model=model)
        ]
        for model in ("standard", "robust")
    }
    title = "Response differences of the standard and the robust model"
    return response_differences_table(inputs, published, title, Key("model", "Model"), groups)
