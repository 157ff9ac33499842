"""The learning rate and the crop size as functions of the epoch."""

from __future__ import annotations

import math


def learning_rate(schedule: dict, peak: float, epoch: float, epochs: int) -> float:
    """The learning rate at `epoch` (a fraction within an epoch counts), 0 ≤ epoch ≤ epochs.

    `schedule["name"]`: "constant"; "cosine" (linear warm-up over the share `warmup` of the epochs, then half a cosine
    to zero); "multistep" (× `factor` at each epoch of `milestones`, after a linear warm-up over the share `warmup`).
    """
    warmup = schedule["warmup"] * epochs
    if epoch < warmup:
        return peak * max(epoch / warmup, 1e-3)
    if schedule["name"] == "cosine":
        return peak * 0.5 * (1 + math.cos(math.pi * (epoch - warmup) / (epochs - warmup)))
    if schedule["name"] == "multistep":
        return peak * schedule["factor"] ** sum(epoch >= milestone for milestone in schedule["milestones"])
    return peak


def crop_size(stages: list[dict], epoch: int, full: int) -> int:
    """The side of the random crops at `epoch`; `full` before the first stage.

    `stages`: [{"from_epoch": e, "size": s}, …] in ascending order.
    """
    size = full
    for stage in stages:
        if epoch >= stage["from_epoch"]:
            size = stage["size"]
    return size
