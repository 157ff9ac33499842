"""Statistics of the claims of Q4 about distillation; an effect is positive where it supports the claim."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, difference_of_means, image_keys, not_measured, paired_difference
from workflow_scripts.papers.information_flow.aggregated_paths import NORMAL
from workflow_scripts.papers.information_flow.path_distances import (
    bootstrap_common_seeds,
    groups_by_seed,
    mean_path_distance,
)

NO_DISTILLED_MODEL = "no distilled model is configured"


def gradients_vanish(inputs: Inputs) -> Evidence:
    """Mean share of exact zeros in the first gradient, of the regular minus of the adaptive attack."""
    adaptive, regular = _distilled(inputs, "zero_gradient")
    if not regular:
        return not_measured(NO_DISTILLED_MODEL)
    return paired_difference(regular, adaptive, _attacked_images(inputs))


def vanished_gradients_stop(inputs: Inputs) -> Evidence:
    """Success rate of the regular attack where its first gradient is not zero everywhere, minus that where it is."""
    _, gradients = _distilled(inputs, "zero_gradient")
    _, successes = _distilled(inputs, "success")
    if not gradients:
        return not_measured(NO_DISTILLED_MODEL)
    pairs = list(zip(gradients, successes, strict=True))
    images = [
        (keys[zeros < 1], keys[zeros == 1]) for keys, zeros in zip(_attacked_images(inputs), gradients, strict=True)
    ]
    return difference_of_means(
        [success[zeros < 1] for zeros, success in pairs], [success[zeros == 1] for zeros, success in pairs], images
    )


def adaptive_succeeds(inputs: Inputs) -> Evidence:
    """Success rate of the adaptive minus that of the regular attack."""
    adaptive, regular = _distilled(inputs, "success")
    if not regular:
        return not_measured(NO_DISTILLED_MODEL)
    return paired_difference(adaptive, regular, _attacked_images(inputs))


def adaptive_deviates(inputs: Inputs) -> Evidence:
    """OIP distance of all attacked inputs from normal inputs, of the adaptive minus of the regular attack."""
    model = inputs.parameters["distilled"]
    groups = [groups_by_seed(inputs, "oip", model=model, attack=NORMAL)]
    groups += [
        groups_by_seed(inputs, "oip", model=model, attack=inputs.parameters[role], subset="attacked")
        for role in ("adaptive", "regular")
    ]

    def statistic(normal: np.ndarray, adaptive: np.ndarray, regular: np.ndarray) -> float:
        return mean_path_distance(normal, adaptive) - mean_path_distance(normal, regular)

    return bootstrap_common_seeds(groups, statistic)


def _distilled(inputs: Inputs, column: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A column of the adaptive and of the regular attack on the distilled model, same inputs: (N,) per seed."""
    by_attack = []
    for role in ("adaptive", "regular"):
        values = []
        model, attack = inputs.parameters["distilled"], inputs.parameters[role]
        for item in inputs.all(name="adversarial_set", model=model, attack=attack):
            columns = read_columns(item.artifact.file(FILE), (column, "skipped"))
            values.append(columns[column][~columns["skipped"]].astype(float))
        by_attack.append(values)
    return by_attack[0], by_attack[1]


def _attacked_images(inputs: Inputs) -> list[np.ndarray]:
    """The keys (N,) of the images that `_distilled` has, per seed."""
    keys = []
    for item in inputs.all(
        name="adversarial_set", model=inputs.parameters["distilled"], attack=inputs.parameters["regular"]
    ):
        columns = read_columns(item.artifact.file(FILE), ("index", "skipped"))
        keys.append(image_keys(columns["index"][~columns["skipped"]]))
    return keys
