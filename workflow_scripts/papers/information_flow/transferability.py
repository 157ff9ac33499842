"""Q5's comparison: OIP distance from normal inputs of what transfers and of what does not."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.attack_rows import grouped
from workflow_scripts.papers.information_flow.distances import INTERVAL, INTERVAL_NOTE, distance_cells
from workflow_scripts.papers.information_flow.groups import only
from workflow_scripts.papers.information_flow.path_groups import ENOUGH
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table

NOTE = f"Of fewer than {ENOUGH} inputs no distance is given: their aggregated path may be a constant."


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row an attack, inference model, target and outcome; the paper prints no such numbers."""
    rows = []
    for (attack, model, target, subset), made in grouped(inputs, "attack", "model", "target", "subset").items():
        if target:
            keys = {"attack": attack, "inference": model, "target": target, "outcome": subset}
            pairs = [(only(inputs, model=model, attack="normal", seed=item.role["seed"]), item) for item in made]
            value = published.lookup(keys, "oip_distance")
            rows.append(Row(keys, distance_cells(pairs, "oip", value, "oip_distance", ENOUGH)))
    return Table(
        study="information_flow",
        number="transferability",
        title="OIP distance of transferable inputs",
        caption=inputs.parameters["caption"],
        keys=(
            Key("attack", "Attack"),
            Key("inference", "Inference model"),
            Key("target", "Target"),
            Key("outcome", "Outcome"),
        ),
        columns=(Column("oip_distance", "OIP distance", 4, "nats"), *INTERVAL),
        rows=rows,
        notes=[*inputs.parameters["notes"], NOTE, INTERVAL_NOTE],
    )
