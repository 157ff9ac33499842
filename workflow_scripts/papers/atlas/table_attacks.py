"""What each attack reaches on each model, and at what cost, beside its controls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.comparison.optimality import local_optimality, reach
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.distances import attack_distances, best_of, of_minimum_norm, own_norm
from workflow_scripts.papers.atlas.estimates import VALUE_KEY, Estimate, cell, estimate, interval_rows
from workflow_scripts.papers.atlas.measures import means
from workflow_scripts.papers.atlas.pairs import ATTACK, PAIR_KEYS, Pair, all_pairs, pair_keys
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Row, Table

KEYS = (*PAIR_KEYS, VALUE_KEY)
SUCCESS = (Column("success", "Success", 4),)
SIZES = (
    Column("l0", "Values changed", 4, optional=True),
    Column("l2", "L2", 4, optional=True),
    Column("linf", "L∞", 4, optional=True),
    Column("confidence", "Confidence", 4, optional=True),
)
COSTS = (
    Column("forwards", "Forward passes", 1, optional=True),
    Column("backwards", "Backward passes", 1, optional=True),
)
OPTIMALITY = (Column("optimality", "Local optimality", 4, optional=True),)
SECONDS = Column("seconds", "Seconds", 1, optional=True)
COLUMNS = (*SUCCESS, *SIZES, *COSTS, *OPTIMALITY, SECONDS)
NOTE = (
    "Norms, for pixels in [0, 1], and the confidence in the prediction are means over the images that the attack "
    "deceives the model on, those of controls over the same images; passes are means over the attacked images, and "
    "seconds are of the job that made the set, loading included. Local optimality (AttackBench): 1 where the attack "
    "has the smallest distance of all attacks on every image, 0 where it never deceives the model; of attacks whose "
    "distances, in the norm that they report, differ from image to image."
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Rows by model, attack and perturbation."""
    pairs = all_pairs(inputs)
    rows: list[Row] = []
    for pair in pairs:
        rivals = [other for other in pairs if other.model == pair.model]
        for perturbation in pair.perturbations:
            rows += perturbation_rows(pair, perturbation, rivals)
    return paper_table(inputs, "Attacks beside their controls", KEYS, COLUMNS, rows, [NOTE])


def perturbation_rows(pair: Pair, perturbation: str, rivals: Sequence[Pair]) -> list[Row]:
    """The value and the interval's ends of every column; costs and optimality are of attacks alone."""
    columns, deceived = pair.set_columns(perturbation), pair.success
    sizes = [*(columns[name] for name in ("l0", "l2", "linf")), pair.values(perturbation, "confidence")]
    parts = [
        (SUCCESS, estimate(means(columns["success"]), pair.weights)),
        (SIZES, estimate(means(np.stack(sizes, axis=1)[deceived]), pair.weights[deceived])),
    ]
    seconds = float("nan")
    if perturbation == ATTACK:
        costs = np.stack([columns["forwards"], columns["backwards"]], axis=1)
        parts += [(COSTS, estimate(means(costs), pair.weights)), (OPTIMALITY, optimality(pair, rivals))]
        seconds = float(pair.sets[ATTACK].manifest["run"]["seconds"])
    made = [interval_rows(pair_keys(pair, perturbation), names, found, "mean") for names, found in parts]
    rows = []
    for place, same in enumerate(zip(*made, strict=True)):
        cells: dict[str, Cell] = dict.fromkeys((column.key for column in COLUMNS), Cell())
        for row in same:
            cells |= row.cells
        cells[SECONDS.key] = cell(seconds if place == 0 else float("nan"), len(pair.arrays["index"]))
        rows.append(Row(same[0].keys, cells))
    return rows


def optimality(pair: Pair, rivals: Sequence[Pair]) -> Estimate:
    """Local optimality among the attacks on the same model; NaN for an attack with a fixed budget.

    The end of the best attack's curve is that of all images, in every resample.
    """
    norm = own_norm(pair)
    distances = attack_distances(pair, norm)
    if not of_minimum_norm(distances):
        return Estimate(*(np.array([np.nan]) for _ in range(3)), len(pair.rows))
    best = best_of(rivals, norm)
    until = reach(best)

    def statistic(weights: NDArray) -> NDArray:
        return local_optimality(distances, best, until, weights)

    return estimate(statistic, pair.weights)
