"""Evaluation of a trained recogniser on the attacked test images, and of its reconstructions on the victims.

predictions.npz, int32 columns with a row per image and group: group, its number in the metrics' list `groups`; index,
the position in the split; label; recognised, the number of the recognised class, −1 for rows that are not counted
(images that were not attacked, and the clean images of all victims but the first, which are the same images);
right_before, right_after, 1 where the victim classifies the image, or its reconstruction, correctly, else 0 (−1 without
G); right_<denoiser>, likewise after each of the recipe's trivial denoisers; and loss, float32, the victim's
cross-entropy of the image to its true label.
examples.npz, only with G: per class `<class>_adversarial`, `<class>_clean`, `<class>_reconstruction` (n, C, H, W)
float32 in [0, 1], and `<class>_label` (n,).
"""

from __future__ import annotations

import numpy as np
import torch
from safetensors.torch import load_file

from workflow_scripts.analysis.recognition.denoisers import build_denoiser
from workflow_scripts.analysis.recognition.evaluation import (
    GroupResult,
    confusion,
    evaluate_group,
    micro_average,
    recalls,
)
from workflow_scripts.analysis.recognition.pipeline import Pipeline
from workflow_scripts.analysis.recognition.sets import ImageSets
from workflow_scripts.inputs.recognisers import build_pipeline, load_sets, load_victims
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.recipes.exact_numbers import to_float

EXAMPLES = 4
"""Example images per class, for the figures."""


def realise(job: Job) -> dict:
    """Evaluate every group; return the confusion matrix, recalls, total accuracy and each group's accuracies."""
    made = job.one(name="recogniser")
    victims, sets = load_victims(job, job.device), load_sets(job, "test", memory_limit=0)
    pipeline = build_pipeline(made.parameters, sets.images.shape[1])
    pipeline.load_state_dict(load_file(made.file("pipeline.safetensors")))
    pipeline.to(job.device).eval()
    denoisers = {
        name: build_denoiser(chosen["filter"], to_float(chosen["size"]))
        for name, chosen in job.parameters["denoisers"].items()
    }
    results = [
        evaluate_group(pipeline, sets, number, victims[group.victim], denoisers=denoisers)
        for number, group in progress(list(enumerate(sets.groups)), text=job.label, unit="group")
    ]
    np.savez(job.out / "predictions.npz", **prediction_columns(results, sets))
    if pipeline.reconstructor is not None:
        np.savez(job.out / "examples.npz", **examples(pipeline, sets, results))
    matrix = confusion(results, sets)
    return {
        "classes": list(sets.classes),
        "confusion": matrix.tolist(),
        "recalls": recalls(matrix),
        "total": micro_average(matrix),
        "groups": [
            {"class": group.attack, "victim": group.victim, "configuration": group.name, **accuracies(result)}
            for group, result in zip(sets.groups, results, strict=True)
        ],
    }


def accuracies(result: GroupResult) -> dict:
    """A group's numbers of images and counted rows, and its victim's accuracy before and after reconstruction."""
    after = result.right_after
    return {
        "images": len(result.right_before),
        "shown": int((result.recognised >= 0).sum()),
        "accuracy_before": float(result.right_before.mean()),
        "accuracy_after": None if after is None else float(after.mean()),
    }


def prediction_columns(results: list[GroupResult], sets: ImageSets) -> dict[str, np.ndarray]:
    """The columns of predictions.npz."""
    parts = []
    for result in results:
        rows = sets.groups[result.number].rows
        after = np.full(len(rows.index), -1) if result.right_after is None else result.right_after
        parts.append(
            {
                "group": np.full(len(rows.index), result.number),
                "index": rows.index,
                "label": rows.label,
                "recognised": result.recognised,
                "right_before": result.right_before,
                "right_after": after,
                **{f"right_{name}": right for name, right in result.right_denoised.items()},
            }
        )
    columns = {name: np.concatenate([part[name] for part in parts]).astype(np.int32) for name in parts[0]}
    return columns | {"loss": np.concatenate([result.loss for result in results]).astype(np.float32)}


@torch.no_grad()
def examples(pipeline: Pipeline, sets: ImageSets, results: list[GroupResult]) -> dict[str, np.ndarray]:
    """The arrays of examples.npz, from the first victim's last configuration of each class.

    Images come first that the attack made the victim misclassify and whose class was recognised; then other
    misclassified ones, other attacked ones, and any others.
    """
    arrays = {}
    device = next(pipeline.parameters()).device
    for number, group in enumerate(sets.groups):
        if group.victim:
            continue
        recognised = results[number].recognised == sets.classes.index(group.attack)
        attacked = group.rows.attacked
        success = attacked if group.is_clean else attacked & ~results[number].right_before
        preference = 4 * (recognised & success) + 2 * success + attacked
        rows = np.sort(np.argsort(-preference, kind="stable")[:EXAMPLES])
        batch = sets.batch([(number, rows)]).to(device)
        arrays |= {
            f"{group.attack}_adversarial": batch.x_adv.cpu().numpy(),
            f"{group.attack}_clean": batch.x.cpu().numpy(),
            f"{group.attack}_reconstruction": pipeline.reconstructor(batch.x_adv).clamp(0, 1).float().cpu().numpy(),
            f"{group.attack}_label": group.rows.label[rows],
        }
    return arrays
