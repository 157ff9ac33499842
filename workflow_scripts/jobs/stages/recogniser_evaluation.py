"""How a trained recogniser does on the attacked test images, and what its reconstructions do to the victims."""

from __future__ import annotations

import numpy as np
import torch
from safetensors.torch import load_file

from workflow_scripts.analysis.recognition.evaluation import (
    GroupResult,
    confusion,
    evaluate_group,
    micro_average,
    recalls,
)
from workflow_scripts.analysis.recognition.pipeline import Pipeline
from workflow_scripts.analysis.recognition.sets import ImageSets
from workflow_scripts.inputs.recognisers import load_sets, load_victims, make_pipeline
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.models.classifier import Classifier

EXAMPLES = 4
"""Pictures kept of each class, for the figures."""


def realise(job: Job) -> dict:
    """Write predictions.npz, a row an image, and examples.npz, pictures; return confusion matrix and accuracies.

    Columns of predictions.npz: group (number), index (position in the split), label, recognised (class number, −1
    where the image does not count: it shows no attack, or is a clean one and counts with the first victim),
    right_before, right_after (1, 0; −1 without a reconstruction). Groups are listed in the metrics.
    """
    made = job.one(name="recogniser")
    victims, sets = load_victims(job), load_sets(job, "test", budget=0)
    pipeline = make_pipeline(made.parameters, sets.images.shape[1])
    pipeline.load_state_dict(load_file(made.file("pipeline.safetensors")))
    pipeline.to(job.device).eval()
    results = [
        evaluate_group(pipeline, sets, number, victims[group.victim])
        for number, group in progress(list(enumerate(sets.groups)), text=job.label, unit="set")
    ]
    np.savez(job.out / "predictions.npz", **columns(results, sets))
    if pipeline.reconstructor is not None:
        np.savez(job.out / "examples.npz", **examples(pipeline, sets, results, victims))
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
    """A set's images, and the share that its victim gets right before and after reconstruction."""
    after = result.right_after
    return {
        "images": len(result.right_before),
        "shown": int((result.recognised >= 0).sum()),
        "accuracy_before": float(result.right_before.mean()),
        "accuracy_after": None if after is None else float(after.mean()),
    }


def columns(results: list[GroupResult], sets: ImageSets) -> dict[str, np.ndarray]:
    """The columns of predictions.npz."""
    rows = []
    for result in results:
        known = sets.groups[result.number].rows
        after = np.full(len(known.index), -1) if result.right_after is None else result.right_after
        rows.append(
            {
                "group": np.full(len(known.index), result.number),
                "index": known.index,
                "label": known.label,
                "recognised": result.recognised,
                "right_before": result.right_before,
                "right_after": after,
            }
        )
    return {name: np.concatenate([row[name] for row in rows]).astype(np.int32) for name in rows[0]}


@torch.no_grad()
def examples(
    pipeline: Pipeline, sets: ImageSets, results: list[GroupResult], victims: list[Classifier]
) -> dict[str, np.ndarray]:
    """For every class `<class>_adversarial`, `_clean` and `_reconstruction` (n, C, H, W), and `<class>_label` (n,).

    They are images of the first victim's last configuration: the first that the attack turned and the recogniser knew;
    where these are too few, other turned ones, then other attacked ones, then any.
    """
    kept = {}
    device = next(pipeline.parameters()).device
    for number, group in enumerate(sets.groups):
        if group.victim:
            continue
        known = results[number].recognised == sets.classes.index(group.attack)
        attacked = group.rows.attacked
        turned = attacked & ~results[number].right_before if group.files else attacked
        better = 4 * (known & turned) + 2 * turned + attacked
        rows = np.sort(np.argsort(-better, kind="stable")[:EXAMPLES])
        batch = sets.batch([(number, rows)]).to(device)
        kept |= {
            f"{group.attack}_adversarial": batch.x_adv.cpu().numpy(),
            f"{group.attack}_clean": batch.x.cpu().numpy(),
            f"{group.attack}_reconstruction": pipeline.reconstructor(batch.x_adv).clamp(0, 1).float().cpu().numpy(),
            f"{group.attack}_label": group.rows.label[rows],
        }
    return kept
