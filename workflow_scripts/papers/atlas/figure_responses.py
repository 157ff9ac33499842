"""Local responses under each attack over those under its controls, by relative depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.curves import panels_by_model
from workflow_scripts.papers.atlas.depth_axis import DEPTH_AXIS
from workflow_scripts.papers.atlas.measures import Statistic, response_ratio
from workflow_scripts.papers.atlas.pairs import Pair
from workflow_scripts.rendering.figures.attack_curves import attack_curves

MEASURES = ("maximum", "total")


def figure(inputs: Inputs):
    """A row per model: for each control log₂ of the ratio of the maximum and of the total differences."""
    if not inputs.parameters["controls"]:
        raise ValueError("responses are drawn beside a control: name a control under studies.atlas.controls")
    columns = {
        f"{measure}, attack / {control}": (control, measure)
        for control in inputs.parameters["controls"]
        for measure in MEASURES
    }

    def statistic(pair: Pair, column: str) -> Statistic:
        return log2_of(response_ratio(pair, *columns[column]))

    panels = panels_by_model(inputs, list(columns), statistic)
    return attack_curves(panels, DEPTH_AXIS, "log₂ of the ratio")


def log2_of(ratio: Statistic) -> Statistic:
    """log₂ of a statistic; NaN where that is not finite."""

    def statistic(weights: NDArray) -> NDArray:
        with np.errstate(invalid="ignore", divide="ignore"):
            logarithms = np.log2(ratio(weights))
        return np.where(np.isfinite(logarithms), logarithms, np.nan)

    return statistic
