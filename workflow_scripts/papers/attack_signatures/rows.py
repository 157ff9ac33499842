"""How this study's tables find their inputs and name their rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

STUDY = "attack_signatures"
CLEAN, TOTAL = "clean", "total"
CLASS_KEY = Key("class", "Class")
ARCHITECTURES = {
    "resnet50": "ResNet50",
    "resnext50_32x4d": "ResNext50",
    "densenet121": "DenseNet121",
    "vgg19_bn": "VGG19",
}
RECOGNISERS = {
    "image": "I_adv",
    "perturbation": "(δ, I_adv)",
    "redrl": "(I_r, I_adv)",
    "ablation_a": "A",
    "ablation_b": "B",
    "ablation_c": "C",
}


def attack_classes(inputs: Inputs) -> dict[str, list[str]]:
    """The attacks' classes in order, with the configurations that belong to each."""
    return dict(inputs.parameters["classes"])


def papers_of(inputs: Inputs) -> dict[str, str | None]:
    """The data sets in order, with the one of the paper that each stands for, if any."""
    return dict(inputs.parameters["papers"])


def victims_of(inputs: Inputs) -> dict[str, list[str]]:
    """The data sets in order, with the names of their victims."""
    return dict(inputs.parameters["victims"])


def classes_of(inputs: Inputs) -> list[str]:
    """The classes that are told apart, the clean images' first."""
    return [CLEAN, *attack_classes(inputs)]


def only_dataset(inputs: Inputs) -> str:
    """The data set of a table that is about one."""
    (dataset,) = papers_of(inputs)
    return dataset


def paper_value(inputs: Inputs, published: PublishedTable, column: str, dataset: str, **keys: str) -> float | None:
    """The published value for the data set of the paper that stands for `dataset`; None where there is none.

    `architecture` is given as the victim's name.
    """
    paper = papers_of(inputs)[dataset]
    if paper is None:
        return None
    if "architecture" in keys:
        keys["architecture"] = inputs.parameters["architectures"][keys["architecture"]]
    return published.lookup({"dataset": paper, **keys}, column)


def percent(values: Iterable[float | None]) -> list[float | None]:
    return [None if value is None else 100 * value for value in values]


def recognition_table(
    inputs: Inputs, published: PublishedTable, variants: Mapping[str, str], number: str, title: str
) -> Table:
    """Tables 3 and 5: a row a class and the total, a column a recogniser (`variants`: its name → the column's)."""
    dataset = only_dataset(inputs)
    rows = []
    for position, name in enumerate([*classes_of(inputs), TOTAL]):
        cells = {}
        for variant in variants:
            metrics = [item.artifact.metrics for item in inputs.all(recogniser=variant)]
            shares = [m["total"] if name == TOTAL else m["recalls"][position] for m in metrics]
            counts = [
                sum(map(sum, m["confusion"])) if name == TOTAL else sum(m["confusion"][position]) for m in metrics
            ]
            given = paper_value(inputs, published, variant, dataset, **{"class": name})
            cells[variant] = pool(percent(shares), sum(counts), given)
        rows.append(Row({"class": name}, cells))
    return Table(
        study=STUDY,
        number=number,
        title=title,
        caption=inputs.parameters["caption"],
        keys=(CLASS_KEY,),
        columns=[Column(variant, header, 1, "%") for variant, header in variants.items()],
        rows=rows,
        notes=[*inputs.parameters["notes"], *trained_notes(inputs)],
    )


def trained_notes(inputs: Inputs) -> list[str]:
    """What the feature loss compared, and what was recognised."""
    made = [item.artifact.metrics for item in inputs.artifacts if "trained" in item.role]
    notes = ["Images that a victim gets wrong before an attack show none and are left out."]
    if made and made[0]["perception"]:
        layers = sorted(set(made[0]["victims_layers"]))
        where = f" ({', '.join(layers)})" if layers else ""
        notes.append(f"Features of the feature loss: {made[0]['perception']}{where}.")
    return notes


def robust_accuracies(items: Iterable[RoleArtifact], quantisation: str) -> list[dict]:
    """The rows of robust_accuracy.csv, of all victims, for one quantisation."""
    return [row for item in items for row in item.artifact.metrics["sets"] if row["quantisation"] == quantisation]


def share(rows: Iterable[dict], part: str, whole: str) -> Cell:
    """Σ part / Σ whole in percent."""
    rows = list(rows)
    count = sum(row[whole] for row in rows)
    return pool([100 * sum(row[part] for row in rows) / count if count else None], count)


def mean_of_successes(rows: Iterable[dict], name: str, factor: float = 1.0) -> Cell:
    """The mean of a distance over all successes, however many each set has."""
    known = [row for row in rows if row["successes"]]
    count = sum(row["successes"] for row in known)
    total = sum(row["successes"] * row[name] for row in known)
    return pool([factor * total / count if count else None], count)
