"""Networks that exist only as a file: the program and its weights in one archive, opened by one of the architectures.

An archive travels with the weights: it is the extra state of the network's state dictionary, as a tensor of bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor, nn

from workflow_scripts.models.classifier import Classifier

KINDS = {name: getattr(nn, name) for name in ("Conv2d", "Linear", "ReLU", "Flatten", "Identity")}
KINDS |= {name: getattr(nn, name) for name in ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d")}
KINDS |= dict.fromkeys(("Dropout", "Dropout2d"), nn.Identity)  # in evaluation mode
"""Names of the layers that analyses know by their class → the class."""
TOLERANCE = 1e-3
"""Largest difference between logits of the same image, relative to the largest logit."""


class ArchiveError(ValueError):
    """A file that is no archive of a network, or of one that cannot be measured; one line with the remedy."""


class NetworkFile(nn.Module):
    """A network from normalised images (N, C, H, W) to logits that is empty until its archive is loaded.

    Its submodules, parameters and buffers, and their names, are those of the network in the archive.
    """

    def __init__(self, opened: Callable[[bytes], nn.Module]):
        """opened: makes the network in the bytes of an archive, with submodules that take hooks; or ArchiveError."""
        super().__init__()
        self._open = opened
        self._archive = torch.empty(0, dtype=torch.uint8)
        self._held: list[nn.Module] = []

    def open(self, archive: Tensor) -> None:
        """Become the network in the archive (bytes,), in float32; nothing where it is that already."""
        if self._held and torch.equal(archive.cpu(), self._archive):
            return
        self._archive = archive.detach().cpu()
        network = self._open(self._archive.numpy().tobytes()).float()
        # The one network in two objects: what replaces a parameter in one replaces it in the other.
        self._modules, self._parameters, self._buffers = network._modules, network._parameters, network._buffers
        self._held = [network]
        self.train(self.training)

    def train(self, mode: bool = True) -> NetworkFile:
        """The mode of the whole network."""
        super().train(mode)
        for network in self._held:
            network.training = mode
        return self

    def forward(self, x: Tensor) -> Tensor:
        if not self._held:
            raise ArchiveError("the network is empty: load its archive first")
        return self._held[0](x)

    def get_extra_state(self) -> Tensor:
        """The archive (bytes,) uint8."""
        return self._archive

    def set_extra_state(self, state: Tensor) -> None:
        """Become the network in the archive `state`."""
        self.open(state)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *more) -> None:
        archive = state_dict.get(f"{prefix}_extra_state")
        if archive is not None:
            self.open(archive)  # before the parameters, which then have a place
        super()._load_from_state_dict(state_dict, prefix, *more)

    def check(self, images: Tensor) -> None:
        """ArchiveError, one line, where the network cannot be measured.

        That is where it has no derivative, its logits of an image depend on the others of a batch or on chance, or they
        are not those that the archive's own program returns, for `images` (N, C, H, W), normalised, two or more.
        """
        images = images.detach().requires_grad_()
        try:
            together = self(images)
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise ArchiveError(
                f"fails for {len(images)} images at once ({reason}): save it for batches of any size"
            ) from error
        if not isinstance(together, Tensor):
            return
        try:
            torch.autograd.grad(together.sum(), images)
        except RuntimeError as error:
            raise ArchiveError(
                f"its program has no derivative ({error}): save it while its parameters require gradients"
            ) from error
        with torch.no_grad():
            alone, again = torch.cat([self(image[None]) for image in images]), self(images)
            if alone.shape != together.shape or not _close(alone, together) or not _close(again, together):
                raise ArchiveError(
                    "its logits of an image depend on the other images of a batch or on chance: save it in evaluation "
                    "mode, network.eval()"
                )
            expected = getattr(self._held[0], "expected", None)
            if expected is not None and not _close(expected(images), together):
                raise ArchiveError("its program cannot be followed step by step: save it with torch.export.save")


def _close(first: Tensor, second: Tensor) -> bool:
    return bool((first - second).abs().max() <= TOLERANCE * second.abs().max().clamp(min=1))


def check_archive(classifier: Classifier, channels: int, size: int) -> None:
    """Check the network that a classifier has from an archive, in evaluation mode, by random images in [0, 1]."""
    classifier.eval()
    images = torch.rand(3, channels, size, size, generator=torch.Generator().manual_seed(0))
    classifier.network.check((images - classifier.mean) / classifier.std)


@cache
def of_kind(base: type[nn.Module], kind: str) -> type[nn.Module]:
    """A subclass of `base` that is named `kind`, as the class that a submodule of an archive was made from, and that
    analyses know as such a layer.
    """
    # A layer that is read from a program has its tensors alone, and the texts of torch.nn's layers need more.
    own = {"extra_repr": lambda self: "", "__module__": base.__module__}
    return type(kind, (base, KINDS[kind]) if kind in KINDS else (base,), own)


def set_sizes(layer: nn.Module) -> None:
    """Give a layer of an archive the attributes of its class that its weight tells."""
    if isinstance(layer, nn.Conv2d):
        layer.out_channels, layer.kernel_size = layer.weight.shape[0], tuple(layer.weight.shape[2:])
    elif isinstance(layer, nn.Linear):
        layer.out_features = layer.weight.shape[0]
