"""TorchScript programs run step by step, in modules whose hooks, parameters and gradients PyTorch's tools see."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from workflow_scripts.models.network_file import ArchiveError, of_kind, set_sizes

Step = Callable[[dict[str, Any], torch.device], None]
"""Reads the values that earlier steps have set, by name, and sets its own; constants are put on the device."""
_FORWARD = re.compile(r"forward\d*")


class ScriptedModule(nn.Module):
    """A module of a TorchScript archive, with its submodules, parameters and buffers under their names."""

    def __init__(self, scripted: torch.jit.ScriptModule):
        nn.Module.__init__(self)
        self._attributes, self._programs = scripted._c, {}
        for name, parameter in scripted.named_parameters(recurse=False):
            self.register_parameter(name, nn.Parameter(parameter.detach(), parameter.requires_grad))
        for name, buffer in scripted.named_buffers(recurse=False):
            self.register_buffer(name, buffer)
        for name, child in scripted.named_children():
            self.add_module(name, scripted_module(child))
        self.training = False

    def forward(self, *given: Any, method: str = "forward") -> Any:
        return self.run(method, *given)

    def run(self, method: str, *given: Any) -> Any:
        """What one of the module's methods returns."""
        if method not in self._programs:
            found = self._attributes._get_method(method)
            defaults = [each.default_value if each.has_default_value() else None for each in found.schema.arguments]
            self._programs[method] = _names(found.graph.inputs()), defaults, *_block(found.graph)
        inputs, defaults, steps, outputs = self._programs[method]
        device = next((each.device for each in given if isinstance(each, Tensor)), torch.device("cpu"))
        all_given = (self, *given)
        values = dict(zip(inputs, (*all_given, *defaults[len(all_given) :]), strict=True))
        for step in steps:
            step(values, device)
        return values[outputs[0]] if len(outputs) == 1 else tuple(values[name] for name in outputs)

    def attribute(self, name: str) -> Any:
        """A submodule, parameter, buffer, or other attribute of the archive."""
        for members in (self._parameters, self._buffers, self._modules):
            if name in members:
                return members[name]
        return self.training if name == "training" else self._attributes.getattr(name)


def scripted_module(scripted: torch.jit.ScriptModule) -> ScriptedModule:
    """A module of an archive, as an instance of the class of torch.nn that it was made from, too."""
    made = of_kind(ScriptedModule, scripted.original_name)(scripted)
    set_sizes(made)
    return made


def _execute(steps: list[Step], values: dict[str, Any], device: torch.device) -> None:
    for step in steps:
        step(values, device)


def _names(values) -> list[str]:
    return [value.debugName() for value in values]


def _block(block) -> tuple[list[Step], list[str]]:
    """The steps of a graph or block, and the names of what it returns."""
    return [_step(node) for node in block.nodes()], _names(block.outputs())


def _step(node) -> Step:
    """One node of a graph as a step; ArchiveError where it is of a kind that is not known."""
    kind = node.kind()
    if kind in _STRUCTURE:
        return _STRUCTURE[kind](node)
    return _computed(node, _FUNCTIONS[kind] if kind in _FUNCTIONS else _operator(node))


def _computed(node, function: Callable) -> Step:
    """A step that calls a function with the node's inputs."""
    inputs, outputs = _names(node.inputs()), _names(node.outputs())

    def step(values: dict[str, Any], _device: torch.device) -> None:
        result = function(*(values[name] for name in inputs))
        if len(outputs) == 1:
            values[outputs[0]] = result
        else:
            values.update(zip(outputs, result or (), strict=True))

    return step


def _operator(node) -> Callable:
    """The operator of PyTorch that a node calls, as a function of all its arguments by position."""
    space, _, name = node.kind().partition("::")
    try:
        schema = torch._C.parse_schema(node.schema())
        called = getattr(getattr(getattr(torch.ops, space), name), schema.overload_name or "default")
    except (AttributeError, RuntimeError) as error:
        raise ArchiveError(
            f"its program has a step {node.kind()}, which is not known here: save the network with torch.export.save"
        ) from error
    by_position = [each.name for each in schema.arguments if not each.kwarg_only]
    by_keyword = [each.name for each in schema.arguments if each.kwarg_only]

    def call(*given: Any) -> Any:
        first, rest = given[: len(by_position)], given[len(by_position) :]
        return called(*first, **dict(zip(by_keyword, rest, strict=False)))

    return call


