"""Outputs of modules, seen inside a block and nowhere else."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from workflow_scripts.models.hooks import output_hooks


def test_every_pass_is_seen_inside_the_block_alone():
    network, x = nn.Sequential(nn.Linear(3, 4), nn.ReLU()), torch.rand(2, 3)
    seen = []
    with output_hooks({"dense": network[0], "relu": network[1]}, lambda key, output: seen.append((key, output))):
        y = network(x)
        network(x)
    network(x)
    assert [key for key, _ in seen] == ["dense", "relu"] * 2
    assert torch.equal(seen[1][1], y) and torch.equal(seen[0][1], network[0](x))
    assert not any(module._forward_hooks for module in network.modules())


def test_an_error_ends_the_pass_and_removes_the_hooks():
    network = nn.Sequential(nn.Linear(3, 4), nn.ReLU())

    def stop(key, output):
        raise StopAsyncIteration

    with pytest.raises(StopAsyncIteration), output_hooks(dict(network.named_children()), stop):
        network(torch.rand(2, 3))
    assert not any(module._forward_hooks for module in network.modules())
