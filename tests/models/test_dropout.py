"""Dropout: the share dropped, the expectation, the generator, and the layout."""

from __future__ import annotations

import pytest
import torch

from workflow_scripts.models.dropout import Dropout


@pytest.mark.parametrize("p", [0.1, 0.25, 0.5])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_share_dropped_and_the_scale(p, layout):
    torch.manual_seed(0)
    x = torch.full((64, 16, 32, 32), 3.0).contiguous(memory_format=layout)
    out = Dropout(p).train()(x)
    share = (out == 0).double().mean().item()
    deviation = (p * (1 - p) / x.numel()) ** 0.5
    assert abs(share - p) < 5 * deviation
    assert torch.allclose(out[out != 0], torch.tensor(3.0 / (1 - p)), rtol=1e-4)
    assert out.is_contiguous(memory_format=layout)
    by_channel = (out == 0).double().mean(dim=(0, 2, 3))
    assert (by_channel - p).abs().max() < 6 * (p * (1 - p) * 16 / x.numel()) ** 0.5


def test_neighbouring_elements_are_dropped_independently():
    torch.manual_seed(1)
    dropped = (Dropout(0.5).train()(torch.ones(2**20)) == 0).double() - 0.5
    for distance in (1, 2, 3, 4, 8):
        correlation = 4 * (dropped[:-distance] * dropped[distance:]).mean().item()
        assert abs(correlation) < 5 / 2**10


def test_gradients_pass_where_outputs_did():
    x = torch.rand(5, 7, requires_grad=True)
    out = Dropout(0.5).train()(x)
    out.sum().backward()
    assert torch.equal(x.grad == 0, out == 0)


def test_the_generator_decides_and_evaluation_changes_nothing():
    x, layer = torch.rand(3, 5), Dropout(0.5).train()
    outputs = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        outputs.append(layer(x))
    assert torch.equal(outputs[0], outputs[1]) and not torch.equal(outputs[0], outputs[2])
    assert layer.eval()(x) is x
    assert Dropout(0.0).train()(x) is x
    assert torch.equal(Dropout(1.0).train()(x), torch.zeros_like(x))