def _constant(node) -> Step:
    (name,) = _names(node.outputs())
    if node.attributeNames() == ["name"]:  # a function
        value = getattr(F, node.s("name"), None)
        if value is None:
            raise ArchiveError(
                f"its program calls {node.s('name')}(), which is no function of torch.nn.functional: save the network "
                "with torch.jit.trace"
            )
    else:
        value = node.output().toIValue()

    def step(values: dict[str, Any], device: torch.device) -> None:
        if isinstance(value, Tensor):
            values[name] = value.to(device)
        else:
            values[name] = device if isinstance(value, torch.device) else value

    return step


def _get_attribute(node) -> Step:
    wanted = node.s("name")
    return _computed(node, lambda module: module.attribute(wanted))


def _call_method(node) -> Step:
    method = node.s("name")

    def call(module: ScriptedModule, *given: Any) -> Any:
        return module(*given, method=method) if _FORWARD.fullmatch(method) else module.run(method, *given)

    return _computed(node, call)


def _if(node) -> Step:
    (condition,), outputs = _names(node.inputs()), _names(node.outputs())
    branches = [_block(block) for block in node.blocks()]

    def step(values: dict[str, Any], device: torch.device) -> None:
        steps, results = branches[0 if values[condition] else 1]
        _execute(steps, values, device)
        values.update({name: values[result] for name, result in zip(outputs, results, strict=True)})

    return step


def _loop(node) -> Step:
    most, start, *carried = _names(node.inputs())
    (body,), outputs = node.blocks(), _names(node.outputs())
    (index, *inside), (steps, (go_on, *results)) = _names(body.inputs()), _block(body)

    def step(values: dict[str, Any], device: torch.device) -> None:
        state, count, goes_on = [values[name] for name in carried], 0, values[start]
        while goes_on and count < values[most]:
            values.update(zip(inside, state, strict=True))
            values[index] = count
            _execute(steps, values, device)
            state, goes_on, count = [values[name] for name in results], values[go_on], count + 1
        values.update(zip(outputs, state, strict=True))

    return step


def _raise(*message: Any) -> None:
    raise ArchiveError(f"its program stops: {message[0] if message else ''}: give it the images that it was made for")


def _append(items: list, item: Any) -> list:
    items.append(item)
    return items


_STRUCTURE = {
    "prim::Constant": _constant,
    "prim::GetAttr": _get_attribute,
    "prim::CallMethod": _call_method,
    "prim::If": _if,
    "prim::Loop": _loop,
}
"""Kinds of nodes that are more than a function of their inputs."""
_FUNCTIONS: dict[str, Callable] = {
    "prim::CallFunction": lambda function, *given: function(*given),
    "prim::ListConstruct": lambda *items: list(items),
    "prim::TupleConstruct": lambda *items: items,
    "prim::ListUnpack": lambda items: items[0] if len(items) == 1 else items,
    "prim::TupleUnpack": lambda items: items[0] if len(items) == 1 else items,
    "prim::RaiseException": _raise,
    "prim::Uninitialized": lambda: None,
    "prim::unchecked_cast": lambda value: value,
    "prim::unchecked_unwrap_optional": lambda value: value,
    "prim::NumToTensor": torch.tensor,
    "prim::device": lambda tensor: tensor.device,
    "prim::dtype": lambda tensor: tensor.dtype,
    "prim::min": min,
    "prim::max": max,
    "aten::len": len,
    "aten::__getitem__": operator.getitem,
    "aten::Int": int,
    "aten::Float": float,
    "aten::Bool": bool,
    "aten::append": _append,
    "aten::__is__": lambda first, second: first is second,
    "aten::__isnot__": lambda first, second: first is not second,
    "aten::format": lambda text, *given: text.format(*given),
}
