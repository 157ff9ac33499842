"""Table 2: response differences of successful and failed FGSM attacks on the standard model."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.measured import outcomes, responses_of
from workflow_scripts.papers.local_properties.response_rows import response_table
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Key, Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """PGD hardly fails on the standard model, so that the paper shows FGSM (footnote to section 4.3)."""
    measured = responses_of(inputs, attack="fgsm", victim="standard", model="standard")
    groups = {
        outcome: [(found, outcomes(found)[outcome]) for found in measured] for outcome in ("successful", "failed")
    }
    title = "Response differences of successful and failed attacks on the standard model"
    return response_table(inputs, published, "2", title, Key("outcome", "Attack"), groups)
