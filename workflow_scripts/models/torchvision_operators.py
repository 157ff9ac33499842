"""Let torchvision import beside a torch build that lacks its compiled operators, and without PyTorch's compiler."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import torch

_LIBRARIES = []
_COMPILER = "torch._dynamo.utils"


def import_torchvision() -> None:
    """Import torchvision beside any build of torch, for its models, data sets and transforms."""
    _declare_operators()
    if _COMPILER in sys.modules:
        import torchvision  # noqa: F401

        return
    # torchvision.ops.roi_align imports the compiler only to ask whether it is supported, and neither torchvision nor
    # PyTorch has a setting against it. It costs each job 4.9 processor seconds instead of 0.6, and nothing here aligns
    # regions; so for the time of the import a module with that one function stands in for the compiler.
    stand_in = ModuleType(_COMPILER)
    stand_in.is_compile_supported = lambda device_type: False
    sys.modules[_COMPILER] = stand_in
    try:
        import torchvision  # noqa: F401
    finally:
        del sys.modules[_COMPILER]


def _declare_operators() -> None:
    """Declare the schemas of torchvision's `nms` and `qnms` where its compiled library, which has them, does not load.

    torchvision's registry wheel next to a CPU-only torch fails at import without them. Declared twice, they end the
    process.
    """
    if _LIBRARIES or hasattr(torch.ops.torchvision, "nms") or _loaded():
        return
    library = torch.library.Library("torchvision", "FRAGMENT")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _LIBRARIES.append(library)


def _loaded() -> bool:
    """Load torchvision's compiled operators, without importing torchvision; whether that went well."""
    package = find_spec("torchvision")
    folders = [] if package is None else package.submodule_search_locations or []
    for library in (path for folder in folders for path in Path(folder).glob("_C*.so")):
        try:
            torch.ops.load_library(library)
        except (ImportError, OSError):
            return False
        return True
    return False
