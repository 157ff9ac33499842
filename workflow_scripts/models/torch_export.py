"""torch_export: a finished network in an archive of torch.export.save (.pt2).

PyTorch's loader of such archives runs code where the archive asks for it: it unpickles, evaluates texts, and looks
functions up by any name. So an archive is read first, and refused unless it has operators of PyTorch and tensors alone.
"""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pickle import UnpicklingError
from typing import Any

import torch
from torch import nn

from workflow_scripts.models.network_file import ArchiveError, NetworkFile, of_kind, set_sizes

ARCHIVE = "an archive of torch.export"
"""What `weights` are: the network with its weights."""
_OPERATOR = re.compile(r"torch\.ops\.(aten|prims|higher_order)\.\w+(\.\w+)?|_operator\.\w+|math\.\w+|torch\.sym_\w+")
_SIZE_FUNCTIONS = ("Integer", "Add", "Mul", "Pow", "Max", "Min", "Mod", "FloorDiv")
_SIZE_PARTS = (ast.Expression, ast.Name, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop, ast.expr_context)
"""What an expression for a size may have beside whole numbers and symbols, such as Mul(Integer(2), Symbol('s77'))."""
SAVE = "save it with torch.export.save"


def build(*, in_channels: int, classes: int, image_size: int, width: float = 1) -> NetworkFile:
    """The network before its archive is loaded, which decides all sizes."""
    del in_channels, classes, image_size, width
    return NetworkFile(opened)


def opened(archive: bytes) -> nn.Module:
    """The network in an archive of torch.export; ArchiveError where it is none, or would run code."""
    try:
        _check_archive(archive)
        network = torch.export.unflatten(torch.export.load(io.BytesIO(archive)))
    except ArchiveError:
        raise
    except Exception as error:  # a damaged archive: whatever its parts raise
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ArchiveError(f"is no archive of torch.export ({reason}): {SAVE}") from error
    for name, part in network.named_modules():
        kind = (getattr(part, "_ty", None) or "").rpartition(".")[2]
        if name and kind:
            part.__class__ = of_kind(type(part), kind)
            set_sizes(part)
    return network


def _check_archive(archive: bytes) -> None:
    """ArchiveError where opening the archive would run code."""
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        inside = {name.partition("/")[2]: name for name in files.namelist()}
        if not any(name.startswith("models/") for name in inside):
            raise ArchiveError(
                f"has no program of torch.export, or one of an old PyTorch: {SAVE} of PyTorch 2.9 or newer"
            )
        for name, whole in inside.items():
            if name.startswith("data/sample_inputs/"):
                _check_inputs(files.read(whole))
            elif name.endswith(".json"):
                for key, value in _entries(json.loads(files.read(whole))):
                    _check_entry(key, value)
            elif name.startswith(("data/weights/", "data/constants/")) and name.endswith(".pt"):
                raise ArchiveError(f"has pickled tensors of an old PyTorch: {SAVE} of PyTorch 2.9 or newer")


def _check_inputs(content: bytes) -> None:
    try:
        torch.load(io.BytesIO(content), weights_only=True)
    except UnpicklingError as error:
        raise ArchiveError(f"has pickled objects, whose code is not run: {SAVE} from images alone") from error


def _check_entry(key: str, value: Any) -> None:
    if key == "use_pickle" and value:
        raise ArchiveError(f"has pickled tensors or objects, whose code is not run: {SAVE} from plain tensors")
    if key == "path_name" and str(value).startswith(("custom_obj", "opaque_obj")):
        raise ArchiveError(f"has objects beside tensors, whose code is not run: {SAVE} without them")
    if key == "target" and isinstance(value, str) and not _OPERATOR.fullmatch(value):
        raise ArchiveError(f"calls {value}, which is no operator of PyTorch: {SAVE} from such operators alone")
    if key == "expr_str" and not _is_size(str(value)):
        raise ArchiveError(f"has a size {value}, which is not evaluated: {SAVE} with the batch as its only free size")


def _entries(content: Any) -> Iterator[tuple[str, Any]]:
    """Every key and value in nested mappings and lists."""
    items = content.items() if isinstance(content, dict) else ()
    yield from items
    for value in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        yield from _entries(value)


def _is_size(text: str) -> bool:
    """Whether an expression consists of whole numbers, symbols and arithmetic alone, so that it may be evaluated."""
    try:
        return _is_arithmetic(ast.parse(text, mode="eval"))
    except (SyntaxError, ValueError):
        return False


def _is_arithmetic(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int)
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", None)
        if name == "Symbol":  # its text is a name and is not evaluated, as other functions' texts are
            given = (*node.args, *(keyword.value for keyword in node.keywords))
            return all(isinstance(each, ast.Constant) for each in given)
        return name in _SIZE_FUNCTIONS and not node.keywords and all(map(_is_arithmetic, node.args))
    return isinstance(node, _SIZE_PARTS) and all(map(_is_arithmetic, ast.iter_child_nodes(node)))
