"""Statistics of the claims of Q5 about transferability; an effect is positive where it supports the claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, image_keys, not_measured
from workflow_scripts.papers.information_flow.aggregated_paths import NORMAL, image_numbers
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
    """OIP distance of inputs made for the measured model minus the mean of those for the others; smallest over models.

    The paper claims it of each model, so that no model may contradict it; the note has every model's effect.
    """
    models = inputs.parameters["models"]
    groups = []
    for model in models:
        targets = [model, *(other for other in models if other != model)]
        groups.append(groups_by_seed(inputs, "oip", model=model, attack=NORMAL))
        groups += [
            groups_by_seed(inputs, "oip", model=model, target=target, attack=attack, subset="common")
            for target in targets
        ]

    if len(models) < 2:
        return not_measured("there is only one model")
    evidence = bootstrap_common_seeds(groups, lambda *drawn: float(_beyond_others(drawn, len(models)).min()))
    if evidence.effect is None:
        return evidence
    seeds = [seed for seed in groups[0] if all(seed in by_seed for by_seed in groups)]
    effects = np.mean([_beyond_others([each[seed].values for each in groups], len(models)) for seed in seeds], axis=0)
    note = ", ".join(f"{model} {effect:+.4f}" for model, effect in zip(models, effects, strict=True))
    return replace(evidence, note=f"by model: {note}")


def _beyond_others(groups: Sequence[np.ndarray], models: int) -> np.ndarray:
    """Own minus mean of the other targets' distances (M,); groups: of each of M models normal, own, and the others."""
    effects = []
    for start in range(0, len(groups), models + 1):
        normal, own, *others = groups[start : start + models + 1]
        of_others = np.mean([mean_path_distance(normal, other) for other in others])
        effects.append(mean_path_distance(normal, own) - of_others)
    return np.array(effects)


def does_not_transfer(inputs: Inputs, attack: str, target: str, margin: float) -> Evidence:
    """A margin minus the largest share, over the other models, of the inputs made for `target` that deceive a model.

    The inputs are those whose images the attack turns on every model, so that each model is right about the clean ones.
    """
    groups: list[dict[int, InputGroup]] = []
    for model in inputs.parameters["models"]:
        if model == target:
            continue
        by_seed = {}
        wanted = {"model": model, "target": target, "attack": attack}
        for item in inputs.all(name="aggregated_paths", **wanted, subset="common"):
            deceived = one_input(
                inputs, name="aggregated_paths", **wanted, seed=item.role["seed"], subset="transferred"
            )
            numbers = image_numbers(item)
            shares = np.isin(numbers, image_numbers(deceived)).astype(float)
            by_seed[item.role["seed"]] = InputGroup(shares, image_keys(numbers))
        groups.append(by_seed)
    if not groups or not any(groups):
        return not_measured("the configuration makes no such inputs")
    return bootstrap_common_seeds(groups, lambda *shares: margin - max(float(share.mean()) for share in shares))


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
