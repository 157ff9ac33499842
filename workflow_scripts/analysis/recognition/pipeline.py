"""The recognition pipeline: Ψ alone on the image, on the true perturbation and the image, or after G (REDRL)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from workflow_scripts.analysis.recognition.networks import Recogniser, Reconstructor

InputMode = Literal["image", "perturbation", "residual"]
"""Ψ's input. `image`: I_adv. `perturbation`: (δ, I_adv), with the true δ. `residual`: (I_r, I_adv), REDRL."""


@dataclass(frozen=True)
class NetworkSizes:
    """NetworkSizes of both networks; the defaults are the published ones."""

    channels: int = 64
    blocks: int = 23
    width: float = 1.0
    small_stem: bool = False


@dataclass(frozen=True)
class PipelineOutput:
    """Logits (N, A) of the attacks' classes; reconstruction G(I_adv) (N, C, H, W), not clamped, or None without G."""

    logits: Tensor
    reconstruction: Tensor | None


class Pipeline(nn.Module):
    """Ψ, and G for the input mode `residual`, whose residual is I_r = I_adv − clamp(G(I_adv), 0, 1)."""

    def __init__(self, input_mode: InputMode, image_channels: int, classes: int, sizes: NetworkSizes = NetworkSizes()):
        super().__init__()
        self.input_mode = input_mode
        has_reconstructor = input_mode == "residual"
        self.reconstructor = Reconstructor(image_channels, sizes.channels, sizes.blocks) if has_reconstructor else None
        inputs = image_channels * (1 if input_mode == "image" else 2)
        self.recogniser = Recogniser(inputs, classes, sizes.width, small_stem=sizes.small_stem)

    def forward(self, x_adv: Tensor, x: Tensor) -> PipelineOutput:
        """x_adv, x: attacked and clean images (N, C, H, W) in [0, 1]; only the mode `perturbation` uses `x`."""
        if self.input_mode == "image":
            return PipelineOutput(self.recogniser(x_adv), None)
        if self.input_mode == "perturbation":
            return PipelineOutput(self.recogniser(torch.cat([x_adv - x, x_adv], 1)), None)
        reconstruction = self.reconstructor(x_adv)
        residual = x_adv - reconstruction.clamp(0, 1)
        return PipelineOutput(self.recogniser(torch.cat([residual, x_adv], 1)), reconstruction)
