"""What the findings table measures: a function a claim, with a positive effect where it speaks for the claim.

Distances are between groups' mean paths (section III.B), in nats; inputs are resampled whole. A distance of two samples
is never zero even where the groups are alike, and more so the smaller they are; groups of one size are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import spearmanr

from workflow_scripts.attacks.records import FILE, read_columns
from workflow_scripts.information.paths import path_distance
from workflow_scripts.job import Job
from workflow_scripts.publish.evidence import (
    Evidence,
    bootstrap,
    difference_of_means,
    mean_above_zero,
    missing,
    paired_difference,
)
from workflow_scripts.publish.figures.attack_trajectory import deviation_of
from workflow_scripts.publish.information_flow.groups import only, read
from workflow_scripts.publish.information_flow.transfers import transfers

NORMAL = "normal"
FEWEST = 10
"""Inputs that a group needs at least where groups of different sizes are compared."""


def gap(one: np.ndarray, other: np.ndarray) -> float:
    """Distance of two groups' mean paths; (N, K) and (M, K)."""
    return float(path_distance(one.mean(0), other.mean(0)))


def gap_at(size: int, normal: np.ndarray, group: np.ndarray) -> float:
    """Mean distance from the normal paths of the parts of `size` inputs that a group (N, K) has."""
    return float(np.mean([gap(normal, group[k : k + size]) for k in range(0, len(group) - size + 1, size)]))


def group(job: Job, path: str, **role) -> dict[int, np.ndarray]:
    """Training seed → the paths (N, K) of one group of inputs."""
    return {item.role["seed"]: read(item, path, "inputs") for item in job.all(**role)}


def over_seeds(groups: list[dict[int, np.ndarray]], statistic: Callable[..., float]) -> Evidence:
    """The statistic of these groups over the training seeds that all of them have."""
    if not all(groups):
        return missing("the configuration makes no such inputs")
    seeds = [seed for seed in groups[0] if all(seed in group for group in groups)]
    if not seeds:
        return missing("no training seed has all of the groups")
    return bootstrap([[group[seed] for group in groups] for seed in seeds], statistic)


def deviation_grows(job: Job, attack: str, path: str) -> Evidence:
    """Spearman correlation of iteration and deviation from the original, of every input followed under `attack`.

    The original itself is left out: its deviation is 0 by definition, which alone makes a correlation.
    """
    correlations = []
    for item in job.all(followed=attack):
        with np.load(item.artifact.file("paths.npz")) as content:
            columns = dict(content)
        for place in dict.fromkeys(columns["followed"].tolist()):
            rows = columns["followed"] == place
            if rows.sum() > 3:
                deviation = deviation_of(columns[path][rows])
                correlations.append(_rank_correlation(columns["iteration"][rows][1:], deviation[1:]))
    if not correlations:
        return missing(f"no input was followed for three iterations of {attack}")
    return mean_above_zero([np.array(correlations)])


def _rank_correlation(iteration: np.ndarray, deviation: np.ndarray) -> float:
    return 0.0 if np.ptp(deviation) == 0 else float(spearmanr(iteration, deviation).statistic)


def _path_groups(job: Job, path: str, attacks: Sequence[str]) -> dict[str, dict[int, np.ndarray]]:
    """Attack (or normal) → the groups of Table III: successes on the original model, measured on it.

    attacks: those of them that the study has.
    """
    original = job.parameters["original"]
    attacks = [attack for attack in attacks if attack in job.parameters["path_attacks"]]
    groups = {NORMAL: group(job, path, model=original, attack=NORMAL)}
    for attack in attacks:
        groups[attack] = group(job, path, model=original, target="", attack=attack, subset="success")
    return groups


