"""How well attacks are recognised, and what reconstruction does to the victims' accuracy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from workflow_scripts.analysis.recognition.denoisers import Denoiser
from workflow_scripts.analysis.recognition.pipeline import Pipeline
from workflow_scripts.analysis.recognition.sets import CLEAN, ImageSets
from workflow_scripts.models.classifier import Classifier


@dataclass(frozen=True)
class GroupResult:
    """Results for the rows of one group, (N,) each.

    number: the group's. recognised: number of the recognised class; −1 for rows that are not counted: images that were
    not attacked, and the clean images of all victims but the first, which are the same images. right_before: whether
    the victim classifies the image correctly; right_after: likewise its reconstruction (None without G);
    right_denoised: likewise by each denoiser. loss: the victim's cross-entropy of the image to its true label.
    """

    number: int
    recognised: NDArray
    right_before: NDArray
    right_after: NDArray | None
    loss: NDArray
    right_denoised: Mapping[str, NDArray] = field(default_factory=dict)


@torch.no_grad()
def evaluate_group(
    pipeline: Pipeline,
    sets: ImageSets,
    number: int,
    victim: Classifier,
    batch_size: int = 200,
    denoisers: Mapping[str, Denoiser] | None = None,
) -> GroupResult:
    """Run one group through the pipeline (in evaluation mode) and its victim, `batch_size` rows at a time.

    denoisers: functions of images (N, C, H, W), after which the victim classifies the group's images, too.
    """
    pipeline.eval()
    group, device = sets.groups[number], next(pipeline.parameters()).device
    denoisers = denoisers or {}
    recognised, before, after, loss = [], [], [], []
    denoised: dict[str, list[NDArray]] = {name: [] for name in denoisers}
    for rows in batches(len(group.rows.index), batch_size):
        batch = sets.batch([(number, rows)]).to(device)
        output = pipeline(batch.x_adv, batch.x)
        label = torch.from_numpy(group.rows.label[rows]).to(device)
        recognised.append(output.logits.argmax(1).cpu().numpy())
        logits = victim(batch.x_adv)
        before.append(logits.argmax(1).eq(label).cpu().numpy())
        loss.append(F.cross_entropy(logits, label, reduction="none").cpu().numpy())
        for name, denoiser in denoisers.items():
            denoised[name].append(victim(denoiser(batch.x_adv)).argmax(1).eq(label).cpu().numpy())
        if output.reconstruction is not None:
            after.append(victim(output.reconstruction.clamp(0, 1)).argmax(1).eq(label).cpu().numpy())
    classes = np.concatenate(recognised)
    # The published totals follow from the published recalls if the clean images are counted once.
    counted = group.rows.attacked if group.attack != CLEAN or not group.victim else np.zeros(len(classes), bool)
    classes[~counted] = -1
    return GroupResult(
        number,
        classes,
        np.concatenate(before),
        np.concatenate(after) if after else None,
        np.concatenate(loss),
        {name: np.concatenate(parts) for name, parts in denoised.items()},
    )


def batches(count: int, size: int) -> Iterator[NDArray]:
    """Rows 0 … count − 1, `size` at a time."""
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))


def confusion(results: Sequence[GroupResult], sets: ImageSets) -> NDArray:
    """Confusion matrix (A, A) of counted images: rows are the true classes, columns the recognised ones."""
    truth, found = [], []
    for result in results:
        shown = result.recognised[result.recognised >= 0]
        truth.append(np.full(len(shown), sets.classes.index(sets.groups[result.number].attack)))
        found.append(shown)
    known = len(sets.classes)
    pairs = np.bincount(known * np.concatenate(truth) + np.concatenate(found), minlength=known**2)
    return pairs.reshape(known, known)


def recalls(matrix: NDArray) -> list[float | None]:
    """Recall of each class (the paper's accuracy per class); None for a class without images."""
    counts = matrix.sum(1)
    return [float(matrix[k, k] / counts[k]) if counts[k] else None for k in range(len(matrix))]


def micro_average(matrix: NDArray) -> float:
    """Share of all images whose class is recognised (the paper's total accuracy)."""
    return float(np.trace(matrix) / matrix.sum())
