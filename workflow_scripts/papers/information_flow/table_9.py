"""Table IX: OIP distance from normal inputs, by the model attacked and the model that looks."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.attack_rows import grouped
from workflow_scripts.papers.information_flow.distances import INTERVAL, INTERVAL_NOTE, distance_cells
from workflow_scripts.papers.information_flow.groups import only
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row an inference model and target; inputs that succeed against every model."""
    rows = []
    for (model, target), made in grouped(inputs, "model", "target").items():
        if target:
            keys = {"inference": model, "target": target}
            pairs = [(only(inputs, model=model, attack="normal", seed=item.role["seed"]), item) for item in made]
            value = published.lookup(keys, "oip_distance")
            rows.append(Row(keys, distance_cells(pairs, "oip", value, name="oip_distance")))
    return Table(
        study="information_flow",
        number=inputs.parameters["name"].removeprefix("table_"),
        title="OIP distance across models",
        caption=inputs.parameters["caption"],
        keys=(Key("inference", "Inference model"), Key("target", "Target")),
        columns=(Column("oip_distance", "OIP distance", 4, "nats"), *INTERVAL),
        rows=rows,
        notes=[*inputs.parameters["notes"], INTERVAL_NOTE],
    )