def every_attack_shifts(job: Job, attacks: Sequence[str]) -> Evidence:
    """Smallest distance of an attack's group from half of the normal one, less that half's distance from the other.

    In groups of the smallest one's size.
    """
    groups = _path_groups(job, "oip", attacks)
    if len(groups) < 2:
        return missing(_none_of(attacks))
    if _smallest(list(groups.values())) < FEWEST:
        return missing(f"an attack has fewer than {FEWEST} successes")

    def statistic(normal: np.ndarray, *attacked: np.ndarray) -> float:
        half, other = normal[::2], normal[1::2]
        size = min(map(len, (other, *attacked)))
        return min(gap_at(size, half, each) for each in attacked) - gap_at(size, half, other)

    return over_seeds(list(groups.values()), statistic)


def output_beyond_input(job: Job, attacks: Sequence[str]) -> Evidence:
    """OIP distance less IIP distance from normal inputs, mean over attacks."""
    both = [_path_groups(job, path, attacks) for path in ("iip", "oip")]
    if len(both[0]) < 2:
        return missing(_none_of(attacks))
    stacked = [
        {seed: np.stack([one[seed], two[seed]], axis=1) for seed in one}
        for one, two in zip(both[0].values(), both[1].values(), strict=True)
    ]

    def statistic(normal: np.ndarray, *attacked: np.ndarray) -> float:
        return float(np.mean([gap(normal[:, 1], a[:, 1]) - gap(normal[:, 0], a[:, 0]) for a in attacked]))

    return over_seeds(stacked, statistic)


def nearest_attack(job: Job, attack: str, others: Sequence[str]) -> Evidence:
    """Smallest OIP distance of the other attacks less that of `attack`, in groups of the smallest one's size."""
    groups = _path_groups(job, "oip", [attack, *others])
    if attack not in groups or len(groups) < 3:
        return missing(f"{attack} and another attack are not both among path_attacks")
    ordered = [groups[NORMAL], groups[attack], *(v for k, v in groups.items() if k not in (NORMAL, attack))]
    if _smallest(ordered) < FEWEST:
        return missing(f"an attack has fewer than {FEWEST} successes")

    def statistic(normal: np.ndarray, this: np.ndarray, *others: np.ndarray) -> float:
        size = min(map(len, (this, *others)))
        return min(gap_at(size, normal, other) for other in others) - gap_at(size, normal, this)

    return over_seeds(ordered, statistic)


def _smallest(groups: Sequence[dict[int, np.ndarray]]) -> int:
    """Inputs of the smallest group of any training seed."""
    return min((len(drawn) for made in groups for drawn in made.values()), default=0)


def _none_of(attacks: Sequence[str]) -> str:
    return f"none of {', '.join(attacks)} is among path_attacks"


def accuracy_kept(job: Job, margin: float) -> Evidence:
    """Test accuracy of the compressed model less the original's, plus a margin; test images resampled."""
    accuracies: list[dict[int, np.ndarray]] = []
    for role in ("compressed", "original"):
        found = {}
        for item in job.all(model=job.parameters[role]):
            if "checkpoint" in item.role:
                metrics = item.artifact.metrics
                right = round(metrics[item.role["checkpoint"]]["test_accuracy"] * metrics["test_images"])
                found[item.role["seed"]] = (np.arange(metrics["test_images"]) < right).astype(float)
        accuracies.append(found)
    return over_seeds(accuracies, lambda small, whole: small.mean() - whole.mean() + margin)


def gap_on_compressed(job: Job, attack: str) -> Evidence:
    """OIP distance between inputs made for the two models, on the compressed less on the original model."""
    original, compressed = job.parameters["original"], job.parameters["compressed"]
    groups = [
        group(job, "oip", model=model, target=target, attack=attack, subset="success")
        for model in (compressed, original)
        for target in (compressed, original)
    ]
    return over_seeds(groups, lambda a, b, c, d: gap(a, b) - gap(c, d))


def transfers_to_original(job: Job, attack: str) -> Evidence:
    """Transferability from the compressed to the original model less the other way round."""
    original, compressed = job.parameters["original"], job.parameters["compressed"]
    seeds = [item.role["seed"] for item in job.all(reaction=original, target=compressed, attack=attack)]
    if not seeds:
        return missing("the configuration makes no such inputs")
    onto = [transfers(job, attack, compressed, original, seed).astype(float) for seed in seeds]
    away = [transfers(job, attack, original, compressed, seed).astype(float) for seed in seeds]
    return difference_of_means(onto, away)


