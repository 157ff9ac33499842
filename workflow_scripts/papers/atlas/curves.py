"""Curves of estimates for the atlas's figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.estimates import estimate
from workflow_scripts.papers.atlas.measures import Statistic
from workflow_scripts.papers.atlas.pairs import Pair, all_pairs
from workflow_scripts.rendering.figures.attack_curves import Curve


def panels_by_model(
    inputs: Inputs, columns: Sequence[str], statistic: Callable[[Pair, str], Statistic]
) -> dict[str, dict[str, dict[str, Curve]]]:
    """Model → column → attack → curve of the statistic that a pair and a column give.

    A model of which fewer than two images could be attacked is left out; ValueError where that leaves none.
    """
    panels: dict[str, dict[str, dict[str, Curve]]] = {}
    for pair in all_pairs(inputs):
        if not pair.measured:
            continue
        row = panels.setdefault(pair.model, {column: {} for column in columns})
        for column in columns:
            found = estimate(statistic(pair, column), pair.weights)
            row[column][pair.attack] = Curve(found.value, found.lower, found.upper)
    if not panels:
        raise ValueError("no model classifies two of the images correctly: there is nothing to draw")
    return panels
