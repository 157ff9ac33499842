"""REDRL's four losses (attack_signatures paper, equations 1 to 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from workflow_scripts.analysis.recognition.perception import Vgg16Features, WithFeatures, feature_distance
from workflow_scripts.analysis.recognition.pipeline import PipelineOutput


@dataclass(frozen=True)
class Weights:
    """λ1, λ2 and λ3 of equation 5; the recognition loss has weight 1. A weight of 0 leaves its loss out."""

    reconstruction: float = 0.01
    features: float = 0.1
    classification: float = 1.0


@dataclass(frozen=True)
class Batch:
    """x_adv, x: attacked and clean images (N, C, H, W) in [0, 1]; attack: class of the attack (N,).

    victim: number of the victim that the image was attacked on (N,); believed: argmax Φ(x) of that victim (N,).
    """

    x_adv: Tensor
    x: Tensor
    attack: Tensor
    victim: Tensor
    believed: Tensor

    def to(self, device: torch.device | str) -> Batch:
        return Batch(*(getattr(self, name).to(device, non_blocking=True) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class LossNetworks:
    """The frozen networks that judge reconstructions: every victim, and VGG16 where there are weights for it."""

    victims: Sequence[WithFeatures]
    perceptual: Vgg16Features | None = None


def losses(
    seen: PipelineOutput, batch: Batch, weights: Weights, judges: LossNetworks, label_smoothing: float
) -> Mapping[str, Tensor]:
    """Each loss that has a weight, as a batch mean and not yet weighted; `recognition` is always there.

    reconstruction: L1 sum over an image's values, of G before its clamp, so that values beyond the range are pulled
    back. features: L2 norm of the features' difference. classification: cross-entropy of Φ(I_g) to argmax Φ(I_c),
    with the victim on which the image was attacked. I_g is clamp(G(I_adv), 0, 1) for every network.
    """
    found = {"recognition": F.cross_entropy(seen.logits, batch.attack, label_smoothing=label_smoothing)}
    if seen.reconstruction is None:
        return found
    image = seen.reconstruction.clamp(0, 1)
    if weights.reconstruction:
        found["reconstruction"] = (seen.reconstruction - batch.x).abs().flatten(1).sum(1).mean()
    if weights.classification or (weights.features and judges.perceptual is None):
        classification, features = judged_by_victims(image, batch, judges, bool(weights.features))
        if weights.classification:
            found["classification"] = classification
        if weights.features and judges.perceptual is None:
            found["features"] = features
    if weights.features and judges.perceptual is not None:
        with torch.no_grad():
            wanted = judges.perceptual(batch.x)
        found["features"] = feature_distance(judges.perceptual(image), wanted).mean()
    return found


def judged_by_victims(image: Tensor, batch: Batch, judges: LossNetworks, with_features: bool) -> tuple[Tensor, Tensor]:
    """Batch means of the classification loss and of the distance of features, each image before its own victim."""
    classification, features = image.new_zeros(()), image.new_zeros(())
    for number, victim in enumerate(judges.victims):
        rows = (batch.victim == number).nonzero()[:, 0]
        if not len(rows):
            continue
        logits, maps = victim(image[rows])
        classification = classification + F.cross_entropy(logits, batch.believed[rows], reduction="sum")
        if with_features and judges.perceptual is None:
            with torch.no_grad():
                wanted = victim(batch.x[rows])[1]
            features = features + feature_distance(maps, wanted).sum()
    return classification / len(image), features / len(image)


def total(found: Mapping[str, Tensor], weights: Weights) -> Tensor:
    """Equation 5: the recognition loss and the weighted others."""
    result = found["recognition"]
    for name in ("reconstruction", "features", "classification"):
        if name in found:
            result = result + getattr(weights, name) * found[name]
    return result
