"""What the way through 8 bits changes: accuracy that is left, and recognition."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import (
    CLASS_KEY,
    CLEAN,
    RECOGNISERS,
    STUDY,
    TOTAL,
    classes_of,
    only_dataset,
    percent,
    robust_accuracies,
    share,
)
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a quantisation and class (and the total), the paper's way among them; nothing is `published`."""
    items = [item for item in inputs.artifacts if "recogniser" not in item.role]
    ways = list(dict.fromkeys(row["quantisation"] for item in items for row in item.artifact.metrics["sets"]))
    rows = []
    for way in ways:
        measured = robust_accuracies(items, way)
        for position, name in enumerate([*classes_of(inputs), TOTAL]):
            own = [row for row in measured if name in (TOTAL, row["class"])]
            empty = pool([])
            cells = {
                "robust_accuracy": empty if name == CLEAN else share(own, "right", "images"),
                "success": empty if name == CLEAN else share(own, "successes", "attacked"),
            }
            for variant in ("image", "redrl"):
                metrics = [i.artifact.metrics for i in inputs.all(recogniser=variant, quantisation=way)]
                found = [m["total"] if name == TOTAL else m["recalls"][position] for m in metrics]
                cells[variant] = pool(percent(found))
            rows.append(Row({"quantisation": way, "class": name}, cells))
    return Table(
        study=STUDY,
        number=f"quantisation_{only_dataset(inputs)}",
        title="Ways through 8 bits",
        caption=inputs.parameters["caption"],
        keys=(Key("quantisation", "Quantisation"), CLASS_KEY),
        columns=(
            Column("robust_accuracy", "Accuracy left", 1, "%"),
            Column("success", "Success rate", 1, "%"),
            *(Column(name, f"Recognised from {RECOGNISERS[name]}", 1, "%") for name in ("image", "redrl")),
        ),
        rows=rows,
        notes=["The total of accuracy and success is over attacked images alone.", *inputs.parameters["notes"]],
    )
