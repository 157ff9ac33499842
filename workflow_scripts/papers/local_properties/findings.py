"""The findings of the study: every claim that the paper states in words, and what was measured of it."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.findings import findings_table
from workflow_scripts.papers.local_properties import statistics
from workflow_scripts.rendering.table import Table


def table(inputs: Inputs, published: object) -> Table:
    """One row a claim; the published effects stand with the claims themselves."""
    return findings_table(inputs, statistics)
