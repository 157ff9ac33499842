"""The paper's claims in words, and what was measured of each."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.findings import findings_table
from workflow_scripts.papers.information_flow import statistics
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a claim."""
    return findings_table(inputs, statistics)
