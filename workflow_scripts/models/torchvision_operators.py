"""Let torchvision import beside a torch build that lacks its compiled operators."""

from __future__ import annotations

import torch

_LIBRARIES = []


def declare() -> None:
    """Declare the schemas of torchvision's `nms` and `qnms` where no operator library provides them.

    torchvision's registry wheel next to a CPU-only torch fails at import without them; models, data sets and
    transforms need no more.
    """
    if _LIBRARIES or hasattr(torch.ops.torchvision, "nms"):
        return
    library = torch.library.Library("torchvision", "FRAGMENT")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _LIBRARIES.append(library)
