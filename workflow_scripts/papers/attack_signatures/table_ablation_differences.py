"""Differences of Table 5: what each loss of REDRL adds to recognition, with intervals over images and trainings."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import TOTAL, only_dataset, published_value
from workflow_scripts.papers.attack_signatures.recognition_samples import trainings_note
from workflow_scripts.papers.attack_signatures.recognition_statistics import recognition_difference
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table

KEYS = (Key("difference", "Difference"), Key("adds", "What it adds"))
COLUMNS = (Column("effect", "Recognised", 2, "points"), Column("lower", "95% from", 2), Column("upper", "to", 2))
DIFFERENCES = (
    ("B − A", "feature loss", "ablation_b", "ablation_a"),
    ("C − A", "classification loss", "ablation_c", "ablation_a"),
    ("REDRL − B", "classification loss to the feature loss", "redrl", "ablation_b"),
    ("REDRL − C", "feature loss to the classification loss", "redrl", "ablation_c"),
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per difference, of the share of all images whose class is recognised; published: Table 5's."""
    rows, dataset = [], only_dataset(inputs)
    for name, adds, better, worse in DIFFERENCES:
        pairs = [inputs.all(name="recogniser_evaluation", recogniser=which) for which in (better, worse)]
        found = recognition_difference(inputs, list(zip(*pairs, strict=True)))
        printed = [published_value(inputs, published, which, dataset, **{"class": TOTAL}) for which in (better, worse)]
        values = {"effect": found.effect, "lower": found.lower, "upper": found.upper}
        seeds = found.seeds if found.effect is not None else 0
        cells = {key: Cell(value, None, seeds, found.samples) for key, value in values.items()}
        if None not in printed:
            cells["effect"] = Cell(found.effect, None, seeds, found.samples, printed[0] - printed[1])
        rows.append(Row({"difference": name, "adds": adds}, cells))
    trainings = len(inputs.all(name="recogniser_evaluation", recogniser="redrl"))
    return paper_table(inputs, "What the losses add", KEYS, COLUMNS, rows, [trainings_note(trainings)])
