"""What an attack is to achieve: leave an image's label, or reach a target."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from workflow_scripts.attacks.gradients import ForwardPass, log_odds, margin, masked_share
from workflow_scripts.attacks.targets import target_classes


@dataclass(frozen=True)
class Goal:
    """`classes` (N,) int64: the labels to leave, or where `targeted` the classes to reach."""

    classes: Tensor
    targeted: bool = False

    def loss(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """What an attack raises (N,), and its gradient by the logits: the log-odds against a label or for a target."""
        value, cotangent = log_odds(logits, self.classes)
        return (-value, -cotangent) if self.targeted else (value, cotangent)

    def shortfall(self, logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """How far the logits are from success (N,), below 0 for a success: z_a - z_b; and the classes a and b (N,).

        a is the label and b the runner-up, or a the likeliest other class and b the target.
        """
        lead, other = margin(logits, self.classes)
        return (-lead, other, self.classes) if self.targeted else (lead, self.classes, other)

    def reached(self, logits: Tensor) -> Tensor:
        """Which logits are a success, (N,) bool."""
        return self.shortfall(logits)[0] < 0

    def masked_share(self, gradient: Tensor, logits: Tensor) -> Tensor:
        """Share (N,) of exact zeros in the cross-entropy's gradient; see `gradients.masked_share`."""
        return masked_share(gradient, logits, self.classes)

    def only(self, chosen: Tensor) -> Goal:
        """The goal of some of the images, by mask or by position."""
        return Goal(self.classes[chosen], self.targeted)

    @property
    def extra(self) -> dict[str, Tensor]:
        """What the result of a targeted attack tells beside the rest."""
        return {"target": self.classes} if self.targeted else {}


def goal_of(target: str | int, y: Tensor, first: ForwardPass | None) -> Goal:
    """The goal that `target` says (`targets.target_classes`) for labels `y`; `first` is a pass at the clean images."""
    if target == "none" or first is None:
        return Goal(y)
    return Goal(target_classes(first.logits, y, target), targeted=True)
