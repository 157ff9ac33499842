"""Statistics of the claims of Q3 about compression; an effect is positive where it supports the claim."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, image_keys, mean_above_zero, not_measured
from workflow_scripts.papers.information_flow.path_distances import (
    InputGroup,
    bootstrap_common_seeds,
    bootstrap_groups,
    groups_by_seed,
    mean_path_distance,
)
from workflow_scripts.papers.information_flow.transferability import transferred


def accuracy_kept(inputs: Inputs, margin: float) -> Evidence:
    """Test accuracy of the compressed model minus the original's, plus a margin; paired by test image."""
    small, large = (_correct(inputs, inputs.parameters[role]) for role in ("compressed", "original"))
    seeds = [seed for seed in small if seed in large]
    if not seeds:
        return not_measured("the configuration has no compressed model")
    differences = [small[seed] - large[seed] + margin for seed in seeds]
    return mean_above_zero(differences, [image_keys(np.arange(len(each))) for each in differences])


def _correct(inputs: Inputs, model: str | None) -> dict[int, np.ndarray]:
    """Training seed → whether a model classifies each test image correctly, (N,) float."""
    by_seed = {}
    for item in inputs.all(name="predictions", model=model):
        with np.load(item.artifact.file("predictions.npz")) as content:
            by_seed[item.role["seed"]] = (content["predicted"] == content["label"]).astype(float)
    return by_seed


def gap_on_compressed(inputs: Inputs, attack: str) -> Evidence:
    """OIP distance between the inputs made for the two models, measured on the compressed minus on the original one."""
    original, compressed = inputs.parameters["original"], inputs.parameters["compressed"]
    groups = [
        groups_by_seed(inputs, "oip", model=model, target=target, attack=attack, subset="success")
        for model in (compressed, original)
        for target in (compressed, original)
    ]
    return bootstrap_common_seeds(groups, lambda a, b, c, d: mean_path_distance(a, b) - mean_path_distance(c, d))


def transfers_to_original(inputs: Inputs, attack: str) -> Evidence:
    """Transferability from the compressed to the original model minus the other way round."""
    original, compressed = inputs.parameters["original"], inputs.parameters["compressed"]
    transfers = inputs.all(name="transfer", model=original, target=compressed, attack=attack)
    if not transfers:
        return not_measured("the configuration makes no such inputs")
    directions = ((compressed, original), (original, compressed))
    groups = [
        [InputGroup(*transferred(inputs, attack, target, model, item.role["seed"])) for target, model in directions]
        for item in transfers
    ]
    return bootstrap_groups(groups, lambda to_original, back: float(to_original.mean() - back.mean()))
