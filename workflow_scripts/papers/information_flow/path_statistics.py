"""What Q1 and Q2 claim of paths: a function a claim, with a positive effect where it speaks for the claim."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import spearmanr

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.evidence import Evidence, mean_above_zero, missing
from workflow_scripts.papers.information_flow.path_groups import (
    ENOUGH,
    NORMAL,
    Group,
    gap,
    gap_at,
    group,
    over_seeds,
    smallest,
)
from workflow_scripts.rendering.figures.attack_trajectory import deviation_of


def deviation_grows(inputs: Inputs, attack: str, path: str) -> Evidence:
    """Spearman correlation of iteration and deviation from the original, of every input followed under `attack`.

    The original itself is left out: its deviation is 0 by definition, which alone makes a correlation.
    """
    return _along_iterations(
        inputs, attack, lambda columns, rows: (columns["iteration"][rows][1:], deviation_of(columns[path][rows])[1:])
    )


def approaches_last(inputs: Inputs, attack: str, path: str) -> Evidence:
    """Spearman correlation of iteration and nearness to the adversarial input's path, which itself is left out."""
    return _along_iterations(
        inputs,
        attack,
        lambda columns, rows: (columns["iteration"][rows][:-1], -deviation_of(columns[path][rows][::-1])[:0:-1]),
    )


def _along_iterations(
    inputs: Inputs, attack: str, series: Callable[[dict, np.ndarray], tuple[np.ndarray, np.ndarray]]
) -> Evidence:
    """Mean correlation over the inputs that were followed for at least three iterations."""
    correlations = []
    for item in inputs.all(followed=attack):
        with np.load(item.artifact.file("paths.npz")) as content:
            columns = dict(content)
        for place in dict.fromkeys(columns["followed"].tolist()):
            rows = columns["followed"] == place
            if rows.sum() > 3:
                correlations.append(_rank_correlation(*series(columns, rows)))
    if not correlations:
        return missing(f"no input was followed for three iterations of {attack}")
    return mean_above_zero([np.array(correlations)])


def _rank_correlation(iteration: np.ndarray, deviation: np.ndarray) -> float:
    return 0.0 if np.ptp(deviation) == 0 else float(spearmanr(iteration, deviation).statistic)


def _path_groups(inputs: Inputs, path: str, attacks: Sequence[str]) -> dict[str, dict[int, Group]]:
    """Attack (or normal) → the groups of Table III: successes on the original model, measured on it.

    attacks: those of them that the study has.
    """
    original = inputs.parameters["original"]
    attacks = [attack for attack in attacks if attack in inputs.parameters["path_attacks"]]
    groups = {NORMAL: group(inputs, path, model=original, attack=NORMAL)}
    for attack in attacks:
        groups[attack] = group(inputs, path, model=original, target="", attack=attack, subset="success")
    return groups


def every_attack_shifts(inputs: Inputs, attacks: Sequence[str]) -> Evidence:
    """Smallest distance of an attack's group from half of the normal one, less that half's distance from the other.

    In groups of the smallest one's size.
    """
    groups = _path_groups(inputs, "oip", attacks)
    if len(groups) < 2:
        return missing(_none_of(attacks))
    if smallest(list(groups.values())) < ENOUGH:
        return missing(f"an attack has fewer than {ENOUGH} successes")

    def statistic(normal: np.ndarray, *attacked: np.ndarray) -> float:
        half, other = normal[::2], normal[1::2]
        size = min(map(len, (other, *attacked)))
        return min(gap_at(size, half, each) for each in attacked) - gap_at(size, half, other)

    return over_seeds(list(groups.values()), statistic)


def output_beyond_input(inputs: Inputs, attacks: Sequence[str]) -> Evidence:
    """OIP distance less IIP distance from normal inputs, mean over attacks."""
    both = [_path_groups(inputs, path, attacks) for path in ("iip", "oip")]
    if len(both[0]) < 2:
        return missing(_none_of(attacks))
    stacked = [
        {seed: Group(np.stack([one[seed].values, two[seed].values], axis=1), one[seed].images) for seed in one}
        for one, two in zip(both[0].values(), both[1].values(), strict=True)
    ]

    def statistic(normal: np.ndarray, *attacked: np.ndarray) -> float:
        return float(np.mean([gap(normal[:, 1], a[:, 1]) - gap(normal[:, 0], a[:, 0]) for a in attacked]))

    return over_seeds(stacked, statistic)


def nearest_attack(inputs: Inputs, attack: str, others: Sequence[str]) -> Evidence:
    """Smallest OIP distance of the other attacks less that of `attack`, in groups of the smallest one's size."""
    groups = _path_groups(inputs, "oip", [attack, *others])
    if attack not in groups or len(groups) < 3:
        return missing(f"{attack} and another attack are not both among path_attacks")
    ordered = [groups[NORMAL], groups[attack], *(v for k, v in groups.items() if k not in (NORMAL, attack))]
    if smallest(ordered) < ENOUGH:
        return missing(f"an attack has fewer than {ENOUGH} successes")

    def statistic(normal: np.ndarray, this: np.ndarray, *others: np.ndarray) -> float:
        size = min(map(len, (this, *others)))
        return min(gap_at(size, normal, other) for other in others) - gap_at(size, normal, this)

    return over_seeds(ordered, statistic)


def _none_of(attacks: Sequence[str]) -> str:
    return f"none of {', '.join(attacks)} is among path_attacks"
