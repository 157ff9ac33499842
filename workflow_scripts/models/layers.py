"""The layers of any network: those that a configuration names, or those that a forward pass shows."""

from __future__ import annotations

import difflib
import re
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from math import isqrt

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

MOST_PREFIX_TOKENS = 5
"""Tokens before those of the image patches: a class token, a distillation token, registers."""
IDENTITIES = (nn.Identity, nn.Dropout, nn.Dropout2d, nn.Flatten)
GLOBAL_POOLING = (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)
_NUMBERED = re.compile(r"(.*?)_?(\d+)")


class LayerError(ValueError):
    """Layers that cannot be measured."""


@dataclass
class Call:
    """A module's one call in a forward pass: what it returned, and that tensor's version at that time."""

    name: str
    module: nn.Module
    output: Tensor | None
    version: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        return () if self.output is None else tuple(self.output.shape)

    @property
    def is_overwritten(self) -> bool:
        """Whether something later in the pass changed the output in place."""
        return self.output is not None and self.output._version != self.version


@dataclass
class Trace:
    """A forward pass of two images: the calls of modules that run once, in the order in which they end, and how often
    each module runs. adds, joins: whether feature maps are added, or concatenated by channels.
    """

    calls: OrderedDict[str, Call] = field(default_factory=OrderedDict)
    counts: Counter = field(default_factory=Counter)
    adds: bool = False
    joins: bool = False


@dataclass(frozen=True)
class NamedLayers:
    """The layers of a network and how they were found: named, plain, residual, dense, transformer.

    maps: name → module whose output is the layer's feature maps (N, C, H, W), from input to output.
    """

    kind: str
    maps: OrderedDict[str, nn.Module]


class TokenMaps(nn.Module):
    """Tokens (N, T, D) of √T × √T patches, after `prefix` others, as maps (N, D, √T, √T)."""

    def __init__(self, prefix: int):
        super().__init__()
        self.prefix = prefix

    def forward(self, tokens: Tensor) -> Tensor:
        patches = tokens[:, self.prefix :].transpose(1, 2)
        return patches.unflatten(2, (isqrt(patches.shape[2]), -1))


class _Observed:
    """A forward hook that hands a module's output to another one, whose hooks then see it in their form."""

    def __init__(self, form: nn.Module):
        self.form = form

    def __call__(self, _module, _inputs, output: Tensor) -> None:
        self.form(output)


class _Arithmetic(TorchDispatchMode):
    """Notes whether feature maps are added to each other or concatenated."""

    def __init__(self, trace: Trace):
        super().__init__()
        self.trace = trace

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function in (torch.ops.aten.add.Tensor, torch.ops.aten.add_.Tensor):
            first, second = args[:2]
            if isinstance(second, Tensor) and first.ndim == 4 and first.shape == second.shape:
                self.trace.adds = True
        elif function is torch.ops.aten.cat.default and args[0][0].ndim == 4 and (*args[1:], 0)[0] in (1, -3):
            self.trace.joins = True
        return function(*args, **(kwargs or {}))


def find_layers(network: nn.Module, shape: Sequence[int], patterns: Sequence[str] | None = None) -> NamedLayers:
    """The layers of a network for images (C, H, W) of `shape`.

    patterns: names of submodules, as `named_modules` gives them; `*`, `?` and `[…]` stand for a part of a name between
    dots. None: the blocks of a transformer; the first convolution and the stages of a network that adds or concatenates
    feature maps; or else every convolution with what follows it up to the next; all without maps of 1 × 1. LayerError,
    one line, where a pattern matches nothing or a layer has no feature maps.
    """
    trace = trace_of(network, shape)
    if patterns is not None:
        names, kind = _matching(network, trace, patterns), "named"
    else:
        names, kind = _found(trace)
    if not names:
        raise LayerError("models.<name>.layers: none are found in the network: name submodules of it")
    return NamedLayers(kind, OrderedDict((name, _maps_of(trace, name)) for name in names))


