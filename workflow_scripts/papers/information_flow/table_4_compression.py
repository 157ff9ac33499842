"""Table IV: the original model and its compressed version."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.models_table import models_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per model; a note gives the number of neurons (in the paper 10% fewer)."""
    reductions = [
        f"{m['neurons']:,} of {m['neurons_before']:,} ({1 - m['neurons'] / m['neurons_before']:.1%} fewer)"
        for m in (item.artifact.metrics for item in inputs.artifacts)
        if "neurons_before" in m
    ]
    note = f"Neurons of the compressed model: {', '.join(reductions)}; the paper: 10% fewer."
    return models_table(inputs, published, "The original and the compressed model", [note])
