"""Table 2: response differences of successful and failed FGSM attacks on the standard model."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.local_properties.measured import outcomes, responses_of
from workflow_scripts.publish.local_properties.response_rows import response_table
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Key, Table


def table(job: Job, published: PublishedTable) -> Table:
    """PGD hardly fails on the standard model, so that the paper shows FGSM (footnote to section 4.3)."""
    measured = responses_of(job, attack="fgsm", victim="standard", model="standard")
    groups = {
        outcome: [(found, outcomes(found)[outcome]) for found in measured] for outcome in ("successful", "failed")
    }
    title = "Response differences of successful and failed attacks on the standard model"
    return response_table(job, published, "2", title, Key("outcome", "Attack"), groups)
