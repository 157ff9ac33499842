"""Shifts of information paths beyond chance by relative depth, under each attack and under the first control."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.curves import panels_by_model
from workflow_scripts.papers.atlas.depth_axis import DEPTH_AXIS
from workflow_scripts.papers.atlas.measures import PATHS, Statistic, information_shift
from workflow_scripts.papers.atlas.pairs import ATTACK, Pair
from workflow_scripts.rendering.figures.attack_curves import attack_curves


def figure(inputs: Inputs):
    """A row per model: IIP of the attacks and of the control, and OIP of both."""
    perturbations = [ATTACK, *inputs.parameters["controls"][:1]]
    columns = {f"{path.upper()}, {name}": (path, name) for path in PATHS for name in perturbations}

    def statistic(pair: Pair, column: str) -> Statistic:
        return information_shift(pair, *columns[column], "beyond chance")

    panels = panels_by_model(inputs, list(columns), statistic)
    return attack_curves(panels, DEPTH_AXIS, "shift (nats)")
