"""How many images each attack deceives a model on within a distance."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.distances import attack_distances
from workflow_scripts.papers.atlas.pairs import all_pairs
from workflow_scripts.rendering.figures.success_by_distance import DistancePanel, success_by_distance

NORMS = {"l2": "L2", "linf": "L∞"}


def figure(inputs: Inputs):
    """A row per norm, for pixels in [0, 1], a column per model of which enough images were attacked."""
    by_model: dict[str, list] = {}
    for pair in all_pairs(inputs):
        if pair.measured:
            by_model.setdefault(pair.model, []).append(pair)
    return success_by_distance(
        [
            [
                DistancePanel(model, title, {pair.attack: attack_distances(pair, norm) for pair in pairs})
                for model, pairs in by_model.items()
            ]
            for norm, title in NORMS.items()
        ]
    )
