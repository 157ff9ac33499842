"""Table IV: the original model and its compressed version."""

from __future__ import annotations

from dataclasses import replace

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.model_rows import models_table
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a model; a note has the neurons (the paper: 10% fewer)."""
    made = models_table(inputs, published, "4", "The original and the compressed model")
    fewer = [
        f"{m['neurons']:,} of {m['neurons_before']:,} ({1 - m['neurons'] / m['neurons_before']:.1%} fewer)"
        for m in (item.artifact.metrics for item in inputs.artifacts)
        if "neurons_before" in m
    ]
    note = f"Neurons of the compressed model: {', '.join(fewer)}; the paper: 10% fewer."
    return replace(made, notes=[*made.notes, note])
