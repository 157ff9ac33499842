"""Controls of Figures 4 to 11: the shift of each input's path from that of its own clean image, by layer."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.aggregated_paths import CORRECTED, EXPECTED, PATHS, PLUG_IN, layer_names
from workflow_scripts.papers.information_flow.paired_shifts import mean_interval, stacked_shifts
from workflow_scripts.rendering.figures.paired_shifts import Shift, paired_shifts

ESTIMATES = (PLUG_IN, EXPECTED, CORRECTED)


def figure(inputs: Inputs):
    """A panel per path and estimate, a line per attack with the intervals of all trainings; one model."""
    shifts, layers = [], []
    for attack in dict.fromkeys(item.role["attack"] for item in inputs.all(name="aggregated_paths", subset="success")):
        groups = inputs.all(name="aggregated_paths", attack=attack, subset="success")
        layers = layer_names(groups[0])
        found = mean_interval([stacked_shifts(inputs, item, ESTIMATES) for item in groups])
        if found is not None:
            for row, path in enumerate(PATHS.values()):
                for column, estimate in enumerate(ESTIMATES):
                    bounds = (found.mean[row, column], found.lower[row, column], found.upper[row, column])
                    shifts.append(Shift(attack, path, estimate, *bounds, found.samples, found.trainings))
    return paired_shifts(shifts, layers)
