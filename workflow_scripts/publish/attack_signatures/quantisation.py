"""What the way through 8 bits changes: accuracy that is left, and recognition."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.attack_signatures.rows import (
    CLASS_KEY,
    CLEAN,
    RECOGNISERS,
    STUDY,
    TOTAL,
    classes_of,
    leftovers,
    only_dataset,
    percent,
    share,
)
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Column, Key, Row, Table, pool


def table(job: Job, published: PublishedTable) -> Table:
    """One row a quantisation and class (and the total), the paper's way among them; nothing is `published`."""
    items = [item for item in job.inputs if "recogniser" not in item.role]
    ways = list(dict.fromkeys(row["quantisation"] for item in items for row in item.artifact.metrics["sets"]))
    rows = []
    for way in ways:
        measured = leftovers(items, way)
        for position, name in enumerate([*classes_of(job), TOTAL]):
            own = [row for row in measured if name in (TOTAL, row["class"])]
            empty = pool([])
            cells = {
                "leftover": empty if name == CLEAN else share(own, "right", "images"),
                "success": empty if name == CLEAN else share(own, "successes", "attacked"),
            }
            for variant in ("image", "redrl"):
                metrics = [i.artifact.metrics for i in job.all(recogniser=variant, quantisation=way)]
                found = [m["total"] if name == TOTAL else m["recalls"][position] for m in metrics]
                cells[variant] = pool(percent(found))
            rows.append(Row({"quantisation": way, "class": name}, cells))
    return Table(
        study=STUDY,
        number=f"quantisation_{only_dataset(job)}",
        title="Ways through 8 bits",
        caption=job.parameters["caption"],
        keys=(Key("quantisation", "Quantisation"), CLASS_KEY),
        columns=(
            Column("leftover", "Accuracy left", 1, "%"),
            Column("success", "Success rate", 1, "%"),
            *(Column(name, f"Recognised from {RECOGNISERS[name]}", 1, "%") for name in ("image", "redrl")),
        ),
        rows=rows,
        notes=["The total of accuracy and success is over attacked images alone.", *job.parameters["notes"]],
    )
