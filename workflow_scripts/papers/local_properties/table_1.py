"""Table 1: response differences of the standard and the robust model, each under PGD against itself."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.measured import responses_of
from workflow_scripts.papers.local_properties.response_rows import response_table
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Key, Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Means over the images that the model gets right, which are those that were attacked."""
    groups = {
        model: [(found, found.attacked) for found in responses_of(inputs, attack="pgd", victim=model, model=model)]
        for model in ("standard", "robust")
    }
    title = "Response differences of the standard and the robust model"
    return response_table(inputs, published, "1", title, Key("model", "Model"), groups)
