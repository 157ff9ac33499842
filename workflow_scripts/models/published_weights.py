"""Weights as people publish them: the state dictionary inside a checkpoint."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

HARMLESS: list = [argparse.Namespace, np.dtype, np._core.multiarray.scalar]
HARMLESS += [type(np.dtype(kind)) for kind in (np.float64, np.float32, np.int64, np.int32, np.bool_)]
HARMLESS += [(np._core.multiarray.scalar, "numpy.core.multiarray.scalar")]  # its name in files written with NumPy 1
"""Beside PyTorch's own, the classes of what trainings save with weights: options and accuracies. None runs code."""
ARCHIVE = "archive"
"""The name of the tensor of bytes into which an archive of a whole network is read."""
SHOWN = 4
_PICKLED = re.compile(r"Unsupported global: GLOBAL (\S+)")


class UnsuitableFileError(ValueError):
    """A file without a state dictionary that can be used; the message ends with the remedy."""


def read_published(path: Path, key: str | None = None) -> dict[str, Tensor]:
    """The state dictionary in a .safetensors file or a PyTorch checkpoint, by the names that the file has.

    key: where in the checkpoint it is (`model_ema`, `model.ema` for a mapping within a mapping, `state_dict.0` for the
    first of a list); None: the only one.
    Code in the file is not run. UnsuitableFileError, one line, where the file is a pickled module or a TorchScript
    archive, has no state dictionary or several, or has quantised tensors.
    """
    content = load_file(path) if path.suffix == ".safetensors" else _without_code(path)
    return {name: tensor.detach().contiguous().clone() for name, tensor in state_dictionary(content, key).items()}


def read_archive(path: Path) -> dict[str, Tensor]:
    """The bytes (n,) uint8 of an archive of a whole network, under the name ARCHIVE; nothing of it is opened."""
    return {ARCHIVE: torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.uint8)}


def _without_code(path: Path) -> object:
    try:
        with torch.serialization.safe_globals(HARMLESS):
            return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        found = _PICKLED.search(str(error))
        if found is None:
            raise
        raise UnsuitableFileError(
            f"it holds a pickled object ({found[1]}), whose code is not run: load it where it "
            "was made and save its state dictionary, torch.save(model.state_dict(), …)"
        ) from error
    except RuntimeError as error:
        if "TorchScript" not in str(error):
            raise
        raise UnsuitableFileError(
            "it is a TorchScript archive and no state dictionary: set models.<name>.architecture to torchscript"
        ) from error


def state_dictionary(content: object, key: str | None = None) -> Mapping[str, Tensor]:
    """The mapping of names to tensors in a checkpoint's content, at `key` or the only one; else UnsuitableFileError."""
    found = dict(_state_dictionaries(content))
    names = ", ".join(sorted(found)) or "none"
    if key is not None:
        if key not in found:
            raise UnsuitableFileError(f"it has no state dictionary {key!r} (it has: {names}): correct weights_key")
        chosen = found[key]
    elif not found:
        raise UnsuitableFileError(f"it has no mapping of names to tensors{_contents(content)}: give a state dictionary")
    elif len(found) > 1:
        raise UnsuitableFileError(f"it has several state dictionaries ({names}): set weights_key to one of them")
    else:
        (chosen,) = found.values()
    quantised = [name for name, tensor in chosen.items() if tensor.is_quantized]
    if quantised:
        raise UnsuitableFileError(f"{quantised[0]} is quantised: give the weights from before the quantisation")
    return chosen


def _state_dictionaries(content: object, where: str = "") -> Iterator[tuple[str, Mapping[str, Tensor]]]:
    """Every mapping of names to tensors in nested mappings and lists, with its dotted key; the topmost's key is ""."""
    inside = enumerate(content) if isinstance(content, list | tuple) else ()
    if isinstance(content, Mapping) and all(isinstance(name, str) for name in content):
        if content and all(isinstance(value, Tensor) for value in content.values()):
            yield where, content
            return
        inside = content.items()
    for name, value in inside:
        yield from _state_dictionaries(value, f"{where}.{name}" if where else str(name))


def _contents(content: object) -> str:
    if not isinstance(content, Mapping):
        return f" (it is a {type(content).__name__})"
    names = [str(name) for name in content]
    return f" (it has: {', '.join(names[:SHOWN])}{' …' if names[SHOWN:] else ''})" if names else " (it is empty)"