@torch.no_grad()
def trace_of(network: nn.Module, shape: Sequence[int]) -> Trace:
    """What the modules of a network return for two images of zeros of `shape` (C, H, W), in evaluation mode."""
    trace = Trace()
    some = next(network.parameters(), torch.zeros(()))

    def hook_of(name: str):
        def hook(module, _inputs, output):
            trace.counts[name] += 1
            tensor = output if isinstance(output, Tensor) else None
            trace.calls[name] = Call(name, module, tensor, 0 if tensor is None else tensor._version)

        return hook

    handles = [part.register_forward_hook(hook_of(name)) for name, part in network.named_modules() if name]
    try:
        with _evaluating(network), _Arithmetic(trace):
            network(torch.zeros((2, *shape), dtype=some.dtype, device=some.device))
    finally:
        for handle in handles:
            handle.remove()
    for name in [name for name, count in trace.counts.items() if count > 1]:
        del trace.calls[name]
    return trace


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluation mode inside the block; each module's own mode is set again after it."""
    modes = [(part, part.training) for part in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training


def _matching(network: nn.Module, trace: Trace, patterns: Sequence[str]) -> list[str]:
    """The names that match any of the patterns, in the order of the forward pass."""
    known = [name for name, _ in network.named_modules() if name]
    chosen: set[str] = set()
    for pattern in patterns:
        found = [name for name in known if _matches(name, pattern)]
        if not found:
            close = difflib.get_close_matches(pattern, known, 1)
            advice = f"; did you mean {close[0]!r}?" if close else f" (it has: {', '.join(known[:8])})"
            raise LayerError(f"models.<name>.layers: {pattern!r} matches no submodule{advice}")
        for name in found:
            if name not in trace.calls:
                times = f"runs {trace.counts[name]} times" if name in trace.counts else "does not run"
                raise LayerError(
                    f"models.<name>.layers: {name!r} {times} in a forward pass: name modules that run once"
                )
        chosen.update(found)
    return [name for name in trace.calls if name in chosen]


def _matches(name: str, pattern: str) -> bool:
    parts, wanted = name.split("."), pattern.split(".")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _found(trace: Trace) -> tuple[list[str], str]:
    """The names of the layers of a network that nobody named, and its kind."""
    blocks = [group for group in _groups(trace) if all(_is_tokens(call) for call in group)]
    if blocks:
        return [call.name for call in max(blocks, key=len)], "transformer"
    kind = "dense" if trace.joins and not trace.adds else "residual" if trace.adds else "plain"
    if kind != "plain":
        stages = [group for group in _groups(trace) if all(_is_stage(call) for call in group)]
        if stages:
            least = min(group[0].name.count(".") for group in stages)
            group = max((group for group in stages if group[0].name.count(".") == least), key=len)
            return _larger_than_a_value(trace, [*_stem(trace, group), *(call.name for call in group)]), kind
    return _convolutions(trace), kind


def _groups(trace: Trace) -> Iterator[list[Call]]:
    """Siblings with one name and a number each (`layer1`, `layer2`; `blocks.0`, `blocks.1`), two or more, as they run.

    Siblings without parameters, such as a pooling between two blocks, are left out.
    """
    groups: dict[tuple[str, str], list[Call]] = {}
    for name, call in trace.calls.items():
        parent, _, last = name.rpartition(".")
        numbered = _NUMBERED.fullmatch(last)
        if numbered and next(call.module.parameters(), None) is not None:
            groups.setdefault((parent, numbered[1]), []).append(call)
    return (group for group in groups.values() if len(group) > 1)


def _is_tokens(call: Call) -> bool:
    return len(call.shape) == 3 and call.shape[0] == 2 and _prefix(call.shape[1]) is not None and _is_block(call)


def _is_block(call: Call) -> bool:
    return next(call.module.children(), None) is not None


def _is_stage(call: Call) -> bool:
    convolutions = [part for part in call.module.modules() if isinstance(part, nn.Conv2d)]
    return len(call.shape) == 4 and bool(convolutions) and _is_block(call)


def _prefix(tokens: int) -> int | None:
    """How many tokens come before a square number of them, at least 4; None where that many cannot be."""
    return next(
        (k for k in range(MOST_PREFIX_TOKENS + 1) if tokens - k >= 4 and isqrt(tokens - k) ** 2 == tokens - k), None
    )


def _stem(trace: Trace, group: list[Call]) -> list[str]:
    """The first convolution, where it runs before the group."""
    order = list(trace.calls)
    first = next((name for name, call in trace.calls.items() if isinstance(call.module, nn.Conv2d)), None)
    before = first is not None and order.index(first) < order.index(group[0].name)
    return [first] if before and not first.startswith(f"{group[0].name}.") else []


def _convolutions(trace: Trace) -> list[str]:
    """Of every convolution, the last module before the next one that still returns maps of its channels."""
    names: list[str] = []
    current: Call | None = None
    for call in trace.calls.values():
        if _is_block(call) or isinstance(call.module, IDENTITIES):
            continue
        if isinstance(call.module, nn.Conv2d):
            current = call
            names.append(call.name)
        elif current is not None:
            same = len(call.shape) == 4 and call.shape[1] == current.shape[1]
            if same and min(call.shape[2:]) > 1 and not isinstance(call.module, GLOBAL_POOLING):
                names[-1] = call.name
            elif not same:
                current = None
    return [name for name in _larger_than_a_value(trace, names) if not trace.calls[name].is_overwritten]


def _larger_than_a_value(trace: Trace, names: list[str]) -> list[str]:
    """Without layers whose maps are 1 × 1: a single value has no mutual information with anything."""
    return [name for name in names if min(trace.calls[name].shape[2:]) > 1]


def _maps_of(trace: Trace, name: str) -> nn.Module:
    """The module whose output is the maps of the layer `name`; LayerError where it has none."""
    call = trace.calls[name]
    if call.is_overwritten:
        raise LayerError(
            f"models.<name>.layers: what follows {name!r} overwrites its output: name the module that follows"
        )
    if len(call.shape) == 4:
        return call.module
    prefix = _prefix(call.shape[1]) if len(call.shape) == 3 and call.shape[0] == 2 else None
    if prefix is None:
        shown = f"a tensor of shape {('N', *call.shape[1:])}" if call.shape else "no tensor"
        raise LayerError(
            f"models.<name>.layers: {name!r} returns {shown}, which is neither maps (N, C, H, W) nor the tokens "
            "(N, T, D) of a square of patches: name another module"
        )
    form = TokenMaps(prefix)
    call.module.register_forward_hook(_Observed(form))
    return form
