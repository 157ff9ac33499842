"""What a recogniser looks at: I_adv alone, the true perturbation beside it, or REDRL's residual beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from workflow_scripts.analysis.recognition.networks import Recogniser, Reconstructor

InputMode = Literal["image", "perturbation", "residual"]
"""`image`: I_adv. `perturbation`: (δ, I_adv), which only an experimenter has. `residual`: (I_r, I_adv), REDRL."""


@dataclass(frozen=True)
class Sizes:
    """Sizes of both networks; the defaults are the published ones."""

    channels: int = 64
    blocks: int = 23
    width: float = 1.0
    small_stem: bool = False


@dataclass(frozen=True)
class PipelineOutput:
    """Outputs for a batch: attack logits (N, A); reconstruction G(I_adv) before it is clamped, or None without G."""

    logits: Tensor
    reconstruction: Tensor | None


class Pipeline(nn.Module):
    """G where there is one, and Ψ. The residual is I_r = I_adv − clamp(G(I_adv), 0, 1)."""

    def __init__(self, sees: InputMode, image_channels: int, classes: int, sizes: Sizes = Sizes()):
        super().__init__()
        self.sees = sees
        self.reconstructor = Reconstructor(image_channels, sizes.channels, sizes.blocks) if sees == "residual" else None
        inputs = image_channels * (1 if sees == "image" else 2)
        self.recogniser = Recogniser(inputs, classes, sizes.width, small_stem=sizes.small_stem)

    def forward(self, x_adv: Tensor, x: Tensor) -> PipelineOutput:
        """x_adv, x: attacked and clean images (N, C, H, W) in [0, 1]; `x` is read for `perturbation` alone."""
        if self.sees == "image":
            return PipelineOutput(self.recogniser(x_adv), None)
        if self.sees == "perturbation":
            return PipelineOutput(self.recogniser(torch.cat([x_adv - x, x_adv], 1)), None)
        reconstruction = self.reconstructor(x_adv)
        residual = x_adv - reconstruction.clamp(0, 1)
        return PipelineOutput(self.recogniser(torch.cat([residual, x_adv], 1)), reconstruction)
