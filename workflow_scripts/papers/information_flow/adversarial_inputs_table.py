"""What Tables II and VIII share: distortion, confidence and success rate of each attack on each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.information_flow.roles import group_by_role, role_in_paper
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool

COLUMNS = (
    Column("distortion", "Distortion", 4),
    Column("distortion_l2", "Distortion (L2)", 4),
    Column("confidence", "Confidence", 4),
    Column("success_rate", "Success rate", 4),
)
NORM_KEY = Key("norm", "Norm")
MODEL_KEY, ATTACK_KEY = Key("model", "Model (target)"), Key("attack", "Attack")
METRIC_OF_NORM = {"l0": "l0", "l2": "l2_normalised", "linf": "linf_normalised"}


def adversarial_inputs_table(inputs: Inputs, published: PublishedTable, title: str, keys: Sequence[Key]) -> Table:
    """One row per attack and model; `keys` are the two in the order of print."""
    rows = []
    for values, sets in group_by_role(inputs, *(key.key for key in keys), name="adversarial_set").items():
        texts = dict(zip((key.key for key in keys), values, strict=True))
        rows.append(_row({**texts, "model": role_in_paper(inputs, texts["model"])}, sets, published))
    return paper_table(inputs, title, (*keys, NORM_KEY), COLUMNS, rows)


def _row(keys: Mapping[str, str], sets: Sequence[RoleArtifact], published: PublishedTable) -> Row:
    """One row from the adversarial sets of all training seeds; distortions are means over the successes."""
    metrics = [item.artifact.metrics for item in sets]
    norm = metrics[0]["norm"]
    metric_of_column = {
        "distortion": METRIC_OF_NORM[norm],
        "distortion_l2": "l2_normalised",
        "confidence": "confidence",
        "success_rate": "success_rate",
    }
    cells = {}
    for column, metric in metric_of_column.items():
        counted = "attacked" if column == "success_rate" else "successes"
        samples = sum(m[counted] for m in metrics)
        cells[column] = pool([m[metric] for m in metrics], samples, published.lookup(keys, column))
    return Row({**keys, "norm": norm}, cells)
