"""Networks of other code: a class or function named as `module:callable`, torchvision's and timm's by their names."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

CLASSES = ("num_classes", "n_classes", "nb_classes", "classes")
CHANNELS = ("in_channels", "in_chans")
SIZES = ("image_size", "img_size")
"""Keywords by which callables take the number of classes, the channels and the side of the images."""


@dataclass(frozen=True)
class CallableArchitecture:
    """An architecture `module:callable`, used as the project's own architecture modules are."""

    name: str

    INITIALISATION = "own"
    """Its weights before training are those that its code sets."""

    def build(self, parameters: Mapping, *, in_channels: int, classes: int, image_size: int) -> nn.Module:
        """The network for images (N, in_channels, image_size, image_size), in float32, without in-place modules.

        The callable is given `parameters` and, of CLASSES, CHANNELS and SIZES, the keywords that it takes and
        `parameters` do not give. ValueError where it returns no network, or one of torchvision's for other than 3
        channels has no convolution to adapt.
        """
        from workflow_scripts.models.torchvision_operators import import_torchvision

        module, _, name = self.name.partition(":")
        import_torchvision()  # timm and most code of networks import it
        if module == "torchvision":
            network = _torchvision(name, in_channels, {"num_classes": classes, **parameters})
        elif module == "timm":
            given = {"num_classes": classes, "in_chans": in_channels, **parameters}
            network = importlib.import_module("timm").create_model(name, pretrained=False, **given)
        else:
            made = getattr(importlib.import_module(module), name)
            filled = {**dict.fromkeys(CLASSES, classes), **dict.fromkeys(CHANNELS, in_channels)}
            network = made(**_taken(made, {**filled, **dict.fromkeys(SIZES, image_size)}, parameters), **parameters)
        if not isinstance(network, nn.Module):
            raise ValueError(f"{self.name} returns {type(network).__name__}, which is no torch.nn.Module")
        network.register_forward_pre_hook(_reshape)
        network.register_forward_hook(_view, always_call=True)
        for part in network.modules():
            if getattr(part, "inplace", False) is True:
                part.inplace = False  # the same values, and what a layer returned stays what it was
        return network.float()


class _Reshaping(TorchFunctionMode):
    """Inside it `view` is `reshape`, which takes feature maps of any memory format."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function is torch.Tensor.view and not any(isinstance(each, torch.dtype) for each in args):
            function = torch.Tensor.reshape
        return function(*args, **(kwargs or {}))


_MODES: list[_Reshaping] = []
"""Those of the forward passes under way, the innermost last."""


def _reshape(_network: nn.Module, _given: tuple) -> None:
    """Before a forward pass: networks flatten with `x.view(len(x), -1)`, and here maps are in channels-last format."""
    _MODES.append(_Reshaping())
    _MODES[-1].__enter__()


def _view(*_pass: object) -> None:
    """After a forward pass, or where it failed."""
    _MODES.pop().__exit__(None, None, None)


def _taken(made: Callable, filled: dict, parameters: Mapping) -> dict:
    """Of the keywords that the workflow fills in, those that the callable names and the configuration does not give."""
    if isinstance(made, nn.Module):
        raise ValueError(f"{type(made).__name__} is a network already: name a class or function that builds one")
    return {key: filled[key] for key in inspect.signature(made).parameters if key in filled and key not in parameters}


def _torchvision(name: str, in_channels: int, parameters: dict) -> nn.Module:
    import torchvision

    network = getattr(torchvision.models, name)(weights=None, **parameters)
    if in_channels != 3:
        _adapt(network, name, in_channels)
    return network


def _adapt(network: nn.Module, name: str, in_channels: int) -> None:
    """Replace the first convolution by one that takes `in_channels` instead of 3."""
    for path, part in network.named_modules():
        if type(part) is nn.Conv2d and part.in_channels == 3 and part.groups == 1:
            parent, _, last = path.rpartition(".")
            size = (part.kernel_size, part.stride, part.padding, part.dilation)
            made = nn.Conv2d(in_channels, part.out_channels, *size, bias=part.bias is not None)
            setattr(network.get_submodule(parent), last, made)
            return
    raise ValueError(f"torchvision's {name} takes images of 3 channels, not {in_channels}")
