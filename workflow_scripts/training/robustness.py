"""Accuracy and loss of a model in training, on natural images and under PGD and FGSM, along the epochs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from workflow_scripts.attacks.ascent import ascend_linf, fgsm_step
from workflow_scripts.attacks.batches import uniform_like
from workflow_scripts.attacks.gradients import ForwardPass, frozen_parameters
from workflow_scripts.attacks.linf_steps import uniform_start
from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.training.evaluation import LabelledTensors

BATCH = 250
INPUTS = ("natural", "pgd", "fgsm")


@dataclass(frozen=True)
class Evaluation:
    """PGD from a random start (`steps` of `alpha` within `epsilon`) and FGSM (`epsilon`), in the images' range [0, 1].

    images: how many of each part are attacked, evenly spaced. every: epochs between two evaluations; the last epoch is
    always evaluated, and what is not evaluated is NaN.
    """

    epsilon: float
    alpha: float
    steps: int
    images: int
    every: int = 1


class RobustnessAlongEpochs:
    """Called after each epoch; its columns are `<natural|pgd|fgsm>_<part>_<accuracy|loss>`, shares and nats."""

    def __init__(self, parts: dict[str, LabelledTensors], evaluation: Evaluation, epochs: int, seed: int):
        self.parts = {name: evenly_spaced_subset(part, evaluation.images) for name, part in parts.items()}
        self.evaluation, self.epochs, self.seed = evaluation, epochs, seed

    def __call__(self, model: nn.Module, epoch: int) -> dict[str, float]:
        """The columns of `epoch`, counted from 0."""
        due = epoch + 1 == self.epochs or (epoch + 1) % self.evaluation.every == 0
        row: dict[str, float] = {}
        for name, part in self.parts.items():
            found = robustness(model, part, self.evaluation, self.seed) if due else {}
            for kind in INPUTS:
                accuracy, loss = found.get(kind, (math.nan, math.nan))
                row |= {f"{kind}_{name}_accuracy": accuracy, f"{kind}_{name}_loss": loss}
        return row


def evenly_spaced_subset(part: LabelledTensors, count: int) -> LabelledTensors:
    """`count` images of a part, evenly spaced; all of them where it has no more."""
    chosen = torch.linspace(0, len(part) - 1, min(count, len(part))).long().to(part.x.device)
    return LabelledTensors(part.x[chosen], part.y[chosen])


@torch.no_grad()
def robustness(
    model: nn.Module, images: LabelledTensors, evaluation: Evaluation, seed: int
) -> dict[str, tuple[float, float]]:
    """Accuracy (0 … 1) and mean cross-entropy (nats) by kind of input: natural, pgd, fgsm; in float32.

    All images are attacked, misclassified ones included. Of PGD's iterates the last misclassified one counts, or the
    one of the highest loss. The random starts are drawn from the streams (seed, the image's position).
    """
    model.eval()
    sums = {kind: torch.zeros(2, dtype=torch.float64) for kind in INPUTS}
    with frozen_parameters(model):
        for start in range(0, len(images), BATCH):
            x, y = to_unit_range(images.x[start : start + BATCH]), images.y[start : start + BATCH]
            x = x.contiguous(memory_format=torch.channels_last)
            begin = uniform_start(x, uniform_like(x, seed, torch.arange(start, start + len(x))), evaluation.epsilon)
            found = ascend_linf(
                model, x, y, begin, epsilon=evaluation.epsilon, alpha=evaluation.alpha, steps=evaluation.steps,
                stop_at_success=False, record=False,
            )  # fmt: skip
            fast = fgsm_step(x, y, ForwardPass(model, x), evaluation.epsilon, record=False)
            for kind, seen in zip(INPUTS, (x, found.x_adv, fast.x_adv), strict=True):
                sums[kind] += correct_and_loss(model(seen), y)
    return {kind: (float(total[0]) / len(images), float(total[1]) / len(images)) for kind, total in sums.items()}


def correct_and_loss(logits: Tensor, y: Tensor) -> Tensor:
    """The number of correct classifications and the sum of cross-entropies, float64 (2,) on the processor."""
    loss = F.cross_entropy(logits, y, reduction="sum")
    return torch.stack([logits.argmax(1).eq(y).sum().double(), loss.double()]).cpu()
