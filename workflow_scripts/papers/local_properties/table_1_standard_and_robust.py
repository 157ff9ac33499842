"""Table 1: response differences of the standard and the robust model, each under PGD against itself."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.response_differences import standard_and_robust
from workflow_scripts.papers.local_properties.response_differences_table import response_differences_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Key, Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Means over the images that both attacks started from: the same for both models, and as in Tables 3 and 5."""
    by_seed = standard_and_robust(inputs)
    groups = {
        "standard": [(standard, common) for standard, _, common in by_seed],
        "robust": [(robust, common) for _, robust, common in by_seed],
    }
    title = "Response differences of the standard and the robust model"
    return response_differences_table(inputs, published, title, Key("model", "Model"), groups)
