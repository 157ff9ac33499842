"""Public names of figures that the paper shows once per attack."""

from __future__ import annotations

from workflow_scripts.planning.studies.information_flow.measurements import Measurements


def figure_names(measurements: Measurements, numbered: dict[str, str], otherwise: str) -> dict[str, str]:
    """Each attack of `model_attacks` → its figure's name.

    numbered: the paper's figure by kind of attack. The first attack of a kind gets that name; every other attack gets
    the name (or `otherwise`) followed by its own.
    """
    taken, names = set(), {}
    for attack in measurements.study.model_attacks:
        name = numbered.get(measurements.planner.configuration.attacks[attack].attack)
        names[attack] = name if name is not None and name not in taken else f"{name or otherwise}_{attack}"
        taken.add(name)
    return names
