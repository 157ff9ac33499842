"""Networks that flatten feature maps by `view` work in every memory format, in every analysis and in a training."""

import copy
import sys

import pytest
import torch

from workflow_scripts.analysis.saliency.filters import filter_saliency
from workflow_scripts.attacks import pgd
from workflow_scripts.models.callables import _MODES
from workflow_scripts.models.classifier import build_classifier

NETS = """
from torch import nn
import torch

class Flat(nn.Module):
    def __init__(self, num_classes=3, fails=False):
        super().__init__()
        self.conv, self.head, self.fails = nn.Conv2d(3, 4, 3, padding=1), nn.Linear(256, num_classes), fails

    def forward(self, x):
        x = self.conv(x).relu()
        assert x.detach().view(torch.int32).dtype == torch.int32
        if self.fails:
            raise RuntimeError("on purpose")
        return self.head(x.view(x.size(0), -1))
"""
X, Y = torch.rand(4, 3, 8, 8), torch.tensor([0, 1, 2, 0])


@pytest.fixture
def classifier(tmp_path, monkeypatch):
    (tmp_path / "flat_nets.py").write_text(NETS)
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda **given: build_classifier(
        {"architecture": "flat_nets:Flat", "parameters": given, "in_channels": 3, "classes": 3, "image_size": 8}
        | {"mean": [0.5] * 3, "std": [0.5] * 3}
    )
    sys.modules.pop("flat_nets", None)


def test_values_are_those_of_contiguous_maps(classifier):
    torch.manual_seed(0)
    net = classifier().eval()
    expected = net(X)
    last = copy.deepcopy(net).to(memory_format=torch.channels_last)
    torch.testing.assert_close(last(X.contiguous(memory_format=torch.channels_last)), expected)
    last.train()(X.contiguous(memory_format=torch.channels_last)).sum().backward()
    assert last.network.conv.weight.grad is not None and not _MODES
    frozen = net.requires_grad_(False)
    result = pgd.attack(frozen, X.contiguous(memory_format=torch.channels_last), Y, epsilon=0.1, alpha=0.1, steps=2)
    assert result.x_adv.shape == X.shape


def test_gradients_per_image_are_the_same(classifier):
    net = classifier().train().requires_grad_(False)
    found = filter_saliency(net.eval(), X, Y)
    one = torch.cat([filter_saliency(net, x[None], y[None]) for x, y in zip(X, Y, strict=True)])
    torch.testing.assert_close(found, one)


def test_a_failing_pass_leaves_nothing_behind(classifier):
    with pytest.raises(RuntimeError, match="on purpose"):
        classifier(fails=True).eval()(X)
    assert not _MODES
    with pytest.raises(RuntimeError, match="view size is not compatible"):
        torch.rand(2, 3, 4, 4).contiguous(memory_format=torch.channels_last).view(2, -1)
