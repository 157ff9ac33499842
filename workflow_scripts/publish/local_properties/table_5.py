"""Table 5: original and transferred adversarial examples in the standard model."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.local_properties.transferred import transfer_table
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Table


def table(job: Job, published: PublishedTable) -> Table:
    """Both by PGD; the transferred ones were made against the other model."""
    return transfer_table(job, published, "5", "standard")
