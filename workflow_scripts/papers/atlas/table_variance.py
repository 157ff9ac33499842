"""How much of the differences between fingerprints is the attack, and how much the model (PERMANOVA)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from workflow_scripts.analysis.comparison.variance import explained_shares, permanova
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.all_fingerprints import Fingerprints, all_fingerprints
from workflow_scripts.papers.atlas.estimates import cell, percentiles
from workflow_scripts.papers.atlas.pairs import all_pairs
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table

KEYS = (Key("factor", "Factor"),)
COLUMNS = (
    Column("r_squared", "R²", 4),
    Column("lower", "95% from", 4),
    Column("upper", "to", 4),
    Column("permuted", "Permuted", 4, optional=True),
    Column("degrees", "Degrees of freedom", 0),
    Column("f", "Pseudo-F", 3, optional=True),
    Column("p_value", "p", 4, optional=True),
)
PERMUTATIONS = 999
NOTE = (
    "R²: the factor's share of the sum of squared distances between fingerprints, beside the other factor, with its "
    f"interval over the images; permuted: its mean over {PERMUTATIONS} permutations of the factor within the levels of "
    "the other; p: the share of permutations with at least this pseudo-F."
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row for the model, the attack and what both leave; a factor of one level has none."""
    found = all_fingerprints(all_pairs(inputs))
    factors = {
        name: levels
        for name, levels in zip(("model", "attack"), zip(*found.names, strict=True), strict=True)
        if len(set(levels)) > 1
    }
    comparable = bool(factors) and bool(np.isfinite(found.distances).all())
    rows = explained_rows(found, factors) if comparable else []
    notes = [NOTE, *found.notes()]
    if not comparable:
        notes.append("There is nothing to compare: one model and one attack, or fingerprints without common numbers.")
    return paper_table(inputs, "What fingerprints depend on", KEYS, COLUMNS, rows, notes)


def explained_rows(found: Fingerprints, factors: Mapping[str, Sequence[str]]) -> list[Row]:
    """The rows of the factors and of the residual."""
    images = sum(len(pair.rows) for pair in found.pairs)
    explained = permanova(found.distances, factors, PERMUTATIONS)
    lower, upper = percentiles(explained_shares(found.resampled_distances(), factors))
    left = {"r_squared": explained_shares(found.distances, factors)[-1]}
    left["degrees"] = len(found.pairs) - 1 - sum(each.degrees for each in explained.values())
    rows = []
    for place, (name, values) in enumerate({**{n: vars(e) for n, e in explained.items()}, "residual": left}.items()):
        values = {**values, "lower": lower[place], "upper": upper[place]}
        cells = {column.key: cell(values.get(column.key, float("nan")), images) for column in COLUMNS}
        rows.append(Row({"factor": name}, cells))
    return rows
