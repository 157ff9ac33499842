"""Distances between the saliency profiles that attacks leave in the same model."""

from __future__ import annotations

import itertools

import numpy as np

from workflow_scripts.analysis.saliency.comparison import paired_permutation_test
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.estimates import cell
from workflow_scripts.papers.atlas.pairs import ATTACK, MODEL_KEY, Pair, all_pairs
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table

KEYS = (MODEL_KEY, Key("first", "Attack"), Key("second", "and"))
COLUMNS = (
    Column("distance", "Distance", 4, "σ"),
    Column("permuted", "Swapped, mean", 4, "σ"),
    Column("high", "Swapped, 97.5%", 4, "σ"),
    Column("p_value", "p", 4),
)
PERMUTATIONS = 999
NOTE = (
    "Distance: root mean square, over the convolutions, of the difference of the attacks' mean profiles; swapped: its "
    "distribution where the two profiles of each image are swapped at random; p: share of swaps with at least this "
    "distance."
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per model and pair: two attacks, or an attack and one of its controls."""
    pairs = all_pairs(inputs)
    rows = []
    for model in inputs.parameters["models"]:
        own = [pair for pair in pairs if pair.model == model]
        compared = [(pair, ATTACK, pair, control) for pair in own for control in pair.controls]
        compared += [(first, ATTACK, second, ATTACK) for first, second in itertools.combinations(own, 2)]
        rows += [row(*each) for each in compared]
    return paper_table(inputs, "Distances of saliency profiles", KEYS, COLUMNS, rows, [NOTE])


def row(first: Pair, perturbation: str, second: Pair, other: str) -> Row:
    """The distance of two perturbations' profiles on the images that both were made from."""
    _, own, others = np.intersect1d(first.index, second.index, return_indices=True)
    profiles = first.values(perturbation, "salience")[own], second.values(other, "salience")[others]
    values = dict.fromkeys((column.key for column in COLUMNS), float("nan"))
    if len(own):
        found = paired_permutation_test([profiles], PERMUTATIONS, 0)
        high = float(np.quantile(found.permuted, 0.975))
        values = {"distance": found.distance, "permuted": found.permuted.mean(), "high": high, "p_value": found.p_value}
    text = second.attack if other == ATTACK else f"{other} ({second.attack})"
    keys = {"model": first.model, "first": first.attack, "second": text}
    return Row(keys, {name: cell(value, len(own)) for name, value in values.items()})
