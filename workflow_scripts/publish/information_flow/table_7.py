"""Table VII: accuracy and size of the models."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.information_flow.model_rows import models_table
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Table


def table(job: Job, published: PublishedTable) -> Table:
    """One row a model."""
    return models_table(job, published, "7", "Models")
