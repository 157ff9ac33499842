"""Table 2: response differences of successful and failed FGSM attacks on the standard model."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.response_differences_table import response_differences_table
from workflow_scripts.papers.local_properties.successful_and_failed_groups import (
    OUTCOME_KEY,
    successful_and_failed_groups,
)
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """FGSM as in the paper, since PGD hardly ever fails on the standard model (footnote to section 4.3)."""
    groups = successful_and_failed_groups(inputs, "fgsm", "standard")
    title = "Response differences of successful and failed attacks on the standard model"
    return response_differences_table(inputs, published, title, OUTCOME_KEY, groups)
