"""Statistics of the claims of Q3 about compression; an effect is positive where it supports the claim."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, not_measured
from workflow_scripts.papers.information_flow.path_distances import (
    InputGroup,
    bootstrap_common_seeds,
    bootstrap_groups,
    groups_by_seed,
    mean_path_distance,
)
from workflow_scripts.papers.information_flow.transferability import transferred


def accuracy_kept(inputs: Inputs, margin: float) -> Evidence:
    """Test accuracy of the compressed model minus the original's, plus a margin; test images are resampled."""
    accuracies: list[dict[int, InputGroup]] = []
    for role in ("compressed", "original"):
        by_seed = {}
        for item in inputs.all(name="model", model=inputs.parameters[role]):
            metrics = item.artifact.metrics
            correct = round(metrics[item.role["checkpoint"]]["test_accuracy"] * metrics["test_images"])
            by_seed[item.role["seed"]] = InputGroup((np.arange(metrics["test_images"]) < correct).astype(float))
        accuracies.append(by_seed)
    return bootstrap_common_seeds(accuracies, lambda small, large: small.mean() - large.mean() + margin)


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
