"""Why a job failed, in one line that names the file and the remedy, for the causes that lie outside the code."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from pickle import UnpicklingError

from workflow_scripts.recipes.recipe import Recipe
from workflow_scripts.recipes.weights_content import TORCHVISION

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_DENIED = (errno.EROFS, errno.EACCES, errno.EPERM)
_MIN_FREE = 1 << 20
"""Bytes: with less free space than this the disk counts as full, whatever a library says of a failed write."""
_READERS = ("torch.serialization", "torch._weights_only_unpickler", "numpy.lib", "zipfile", "safetensors", "pickle")
_UNREADABLE = (ValueError, OSError, EOFError, SyntaxError, KeyError)
"""What Pillow, NumPy and the readers of the sources raise on broken files."""
_NO_MEMORY = "DefaultCPUAllocator: can't allocate memory"
"""What torch says, in a plain RuntimeError."""
_NO_GPU_MEMORY = re.compile(r"CUDA error: out of memory|_STATUS_ALLOC_FAILED")
"""What CUDA and its libraries say in plain RuntimeErrors."""
_SELF_EXPLAINING = ("AttackError", "DivergedError", "MisfitError", "SplitError", "TooFewImages")
"""Errors whose messages name the key of the configuration."""
_MAX_LENGTH = 300


def diagnose(error: Exception, recipe: Recipe, folders: tuple[Path, ...], scratch: Path, sources: str) -> str | None:
    """The line for a known cause; None where the code itself may be at fault, and the traceback is needed.

    `folders` are those that the job writes, `scratch` is what an earlier run of the same recipe may have left, and
    `sources` names a data set's or weights' files.
    """
    chain = list(_chain(error))
    full = [e for e in chain if isinstance(e, OSError) and e.errno in _DISK_FULL]
    scarce = [folder for folder in folders if _free(folder) < _MIN_FREE]
    if full or scarce:
        where = scarce or [each.filename for each in full if each.filename] or folders
        return f"the disk is full ({' or '.join(map(str, where))}): free space, then run snakemake again"
    denied = next((e for e in chain if isinstance(e, OSError) and e.errno in _DENIED and e.filename), None)
    if denied is not None:
        return f"{denied.filename}: {denied.strerror}: correct its permissions, then run snakemake again"
    known = next((each for each in chain if type(each).__name__ in _SELF_EXPLAINING), None)
    if known is not None:
        return f"{_short(known)}, then run snakemake again"
    if any(type(each).__name__ == "OutOfMemoryError" or _NO_GPU_MEMORY.search(str(each)) for each in chain):
        return f"the GPU's memory is full ({_short(error)}): end what else uses it, or set execution.device to cpu"
    if any(isinstance(each, MemoryError) or _NO_MEMORY in str(each) for each in chain):
        return "memory is full: run fewer jobs at once (--cores); on a cluster --retries asks for more each time"
    if recipe.kind == "weights" and (name := recipe.parameters["content"]).startswith(TORCHVISION):
        return (
            f"torchvision's weights {name.removeprefix(TORCHVISION)} cannot be downloaded ({_short(error)}): check the "
            "name and the connection, or give a file below execution.data; then run snakemake again"
        )
    if recipe.kind in ("dataset", "weights") and (isinstance(error, _UNREADABLE) or _was_reading(error)):
        return f"{sources} cannot be used ({_short(error)}): fix or replace it, then run snakemake again"
    left = sorted(path.name for path in scratch.rglob("[!.]*") if path.is_file())
    if left and any(_was_reading(each) for each in chain):
        return (
            f"{scratch} cannot be continued from ({', '.join(left[:3])}: {_short(error)}): "
            "remove that folder, then run snakemake again; this job starts over"
        )
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _free(folder: Path) -> float:
    """Bytes free where a folder is or will be."""
    for path in (folder, *folder.parents):
        try:
            return shutil.disk_usage(path).free
        except OSError:
            continue
    return float("inf")


def _was_reading(error: BaseException) -> bool:
    """Whether the error was raised inside one of the libraries that read files."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").startswith(_READERS):
            return True
        trace = trace.tb_next
    return False


def _short(error: BaseException) -> str:
    if isinstance(error, UnpicklingError):  # PyTorch's own message advises to run the file's code
        return "it is damaged or holds more than tensors; no code in it was run"
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}…"
