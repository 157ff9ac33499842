"""Look at what modules return during forward passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from torch import Tensor, nn

K = TypeVar("K")


@contextmanager
def output_hooks(modules: Mapping[K, nn.Module], see: Callable[[K, Tensor], None]) -> Iterator[None]:
    """Inside the block, `see(key, output)` is called after each forward pass of each of the `modules`.

    What `see` returns is ignored, so it cannot change an output; what it raises ends the forward pass.
    """

    def hook_of(key: K):
        def hook(_module, _inputs, output):
            see(key, output)

        return hook

    handles = [module.register_forward_hook(hook_of(key)) for key, module in modules.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
