"""What Tables 3 and 5 share: a model's own adversarial examples beside those made against the other model."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.measured import own_and_transferred
from workflow_scripts.papers.local_properties.response_rows import response_table
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Key, Table


def transfer_table(inputs: Inputs, published: PublishedTable, number: str, model: str) -> Table:
    """Means over the images that both attacks started from."""
    pairs = own_and_transferred(inputs, model)
    groups = {
        "original": [(mine, both) for mine, _, both in pairs],
        "transferred": [(theirs, both) for _, theirs, both in pairs],
    }
    title = f"Response differences of original and transferred adversarial examples in the {model} model"
    return response_table(inputs, published, number, title, Key("examples", "Examples"), groups)
