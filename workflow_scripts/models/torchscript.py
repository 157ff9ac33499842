"""torchscript: a finished network in a TorchScript archive (torch.jit.save), scripted or traced.

The archive is opened by torch.jit.load and its programs are run step by step, so that its submodules take hooks and its
parameters gradients, as those of any other network.
"""

from __future__ import annotations

import io

import torch
from torch import Tensor, nn

from workflow_scripts.models.network_file import ArchiveError, NetworkFile
from workflow_scripts.models.torchscript_program import ScriptedModule, scripted_module

ARCHIVE = "a TorchScript archive"
"""What `weights` are: the network with its weights."""


def build(*, in_channels: int, classes: int, image_size: int, width: float = 1) -> NetworkFile:
    """The network before its archive is loaded, which decides all sizes."""
    del in_channels, classes, image_size, width
    return NetworkFile(opened)


def opened(archive: bytes) -> nn.Module:
    """The network in a TorchScript archive; ArchiveError where it is none, or has a step that is not known."""
    try:
        scripted = torch.jit.load(io.BytesIO(archive), map_location="cpu")
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[0]
        raise ArchiveError(f"is no TorchScript archive ({reason}): save it with torch.jit.save") from error
    scripted.eval().float()
    network: ScriptedModule = scripted_module(scripted)

    def expected(x: Tensor) -> Tensor:
        with torch.jit.optimized_execution(False):  # a few passes are not worth compiling for
            return scripted(x)

    network.expected = expected
    return network
