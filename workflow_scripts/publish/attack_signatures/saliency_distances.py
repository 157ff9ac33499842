"""Are the attacks' saliency profiles different? Distances against their distribution under random swaps."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish import display_name
from workflow_scripts.publish.attack_signatures.rows import STUDY, only_dataset
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Column, Key, Row, Table, pool

SHOWN = {"distance": "distance", "permuted": "permuted", "high": "permuted_high", "p_value": "p_value"}


def table(job: Job, published: PublishedTable) -> Table:
    """One row a victim and pair of classes; nothing is `published`."""
    rows = []
    for item in job.all(measured="saliency"):
        for found in item.artifact.metrics["comparisons"]:
            cells = {column: pool([found.get(key)], found["pairs"]) for column, key in SHOWN.items()}
            pair = f"{display_name(found['first'])} – {display_name(found['second'])}"
            rows.append(Row({"victim": item.role["victim"], "pair": pair}, cells))
    return Table(
        study=STUDY,
        number=f"saliency_distances_{only_dataset(job)}",
        title="Distances of saliency profiles",
        caption=job.parameters["caption"],
        keys=(Key("victim", "Victim"), Key("pair", "Pair")),
        columns=(
            Column("distance", "Distance", 4, "σ"),
            Column("permuted", "Swapped, mean", 4, "σ"),
            Column("high", "Swapped, 97.5%", 4, "σ"),
            Column("p_value", "p", 4),
        ),
        rows=rows,
        notes=["p: share of random swaps with at least this distance.", *job.parameters["notes"]],
    )
