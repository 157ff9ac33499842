"""Table 1: response differences of the standard and the robust model, each under PGD against itself."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.local_properties.measured import responses_of
from workflow_scripts.publish.local_properties.response_rows import response_table
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Key, Table


def table(job: Job, published: PublishedTable) -> Table:
    """Means over the images that the model gets right, which are those that were attacked."""
    groups = {
        model: [(found, found.attacked) for found in responses_of(job, attack="pgd", victim=model, model=model)]
        for model in ("standard", "robust")
    }
    title = "Response differences of the standard and the robust model"
    return response_table(job, published, "1", title, Key("model", "Model"), groups)
