"""Statistics of the claims of Q5 about transferability; an effect is positive where it supports the claim."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, not_measured
from workflow_scripts.papers.information_flow.aggregated_paths import NORMAL
from workflow_scripts.papers.information_flow.path_distances import (
    MIN_GROUP_SIZE,
    InputGroup,
    bootstrap_common_seeds,
    bootstrap_groups,
    equal_size_distance,
    groups_by_seed,
    mean_path_distance,
    read_group,
)
from workflow_scripts.papers.information_flow.roles import one_input


def target_beyond_others(inputs: Inputs, attack: str) -> Evidence:
    """OIP distance of inputs made for the measured model minus the mean of those for the others; mean over models."""
    models = inputs.parameters["models"]
    groups = []
    for model in models:
        targets = [model, *(other for other in models if other != model)]
        groups.append(groups_by_seed(inputs, "oip", model=model, attack=NORMAL))
        groups += [
            groups_by_seed(inputs, "oip", model=model, target=target, attack=attack, subset="common")
            for target in targets
        ]

    def statistic(*drawn: np.ndarray) -> float:
        width = len(models) + 1
        effects = []
        for start in range(0, len(drawn), width):
            normal, own, *others = drawn[start : start + width]
            of_others = np.mean([mean_path_distance(normal, other) for other in others])
            effects.append(mean_path_distance(normal, own) - of_others)
        return float(np.mean(effects))

    return bootstrap_common_seeds(groups, statistic) if len(models) > 1 else not_measured("there is only one model")


def transferable_beyond_stopped(inputs: Inputs) -> Evidence:
    """OIP distance of transferred minus that of stopped inputs, in groups of the smaller one's size.

    The mean is taken over the attacks and pairs of models with enough inputs of both kinds.
    """
    cases: list[dict[int, list[InputGroup]]] = []
    for item in inputs.all(subset="transferred"):
        role = item.role
        stopped = one_input(inputs, **{**role, "subset": "stopped"})
        normal = one_input(inputs, model=role["model"], attack=NORMAL, seed=role["seed"])
        groups = [read_group(inputs, each, "oip") for each in (normal, item, stopped)]
        if min(len(group.values) for group in groups) >= MIN_GROUP_SIZE:
            cases.append({role["seed"]: groups})
    if not cases:
        return not_measured(f"no attack has {MIN_GROUP_SIZE} transferable and {MIN_GROUP_SIZE} non-transferable inputs")

    def statistic(*drawn: np.ndarray) -> float:
        effects = []
        for start in range(0, len(drawn), 3):
            normal, transferred, stopped = drawn[start : start + 3]
            size = min(len(transferred), len(stopped))
            effects.append(equal_size_distance(size, normal, transferred) - equal_size_distance(size, normal, stopped))
        return float(np.mean(effects))

    seeds = sorted({seed for case in cases for seed in case})
    groups_of_seeds = [[group for case in cases if seed in case for group in case[seed]] for seed in seeds]
    return bootstrap_groups(groups_of_seeds, statistic)
