"""Which of the examples made against one model deceive another, for each attack."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.estimates import Estimate, cell
from workflow_scripts.papers.atlas.pairs import ATTACK_KEY, Pair, all_pairs
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.figures.accuracy_by_radius import wilson
from workflow_scripts.rendering.table import Column, Key, Row, Table

KEYS = (ATTACK_KEY, Key("victim", "Made against"), Key("model", "Shown to"))
COLUMNS = (Column("share", "Deceived", 3), Column("lower", "95% from", 3), Column("upper", "to", 3))
NOTE = (
    "The share of the examples that deceive the model they were made against which deceive the other one, of images "
    "that this one classifies correctly; shown to the same model, the attack's success. Intervals are Wilson's."
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per attack, victim and model."""
    pairs = {(pair.model, pair.attack): pair for pair in all_pairs(inputs)}
    models, rows = inputs.parameters["models"], []
    for attack in inputs.parameters["attacks"]:
        for victim in models:
            for model in models:
                found = share(deceived(pairs[model, attack], victim))
                ends = {"share": found.value, "lower": found.lower, "upper": found.upper}
                cells = {name: cell(values[0], found.images) for name, values in ends.items()}
                rows.append(Row({"attack": attack, "victim": victim, "model": model}, cells))
    return paper_table(inputs, "Transfer between models", KEYS, COLUMNS, rows, [NOTE])


def deceived(pair: Pair, victim: str) -> NDArray:
    """Whether the pair's model is deceived, bool (N,), by each example that deceives `victim`.

    Of images that the model classifies correctly; for the model itself by each of its attacked images.
    """
    if victim == pair.model:
        return pair.success
    predicted, success = (pair.arrays[f"transfer/{victim}/{name}"] for name in ("predicted", "success"))
    counted = success & ~pair.arrays["skipped"]
    return predicted[counted] != pair.arrays["label"][counted]


def share(values: NDArray) -> Estimate:
    """The share of values (N,) that are true with its Wilson interval; NaN of none."""
    if not len(values):
        return Estimate(*(np.array([np.nan]) for _ in range(3)), 0)
    lower, upper = wilson(np.array([values.sum()]), len(values))
    return Estimate(np.array([values.mean()]), lower, upper, len(values))
