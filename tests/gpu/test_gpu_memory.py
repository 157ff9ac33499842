"""Half of the free memory, and not more, where an analysis takes as much at once as fits; and its results."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.gpu.device import DEVICE, ONLY_ON_CUDA, peak_bytes
from workflow_scripts.analysis.information.buckets import common_size, pack_maps, packed_information
from workflow_scripts.analysis.information.one_hot import label_maps, labelled_information
from workflow_scripts.analysis.saliency.filters import filter_saliency, images_at_once, memory_budget
from workflow_scripts.models.classifier import Classifier, architecture

only_on_cuda = pytest.mark.skipif(DEVICE != "cuda", reason=ONLY_ON_CUDA)
SLACK = 1.25
"""What the convolutions' own workspaces may take beyond the budget."""


@pytest.fixture(scope="module")
def victim() -> Classifier:
    torch.manual_seed(0)
    network = architecture("resnet18").build(in_channels=3, classes=10, image_size=32, width=0.25)
    return Classifier(network, [0.5] * 3, [0.25] * 3).eval().to(DEVICE)


def batch(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.rand(count, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    return x.to(DEVICE), (torch.arange(count) % 10).to(DEVICE)


def test_the_budget_on_a_gpu_is_half_of_what_is_free(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda *device: (6 << 30, 80 << 30))
    assert memory_budget("cuda") == 3 << 30
    assert memory_budget("cpu") == 1 << 30


def test_saliency_does_not_depend_on_the_budget(victim):
    x, y = batch(8)
    whole = filter_saliency(victim, x, y, 1 << 40)
    one_by_one = filter_saliency(victim, x, y, 1)
    assert images_at_once(victim, x, 1) == 1 and images_at_once(victim, x, 1 << 40) > 8
    torch.testing.assert_close(whole, one_by_one, rtol=1e-3, atol=1e-6)


@only_on_cuda
def test_saliency_stays_within_its_budget(victim):
    """Of more images than fit at once; a second run, as the first one sets up cuDNN."""
    budget = 256 << 20
    x, y = batch(4 * images_at_once(victim, batch(1)[0], budget))
    filter_saliency(victim, x, y, budget)
    assert peak_bytes(lambda: filter_saliency(victim, x, y, budget)) <= SLACK * budget


@only_on_cuda
def test_saliency_leaves_half_of_a_nearly_full_gpu_free(victim):
    """All but 1 GiB is taken by somebody else: the budget is half of that, and so is what is allocated."""
    x, y = batch(1024)
    filter_saliency(victim, x[:4], y[:4], 1 << 28)
    torch.cuda.empty_cache()
    ballast = torch.empty(max(0, torch.cuda.mem_get_info()[0] - (1 << 30)), dtype=torch.uint8, device=DEVICE)
    budget = memory_budget(DEVICE)
    assert budget <= 1 << 29
    assert peak_bytes(lambda: filter_saliency(victim, x, y, budget)) <= SLACK * budget
    del ballast


def relu_maps(count: int, channels: int, size: int) -> torch.Tensor:
    """Like maps behind a ReLU: six values of ten are zero."""
    generator = torch.Generator().manual_seed(size)
    return (torch.randn(count, channels, size, size, generator=generator) - 0.3).clamp(min=0)


@pytest.mark.parametrize(("larger", "smaller"), [(8, 8), (32, 32), (32, 8), (12, 5)])
def test_mutual_information_has_the_bits_of_the_compiled_loops(larger, smaller):
    """Products of one-hot matrices on the device against the bit-packed counts of the processor."""
    a, b = relu_maps(3, 7, larger), relu_maps(3, 5, smaller)
    size = common_size(a.shape, b.shape)
    labelled = labelled_information(*(label_maps(maps.to(DEVICE), size) for maps in (a, b)))
    packed = packed_information(*(pack_maps(maps.numpy(), size) for maps in (a, b)))
    np.testing.assert_array_equal(labelled.cpu().numpy(), packed)


@only_on_cuda
def test_mutual_information_of_large_layers_is_counted_in_pieces():
    """512 maps against 512 of 50 images are 1e9 joint counts, 4 GiB; a gigabyte is enough beside the indicators."""
    a, b = (relu_maps(50, 512, 8).to(DEVICE) for _ in range(2))
    labelled = [label_maps(maps, (8, 8)) for maps in (a, b)]
    assert peak_bytes(lambda: labelled_information(*labelled)) <= 1 << 30