def _distilled(job: Job, column: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A column of the adaptive and of the regular attack's sets on the distilled model, of the same inputs."""
    found = []
    for role in ("adaptive", "regular"):
        values = []
        for item in job.all(made="set", model=job.parameters["distilled"], attack=job.parameters[role]):
            columns = read_columns(item.artifact.file(FILE), (column, "skipped"))
            values.append(columns[column][~columns["skipped"]].astype(float))
        found.append(values)
    return found[0], found[1]


def gradients_vanish(job: Job) -> Evidence:
    """Mean share of exact zeros in the first gradient of the regular attack, less the adaptive attack's."""
    adaptive, regular = _distilled(job, "zero_gradient")
    return paired_difference(regular, adaptive) if regular else missing("no distilled model is configured")


def adaptive_succeeds(job: Job) -> Evidence:
    """Success rate of the adaptive less that of the regular attack."""
    adaptive, regular = _distilled(job, "success")
    return paired_difference(adaptive, regular) if regular else missing("no distilled model is configured")


def adaptive_deviates(job: Job) -> Evidence:
    """OIP distance from normal inputs on the distilled model, adaptive less regular attack, of all attacked inputs."""
    model = job.parameters["distilled"]
    groups = [group(job, "oip", model=model, attack=NORMAL)]
    groups += [
        group(job, "oip", model=model, attack=job.parameters[role], subset="attacked")
        for role in ("adaptive", "regular")
    ]
    return over_seeds(groups, lambda normal, adaptive, regular: gap(normal, adaptive) - gap(normal, regular))


def target_beyond_others(job: Job, attack: str) -> Evidence:
    """OIP distance of inputs for the model that looks less the mean of those for the others, mean over models."""
    models = job.parameters["models"]
    groups = []
    for model in models:
        targets = [model, *(other for other in models if other != model)]
        groups.append(group(job, "oip", model=model, attack=NORMAL))
        groups += [group(job, "oip", model=model, target=t, attack=attack, subset="common") for t in targets]

    def statistic(*drawn: np.ndarray) -> float:
        width = len(models) + 1
        effects = []
        for start in range(0, len(drawn), width):
            normal, own, *others = drawn[start : start + width]
            effects.append(gap(normal, own) - np.mean([gap(normal, other) for other in others]))
        return float(np.mean(effects))

    return over_seeds(groups, statistic) if len(models) > 1 else missing("there is one model alone")


def transferable_beyond_stopped(job: Job) -> Evidence:
    """OIP distance of transferred less that of stopped inputs, in groups of the smaller one's size.

    The mean over the attacks and pairs of models that have enough of both.
    """
    cases: list[dict[int, list[np.ndarray]]] = []
    for item in job.all(subset="transferred"):
        role = item.role
        stopped = only(job, **{**role, "subset": "stopped"})
        normal = only(job, model=role["model"], attack=NORMAL, seed=role["seed"])
        drawn = [read(each, "oip", "inputs") for each in (normal, item, stopped)]
        if min(map(len, drawn)) >= FEWEST:
            cases.append({role["seed"]: drawn})
    if not cases:
        return missing(f"no attack has {FEWEST} transferable and {FEWEST} non-transferable inputs")

    def statistic(*drawn: np.ndarray) -> float:
        effects = []
        for start in range(0, len(drawn), 3):
            normal, moved, held = drawn[start : start + 3]
            size = min(len(moved), len(held))
            effects.append(gap_at(size, normal, moved) - gap_at(size, normal, held))
        return float(np.mean(effects))

    seeds = sorted({seed for case in cases for seed in case})
    by_seed = [[array for case in cases if seed in case for array in case[seed]] for seed in seeds]
    return bootstrap(by_seed, statistic)
