"""Figure 3: the information paths of one input during an attack, and the deviation of every input by iteration."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.aggregated_paths import measured_information, measured_paths
from workflow_scripts.papers.information_flow.roles import one_input
from workflow_scripts.rendering.figures.attack_trajectory import attack_trajectory


def figure(inputs: Inputs):
    """The paths of x̂_0 … x̂_n of the first followed input; the deviations of the others are drawn behind its own."""
    columns = measured_paths(one_input(inputs, name="trajectory"), measured_information(inputs))
    layers = [str(name) for name in columns["layers"]]
    first, *others = [columns["followed"] == number for number in dict.fromkeys(columns["followed"].tolist())]
    return attack_trajectory(
        columns["iip"][first],
        columns["oip"][first],
        layers,
        iterations=columns["iteration"][first],
        others=[(columns["iteration"][rows], columns["iip"][rows], columns["oip"][rows]) for rows in others],
        step=inputs.parameters["step"],
    )
