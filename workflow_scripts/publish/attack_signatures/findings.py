"""The claims that the paper states in words."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.attack_signatures import statistics
from workflow_scripts.publish.findings import findings_table
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Table


def table(job: Job, published: PublishedTable) -> Table:
    """One row a claim."""
    return findings_table(job, statistics)
