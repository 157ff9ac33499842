"""Table IV: the original model and its compressed version."""

from __future__ import annotations

from dataclasses import replace

from workflow_scripts.job import Job
from workflow_scripts.publish.information_flow.model_rows import models_table
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Table


def table(job: Job, published: PublishedTable) -> Table:
    """One row a model; a note has the neurons (the paper: 10% fewer)."""
    made = models_table(job, published, "4", "The original and the compressed model")
    fewer = [
        f"{m['neurons']:,} of {m['neurons_before']:,} ({1 - m['neurons'] / m['neurons_before']:.1%} fewer)"
        for m in (item.artifact.metrics for item in job.inputs)
        if "neurons_before" in m
    ]
    note = f"Neurons of the compressed model: {', '.join(fewer)}; the paper: 10% fewer."
    return replace(made, notes=[*made.notes, note])
