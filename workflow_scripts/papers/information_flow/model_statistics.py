"""What Q3 to Q5 claim of several models: a function a claim, with a positive effect where it speaks for the claim."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.evidence import Evidence, difference_of_means, missing, paired_difference
from workflow_scripts.papers.information_flow.groups import only
from workflow_scripts.papers.information_flow.path_groups import (
    ENOUGH,
    NORMAL,
    Group,
    gap,
    gap_at,
    group,
    group_of,
    over_seeds,
    resampled,
)
from workflow_scripts.papers.information_flow.transfers import transfers


def accuracy_kept(inputs: Inputs, margin: float) -> Evidence:
    """Test accuracy of the compressed model less the original's, plus a margin; test images resampled."""
    accuracies: list[dict[int, Group]] = []
    for role in ("compressed", "original"):
        found = {}
        for item in inputs.all(model=inputs.parameters[role]):
            if "checkpoint" in item.role:
                metrics = item.artifact.metrics
                right = round(metrics[item.role["checkpoint"]]["test_accuracy"] * metrics["test_images"])
                found[item.role["seed"]] = Group((np.arange(metrics["test_images"]) < right).astype(float))
        accuracies.append(found)
    return over_seeds(accuracies, lambda small, whole: small.mean() - whole.mean() + margin)


def gap_on_compressed(inputs: Inputs, attack: str) -> Evidence:
    """OIP distance between inputs made for the two models, on the compressed less on the original model."""
    original, compressed = inputs.parameters["original"], inputs.parameters["compressed"]
    groups = [
        group(inputs, "oip", model=model, target=target, attack=attack, subset="success")
        for model in (compressed, original)
        for target in (compressed, original)
    ]
    return over_seeds(groups, lambda a, b, c, d: gap(a, b) - gap(c, d))


def transfers_to_original(inputs: Inputs, attack: str) -> Evidence:
    """Transferability from the compressed to the original model less the other way round."""
    original, compressed = inputs.parameters["original"], inputs.parameters["compressed"]
    seeds = [item.role["seed"] for item in inputs.all(reaction=original, target=compressed, attack=attack)]
    if not seeds:
        return missing("the configuration makes no such inputs")
    ways = ((compressed, original), (original, compressed))
    found = [[Group(*transfers(inputs, attack, target, model, seed)) for target, model in ways] for seed in seeds]
    return resampled(found, lambda onto, away: float(onto.mean() - away.mean()))


def _distilled(inputs: Inputs, column: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A column of the adaptive and of the regular attack's sets on the distilled model, of the same inputs."""
    found = []
    for role in ("adaptive", "regular"):
        values = []
        for item in inputs.all(made="set", model=inputs.parameters["distilled"], attack=inputs.parameters[role]):
            columns = read_columns(item.artifact.file(FILE), (column, "skipped"))
            values.append(columns[column][~columns["skipped"]].astype(float))
        found.append(values)
    return found[0], found[1]


def gradients_vanish(inputs: Inputs) -> Evidence:
    """Mean share of exact zeros in the first gradient of the regular attack, less the adaptive attack's."""
    adaptive, regular = _distilled(inputs, "zero_gradient")
    return paired_difference(regular, adaptive) if regular else missing("no distilled model is configured")


def vanished_gradients_stop(inputs: Inputs) -> Evidence:
    """Success rate of the regular attack where its first gradient is not wholly zero, less that where it is."""
    _, gradients = _distilled(inputs, "zero_gradient")
    _, successes = _distilled(inputs, "success")
    if not gradients:
        return missing("no distilled model is configured")
    pairs = list(zip(gradients, successes, strict=True))
    return difference_of_means([won[zero < 1] for zero, won in pairs], [won[zero == 1] for zero, won in pairs])


def adaptive_succeeds(inputs: Inputs) -> Evidence:
    """Success rate of the adaptive less that of the regular attack."""
    adaptive, regular = _distilled(inputs, "success")
    return paired_difference(adaptive, regular) if regular else missing("no distilled model is configured")


def adaptive_deviates(inputs: Inputs) -> Evidence:
    """OIP distance from normal inputs on the distilled model, adaptive less regular attack, of all attacked inputs."""
    model = inputs.parameters["distilled"]
    groups = [group(inputs, "oip", model=model, attack=NORMAL)]
    groups += [
        group(inputs, "oip", model=model, attack=inputs.parameters[role], subset="attacked")
        for role in ("adaptive", "regular")
    ]
    return over_seeds(groups, lambda normal, adaptive, regular: gap(normal, adaptive) - gap(normal, regular))


def target_beyond_others(inputs: Inputs, attack: str) -> Evidence:
    """OIP distance of inputs for the model that looks less the mean of those for the others, mean over models."""
    models = inputs.parameters["models"]
    groups = []
    for model in models:
        targets = [model, *(other for other in models if other != model)]
        groups.append(group(inputs, "oip", model=model, attack=NORMAL))
        groups += [group(inputs, "oip", model=model, target=t, attack=attack, subset="common") for t in targets]

    def statistic(*drawn: np.ndarray) -> float:
        width = len(models) + 1
        effects = []
        for start in range(0, len(drawn), width):
            normal, own, *others = drawn[start : start + width]
            effects.append(gap(normal, own) - np.mean([gap(normal, other) for other in others]))
        return float(np.mean(effects))

    return over_seeds(groups, statistic) if len(models) > 1 else missing("there is one model alone")


def transferable_beyond_stopped(inputs: Inputs) -> Evidence:
    """OIP distance of transferred less that of stopped inputs, in groups of the smaller one's size.

    The mean over the attacks and pairs of models that have enough of both.
    """
    cases: list[dict[int, list[Group]]] = []
    for item in inputs.all(subset="transferred"):
        role = item.role
        stopped = only(inputs, **{**role, "subset": "stopped"})
        normal = only(inputs, model=role["model"], attack=NORMAL, seed=role["seed"])
        drawn = [group_of(each, "oip") for each in (normal, item, stopped)]
        if min(len(each.values) for each in drawn) >= ENOUGH:
            cases.append({role["seed"]: drawn})
    if not cases:
        return missing(f"no attack has {ENOUGH} transferable and {ENOUGH} non-transferable inputs")

    def statistic(*drawn: np.ndarray) -> float:
        effects = []
        for start in range(0, len(drawn), 3):
            normal, moved, held = drawn[start : start + 3]
            size = min(len(moved), len(held))
            effects.append(gap_at(size, normal, moved) - gap_at(size, normal, held))
        return float(np.mean(effects))

    seeds = sorted({seed for case in cases for seed in case})
    return resampled([[each for case in cases if seed in case for each in case[seed]] for seed in seeds], statistic)
