"""The controls of a study's attacks: how far they move images, and how often that alone deceives a model."""

from __future__ import annotations

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.control_measurements import controls_measured
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool
from workflow_scripts.store.artifact import Artifact

KEYS = (Key("attack", "Attack"), Key("victim", "Made against"), Key("control", "Control"))
COLUMNS = (
    Column("success", "Attack's success", 4),
    Column("control_success", "Control's success", 4),
    Column("l2", "Attack's L2", 3),
    Column("control_l2", "Control's L2", 3),
    Column("clipped", "Clipped share", 4),
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per attack, victim and control. L2 norms are means over the attacked images, in the attack's units."""
    rows: dict[tuple, list[tuple[Artifact, Artifact]]] = {}
    for item in inputs.all(name="adversarial_set"):
        victim = item.role.get("victim", item.role.get("model", ""))
        for kind, control in controls_measured(inputs, item.role).items():
            rows.setdefault((item.role["attack"], victim, kind), []).append((item.artifact, control))
    keys = [key.key for key in KEYS]
    made = [Row(dict(zip(keys, names, strict=True)), cells(pairs)) for names, pairs in rows.items()]
    return paper_table(inputs, "Controls of the attacks", KEYS, COLUMNS, made)


def cells(pairs: list[tuple[Artifact, Artifact]]) -> dict[str, Cell]:
    """The cells of one attack and control, over its training seeds."""
    images = sum(control.metrics["attacked"] for _, control in pairs)
    return {
        "success": pool([attack.metrics["success_rate"] for attack, _ in pairs], images),
        "control_success": pool([control.metrics["success_rate"] for _, control in pairs], images),
        "l2": pool([mean_l2(attack) for attack, _ in pairs], images),
        "control_l2": pool([mean_l2(control) for _, control in pairs], images),
        "clipped": pool([control.metrics["clipped"] for _, control in pairs], images),
    }


def mean_l2(adversarial_set: Artifact) -> float | None:
    """The mean L2 norm over the images that were attacked, whether with success or not."""
    columns = read_columns(adversarial_set.file(FILE), ("l2", "skipped"))
    moved = columns["l2"][~columns["skipped"]]
    return float(moved.mean()) if len(moved) else None
