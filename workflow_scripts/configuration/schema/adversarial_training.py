"""Adversarial training: the attack within a training."""

from __future__ import annotations

from pydantic import Field, model_validator

from workflow_scripts.configuration.schema.base import Count, InvalidKey, NonNegative, Positive, Section, Share
from workflow_scripts.recipes.exact_numbers import to_text


class OverfittingGuard(Section):
    """Guard against catastrophic overfitting to one-step attacks: the epoch after one that shows it trains on PGD."""

    gap: Share = Field(
        "1/5",
        description="accuracy under FGSM minus accuracy under PGD, on validation images, above which the guard acts",
    )
    steps: Count = Field(5, description="steps of PGD in the epoch that follows")
    alpha: Positive = Field("2/255", description="its step size, in 0 … 1")


class RobustnessEvaluation(Section):
    """Accuracy and loss under PGD and FGSM along the epochs, on training, validation and test images."""

    images: Count = Field(1000, description="images of each split, evenly spaced")
    every: Count = Field(1, description="epochs between two evaluations; the last epoch is always evaluated")
    steps: Count = Field(20, description="steps of PGD")
    alpha: Positive = Field("1/255", description="PGD's step size, in 0 … 1; its budget is the training's epsilon")


class AdversarialTraining(Section):
    """Training on adversarial examples of every batch (Madry et al. 2018); the best epoch is the most robust one."""

    epsilon: NonNegative = Field("8/255", description="L∞ budget, in 0 … 1")
    alpha: Positive = Field("2/255", description="step size, in 0 … 1")
    steps: Count = Field(10, description="steps per batch; 1 is the fast recipe, best with an alpha of 1.25 epsilon")
    random_start: bool = Field(True, description="start at a random point within the budget")
    guard: OverfittingGuard | None = Field(
        None, description="for trainings of one step, which may overfit to their attack; null: no guard"
    )
    evaluation: RobustnessEvaluation = Field(
        RobustnessEvaluation(), description="accuracy and loss under attack along the epochs"
    )

    @model_validator(mode="after")
    def _within_the_pixel_range(self) -> AdversarialTraining:
        for key in ("epsilon", "alpha"):
            value = getattr(self, key)
            if value > 1:
                told = (
                    f"{to_text(value)} is more than 1, the range of pixel values: write 8 of 255 grey levels as 8/255"
                )
                raise InvalidKey(key, told)
        return self
