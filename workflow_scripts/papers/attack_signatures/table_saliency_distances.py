"""Distances between the attacks' saliency profiles, against their distribution under random swaps."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.saliency_samples import raised_deviations_note
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.names import display_name
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool

METRICS = {"distance": "distance", "permuted": "permuted", "high": "permuted_high", "p_value": "p_value"}
COLUMNS = (
    Column("distance", "Distance", 4, "σ"),
    Column("permuted", "Swapped, mean", 4, "σ"),
    Column("high", "Swapped, 97.5%", 4, "σ"),
    Column("p_value", "p", 4),
)
NOTE = "p: share of random swaps with at least this distance."


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per victim and pair of classes; the paper has no such table."""
    rows, items = [], inputs.all(name="saliency")
    for item in items:
        for comparison in item.artifact.metrics["comparisons"]:
            cells = {column: pool([comparison.get(key)], comparison["pairs"]) for column, key in METRICS.items()}
            pair = f"{display_name(comparison['first'])} – {display_name(comparison['second'])}"
            rows.append(Row({"victim": item.role["victim"], "pair": pair}, cells))
    keys = (Key("victim", "Victim"), Key("pair", "Pair"))
    return paper_table(
        inputs, "Distances of saliency profiles", keys, COLUMNS, rows, [NOTE, raised_deviations_note(items)]
    )
