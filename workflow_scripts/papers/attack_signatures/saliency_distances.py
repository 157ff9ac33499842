"""Are the attacks' saliency profiles different? Distances against their distribution under random swaps."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import STUDY, only_dataset
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.names import display_name
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool

SHOWN = {"distance": "distance", "permuted": "permuted", "high": "permuted_high", "p_value": "p_value"}


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a victim and pair of classes; nothing is `published`."""
    rows = []
    for item in inputs.all(measured="saliency"):
        for found in item.artifact.metrics["comparisons"]:
            cells = {column: pool([found.get(key)], found["pairs"]) for column, key in SHOWN.items()}
            pair = f"{display_name(found['first'])} – {display_name(found['second'])}"
            rows.append(Row({"victim": item.role["victim"], "pair": pair}, cells))
    return Table(
        study=STUDY,
        number=f"saliency_distances_{only_dataset(inputs)}",
        title="Distances of saliency profiles",
        caption=inputs.parameters["caption"],
        keys=(Key("victim", "Victim"), Key("pair", "Pair")),
        columns=(
            Column("distance", "Distance", 4, "σ"),
            Column("permuted", "Swapped, mean", 4, "σ"),
            Column("high", "Swapped, 97.5%", 4, "σ"),
            Column("p_value", "p", 4),
        ),
        rows=rows,
        notes=["p: share of random swaps with at least this distance.", *inputs.parameters["notes"]],
    )
