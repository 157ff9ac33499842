"""What an adapter is asked for, the same for every library."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

BUDGET_KEYWORDS = ("eps", "epsilon", "ε")
"""The keywords by which libraries take the size of the ball that an attack may not leave."""


@dataclass(frozen=True)
class Request:
    """Attack `x` (N, C, H, W) float32 in [0, 1] with labels `y` (N,) int64, all classified correctly by `victim`.

    victim: in evaluation mode, from images in [0, 1] to logits. name: of the attack in its library.
    parameters: its own keywords. epsilon: the budget in [0, 1] pixel values, or None. targets: the class that each
    image is to be given (N,) int64, or None. classes: their number. seed: of this batch.
    """

    victim: nn.Module
    x: Tensor
    y: Tensor
    name: str
    parameters: dict[str, Any]
    epsilon: float | None
    targets: Tensor | None
    classes: int
    seed: int

    def keywords(self, function: Callable, **offered: Any) -> dict[str, Any]:
        """The parameters, and of what is `offered` (and the budget) that which `function` takes and they leave open."""
        taken = inspect.signature(function).parameters
        if self.epsilon is not None:
            offered |= dict.fromkeys(BUDGET_KEYWORDS, self.epsilon)
        return {**{key: value for key, value in offered.items() if key in taken}, **self.parameters}
