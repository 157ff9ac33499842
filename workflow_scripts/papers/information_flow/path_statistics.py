"""Statistics of the claims of Q1 and Q2 about information paths; an effect is positive where it supports the claim."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import spearmanr

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, image_keys, mean_above_zero, not_measured
from workflow_scripts.papers.information_flow.aggregated_paths import NORMAL, measured_information, measured_paths
from workflow_scripts.papers.information_flow.path_distances import (
    MIN_GROUP_SIZE,
    InputGroup,
    bootstrap_common_seeds,
    equal_size_distance,
    groups_by_seed,
    mean_path_distance,
    smallest_size,
)
from workflow_scripts.rendering.figures.attack_trajectory import deviation_of


def deviation_grows(inputs: Inputs, attack: str, path: str) -> Evidence:
    """Spearman correlation of iteration and deviation from the original, over the inputs followed under `attack`.

    The original itself is left out: its deviation is 0 by definition, which alone would cause a correlation.
    """
    return _along_iterations(
        inputs, attack, lambda columns, rows: (columns["iteration"][rows][1:], deviation_of(columns[path][rows])[1:])
    )


def approaches_last(inputs: Inputs, attack: str, path: str) -> Evidence:
    """Spearman correlation of iteration and nearness to the adversarial input's path, without that input itself."""
    return _along_iterations(
        inputs,
        attack,
        lambda columns, rows: (columns["iteration"][rows][:-1], -deviation_of(columns[path][rows][::-1])[:0:-1]),
    )


def _along_iterations(
    inputs: Inputs, attack: str, series: Callable[[dict, np.ndarray], tuple[np.ndarray, np.ndarray]]
) -> Evidence:
    """The mean correlation over the inputs that were followed for at least three iterations."""
    correlations, followed = [], []
    for item in inputs.all(name="trajectory", attack=attack):
        columns = measured_paths(item, measured_information(inputs))
        for place in dict.fromkeys(columns["followed"].tolist()):
            rows = columns["followed"] == place
            if rows.sum() > 3:
                correlations.append(_rank_correlation(*series(columns, rows)))
                followed.append(place)
    if not correlations:
        return not_measured(f"no input was followed for three iterations of {attack}")
    return mean_above_zero([np.array(correlations)], [image_keys(np.array(followed))])


def _rank_correlation(iteration: np.ndarray, deviation: np.ndarray) -> float:
    return 0.0 if np.ptp(deviation) == 0 else float(spearmanr(iteration, deviation).statistic)


def _path_groups(inputs: Inputs, path: str, attacks: Sequence[str]) -> dict[str, dict[int, InputGroup]]:
    """Attack (or normal) → the groups of Table III: successes against the original model, measured on it.

    Attacks that are not among the study's `path_attacks` are left out.
    """
    original = inputs.parameters["original"]
    attacks = [attack for attack in attacks if attack in inputs.parameters["path_attacks"]]
    groups = {NORMAL: groups_by_seed(inputs, path, model=original, attack=NORMAL)}
    for attack in attacks:
        groups[attack] = groups_by_seed(inputs, path, model=original, target="", attack=attack, subset="success")
    return groups


def every_attack_shifts(inputs: Inputs, attacks: Sequence[str]) -> Evidence:
    """The smallest distance of an attack's group from one half of the normal inputs, minus the two halves' distance.

    All groups are compared at the size of the smallest one.
    """
    groups = _path_groups(inputs, "oip", attacks)
    if len(groups) < 2:
        return not_measured(_none_of(attacks))
    if smallest_size(list(groups.values())) < MIN_GROUP_SIZE:
        return not_measured(f"an attack has fewer than {MIN_GROUP_SIZE} successes")

    def statistic(normal: np.ndarray, *attacked: np.ndarray) -> float:
        half, other = normal[::2], normal[1::2]
        size = min(map(len, (other, *attacked)))
        return min(equal_size_distance(size, half, each) for each in attacked) - equal_size_distance(size, half, other)

    return bootstrap_common_seeds(list(groups.values()), statistic)


def output_beyond_input(inputs: Inputs, attacks: Sequence[str]) -> Evidence:
    """OIP distance minus IIP distance from normal inputs, mean over attacks."""
    both = [_path_groups(inputs, path, attacks) for path in ("iip", "oip")]
    if len(both[0]) < 2:
        return not_measured(_none_of(attacks))
    stacked = [
        {seed: InputGroup(np.stack([one[seed].values, two[seed].values], axis=1), one[seed].images) for seed in one}
        for one, two in zip(both[0].values(), both[1].values(), strict=True)
    ]

    def statistic(normal: np.ndarray, *attacked: np.ndarray) -> float:
        iip, oip = ([mean_path_distance(normal[:, k], paths[:, k]) for paths in attacked] for k in (0, 1))
        return float(np.mean(np.subtract(oip, iip)))

    return bootstrap_common_seeds(stacked, statistic)


def nearest_attack(inputs: Inputs, attack: str, others: Sequence[str]) -> Evidence:
    """The smallest OIP distance of the other attacks minus that of `attack`, in groups of the smallest one's size."""
    groups = _path_groups(inputs, "oip", [attack, *others])
    if attack not in groups or len(groups) < 3:
        return not_measured(f"{attack} and another attack are not both among path_attacks")
    ordered = [groups[NORMAL], groups[attack], *(v for k, v in groups.items() if k not in (NORMAL, attack))]
    if smallest_size(ordered) < MIN_GROUP_SIZE:
        return not_measured(f"an attack has fewer than {MIN_GROUP_SIZE} successes")

    def statistic(normal: np.ndarray, this: np.ndarray, *others: np.ndarray) -> float:
        size = min(map(len, (this, *others)))
        nearest = min(equal_size_distance(size, normal, other) for other in others)
        return nearest - equal_size_distance(size, normal, this)

    return bootstrap_common_seeds(ordered, statistic)


def _none_of(attacks: Sequence[str]) -> str:
    return f"none of {', '.join(attacks)} is among path_attacks"
