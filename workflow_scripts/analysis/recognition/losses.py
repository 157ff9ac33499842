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
class LossWeights:
    """λ1, λ2 and λ3 of equation 5; the recognition loss has weight 1. A loss of weight 0 is not computed."""

    reconstruction: float = 0.01
    features: float = 0.1
    classification: float = 1.0


@dataclass(frozen=True)
class Batch:
    """x_adv, x: attacked and clean images (N, C, H, W) in [0, 1]; attack: class of the attack (N,).

    victim: number of the victim Φ that the image was attacked on (N,); clean_prediction: argmax Φ(x) (N,).
    """

    x_adv: Tensor
    x: Tensor
    attack: Tensor
    victim: Tensor
    clean_prediction: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on a device."""
        return Batch(*(getattr(self, name).to(device, non_blocking=True) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class LossNetworks:
    """The frozen networks in the losses: every victim, and VGG16 if there are weights for it.

    Without VGG16 the feature loss compares the victims' own features.
    """

    victims: Sequence[WithFeatures]
    perceptual: Vgg16Features | None = None


def redrl_losses(
    output: PipelineOutput, batch: Batch, weights: LossWeights, loss_networks: LossNetworks, label_smoothing: float
) -> Mapping[str, Tensor]:
    """REDRL's losses by name: batch means, not weighted; `recognition` and those whose weight is not 0.

    recognition: cross-entropy of Ψ's logits to the attack's class. reconstruction: L1 norm of G(I_adv) − I_c summed
    over the image, before the clamp, so that values outside [0, 1] are penalised. features: L2 norm of the difference
    of the features of I_g and I_c. classification: cross-entropy of Φ(I_g) to argmax Φ(I_c), with the victim that the
    image was attacked on. I_g is clamp(G(I_adv), 0, 1), I_c the clean image. Without a reconstruction: `recognition`
    alone.
    """
    found = {"recognition": F.cross_entropy(output.logits, batch.attack, label_smoothing=label_smoothing)}
    if output.reconstruction is None:
        return found
    image = output.reconstruction.clamp(0, 1)
    if weights.reconstruction:
        found["reconstruction"] = (output.reconstruction - batch.x).abs().flatten(1).sum(1).mean()
    if weights.classification or (weights.features and loss_networks.perceptual is None):
        classification, features = victim_losses(image, batch, loss_networks, bool(weights.features))
        if weights.classification:
            found["classification"] = classification
        if weights.features and loss_networks.perceptual is None:
            found["features"] = features
    if weights.features and loss_networks.perceptual is not None:
        with torch.no_grad():
            wanted = loss_networks.perceptual(batch.x)
        found["features"] = feature_distance(loss_networks.perceptual(image), wanted).mean()
    return found


def victim_losses(
    image: Tensor, batch: Batch, loss_networks: LossNetworks, with_features: bool
) -> tuple[Tensor, Tensor]:
    """Batch means of the classification loss and of the feature distance, each image with its own victim."""
    classification, features = image.new_zeros(()), image.new_zeros(())
    for number, victim in enumerate(loss_networks.victims):
        rows = (batch.victim == number).nonzero()[:, 0]
        if not len(rows):
            continue
        logits, maps = victim(image[rows])
        classification = classification + F.cross_entropy(logits, batch.clean_prediction[rows], reduction="sum")
        if with_features and loss_networks.perceptual is None:
            with torch.no_grad():
                wanted = victim(batch.x[rows])[1]
            features = features + feature_distance(maps, wanted).sum()
    return classification / len(image), features / len(image)


def total_loss(found: Mapping[str, Tensor], weights: LossWeights) -> Tensor:
    """Equation 5: the recognition loss and the weighted others."""
    result = found["recognition"]
    for name in ("reconstruction", "features", "classification"):
        if name in found:
            result = result + getattr(weights, name) * found[name]
    return result
