"""The columns that Tables II and VIII share: distortion, confidence and success rate of an attack on a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.published import PublishedTable
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


def grouped(inputs: Inputs, *names: str) -> dict[tuple[str, ...], list[RoleArtifact]]:
    """The inputs whose roles have all these entries, by the entries' values, in the recipe's order."""
    groups: dict[tuple[str, ...], list[RoleArtifact]] = {}
    for item in inputs.artifacts:
        if all(name in item.role for name in names):
            groups.setdefault(tuple(item.role[name] for name in names), []).append(item)
    return groups


def role_of(inputs: Inputs, model: str) -> str:
    """The part that a model plays in the paper's table (original, compressed), or its name where it plays none."""
    return inputs.parameters["roles"].get(model, model)


def attack_row(keys: Mapping[str, str], sets: Sequence[RoleArtifact], published: PublishedTable) -> Row:
    """One row from the sets of all training seeds; distortions are means over the successes."""
    metrics = [item.artifact.metrics for item in sets]
    norm = metrics[0]["norm"]
    sources = {
        "distortion": METRIC_OF_NORM[norm],
        "distortion_l2": "l2_normalised",
        "confidence": "confidence",
        "success_rate": "success_rate",
    }
    cells = {}
    for column, metric in sources.items():
        counted = "attacked" if column == "success_rate" else "successes"
        samples = sum(m[counted] for m in metrics)
        cells[column] = pool([m[metric] for m in metrics], samples, published.lookup(keys, column))
    return Row({**keys, "norm": norm}, cells)


def attacks_table(inputs: Inputs, published: PublishedTable, number: str, title: str, names: Sequence[Key]) -> Table:
    """A row a combination of `names` (model and attack, in the order of print), in the recipe's order."""
    rows = []
    for values, sets in grouped(inputs, *(key.key for key in names)).items():
        keys = {key.key: value for key, value in zip(names, values, strict=True)}
        rows.append(attack_row({**keys, "model": role_of(inputs, keys["model"])}, sets, published))
    return Table(
        study="information_flow",
        number=number,
        title=title,
        caption=inputs.parameters["caption"],
        keys=(*names, NORM_KEY),
        columns=COLUMNS,
        rows=rows,
        notes=inputs.parameters["notes"],
    )
