"""Local responses under each attack over those under its controls, by relative depth."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.curves import panels_by_model
from workflow_scripts.papers.atlas.depth_axis import DEPTH_AXIS
from workflow_scripts.papers.atlas.measures import Statistic, response_ratio
from workflow_scripts.papers.atlas.pairs import Pair
from workflow_scripts.rendering.figures.attack_curves import attack_curves

MEASURES = ("maximum", "total")


def figure(inputs: Inputs):
    """A row per model: for each control the ratio of the maximum and of the total differences."""
    columns = {
        f"{measure}, attack / {control}": (control, measure)
        for control in inputs.parameters["controls"]
        for measure in MEASURES
    }

    def statistic(pair: Pair, column: str) -> Statistic:
        return response_ratio(pair, *columns[column])

    panels = panels_by_model(inputs, list(columns), statistic)
    return attack_curves(panels, DEPTH_AXIS, "ratio", neutral=1, logarithmic=True)
