"""The findings of the study: every claim that the paper states in words, and what was measured of it."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.findings import findings_table
from workflow_scripts.publish.local_properties import statistics
from workflow_scripts.publish.table import Table


def table(job: Job, published: object) -> Table:
    """One row a claim; the published effects stand with the claims themselves."""
    return findings_table(job, statistics)
