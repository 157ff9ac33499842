"""The options that every attack takes, and the checks of attacks' parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor


class AttackError(ValueError):
    """An attack that does not fit its model or images, or images that it returned and that cannot be used."""


@dataclass(frozen=True)
class AttackOptions:
    """The keywords that every attack takes beside its own parameters.

    pixel_range: the range of pixel values in which the attack's distances are given; (0, 1) is that of the images,
        and with (-1, 1) an epsilon of 0.2 changes a pixel by up to 0.1. Parameters without a unit ignore it.
    seed, indices: image i of a random attack gets the stream of random numbers (seed, indices[i]). `indices` (N,) are
        the images' positions in their data set, 0 … N - 1 by default; attacks that draw nothing ignore both.
    record: whether the result holds each image's trajectory.
    attack_all: whether images that the model misclassifies already are attacked, too. It suits attacks that take all
        their steps within a budget (FGSM, PGD, random signs); others have nothing to do where the model is wrong.
    batch_size: images attacked at once; the result does not depend on it.
    progress: called with the number of images finished since its last call (tqdm's `update` fits).

    Raises ValueError where the second bound of `pixel_range` is not the larger or `batch_size` is below 1.
    """

    pixel_range: tuple[float, float] = (0.0, 1.0)
    seed: int = 0
    indices: Tensor | Sequence[int] | None = None
    record: bool = False
    attack_all: bool = False
    batch_size: int = 128
    progress: Callable[[int], object] | None = None

    def __post_init__(self) -> None:
        range_width(self.pixel_range)
        check_integer("batch_size", self.batch_size, 1)

    @property
    def width(self) -> float:
        """The width of `pixel_range`: a distance divided by it is one of images in [0, 1]."""
        return range_width(self.pixel_range)


def range_width(pixel_range: tuple[float, float]) -> float:
    """The width of a range of pixel values; ValueError where its second bound is not the larger."""
    low, high = (float(bound) for bound in pixel_range)
    if not high > low:
        raise ValueError(f"pixel_range: is {pixel_range!r}; its second number has to be the larger")
    return high - low


def check_minimum(name: str, value: float, least: float) -> None:
    """Raise ValueError where the parameter `name` is not a number of `least` or more."""
    if not float(value) >= least:
        raise ValueError(f"{name}: is {value!r}; it has to be {least:g} or more")


def check_integer(name: str, value: float, least: int) -> int:
    """The parameter `name` as an integer; ValueError where it is not a whole number of `least` or more."""
    check_minimum(name, value, least)
    if int(value) != value:
        raise ValueError(f"{name}: is {value!r}; it has to be a whole number")
    return int(value)
