"""Augmentation of whole batches on the device where the images lie."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Augmentation:
    """Random augmentation per image: a horizontal flip, and a crop after reflection padding by `shift` pixels."""

    flip: bool = False
    shift: int = 0

    def __call__(self, images: Tensor, size: int, generator: torch.Generator) -> Tensor:
        """(N, C, H, W) → (N, C, size, size); random numbers come from `generator` (on the processor) alone."""
        count, _, height, width = images.shape
        device = images.device
        if self.flip:
            chosen = torch.rand(count, generator=generator).lt(0.5).to(device)
            images = torch.where(chosen[:, None, None, None], images.flip(3), images)
        if not self.shift and size == height == width:
            return images
        tops = torch.randint(0, height + 2 * self.shift - size + 1, (count,), generator=generator).to(device)
        lefts = torch.randint(0, width + 2 * self.shift - size + 1, (count,), generator=generator).to(device)
        if self.shift:
            images = F.pad(images, (self.shift,) * 4, mode="reflect")
        inside = torch.arange(size, device=device)
        rows, columns = tops[:, None] + inside, lefts[:, None] + inside
        batch = torch.arange(count, device=device)[:, None, None]
        return images[batch, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
