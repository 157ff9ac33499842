"""What Tables 3 and 5 share: a model's own adversarial examples beside those made against the other model."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.response_differences import own_and_transferred
from workflow_scripts.papers.local_properties.response_differences_table import response_differences_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Key, Table


def original_and_transferred_table(inputs: Inputs, published: PublishedTable, model: str) -> Table:
    """Means over the images that both attacks started from."""
    by_seed = own_and_transferred(inputs, model)
    groups = {
        "original": [(original, both) for original, _, both in by_seed],
        "transferred": [(transferred, both) for _, transferred, both in by_seed],
    }
    title = f"Response differences of original and transferred adversarial examples in the {model} model"
    return response_differences_table(inputs, published, title, Key("examples", "Examples"), groups)
