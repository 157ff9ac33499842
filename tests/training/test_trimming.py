"""Network trimming: counts by brute force, and the trimmed network against the whole one with neurons set to zero."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from workflow_scripts.models.classifier import build_classifier, count_parameters
from workflow_scripts.training.trimming import average_zeros, keep_at_most, ranked, trimmed, weight_layers


def described(architecture: str, width: float, image_size: int) -> dict:
    return {
        "architecture": architecture,
        "in_channels": 3,
        "classes": 10,
        "image_size": image_size,
        "parameters": {"width": width},
        "mean": [0.5],
        "std": [0.5],
    }


NETWORKS = [described("good_init", 0.25, 16), described("deep_conv", 0.25, 16), described("vgg_like", 0.125, 32)]


def network(description: dict, seed: int = 0):
    torch.manual_seed(seed)
    classifier = build_classifier(description)
    for part in classifier.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(part.weight)
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
            nn.init.uniform_(part.weight, 0.5, 2)
            nn.init.normal_(part.bias)
    return classifier.eval()


def pictures(size: int, count: int = 24) -> torch.Tensor:
    return torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def with_zeros(classifier, kept, x):
    """The whole network, with the outputs of every neuron that is not kept multiplied by zero."""
    hidden = weight_layers(classifier.network)[:-1]
    ends = [_last_of_its_layer(classifier.network, layer) for layer in hidden]
    handles = []
    for end, indices, layer in zip(ends, kept, hidden, strict=True):
        mask = torch.zeros(len(layer.weight))
        mask[indices] = 1

        def hook(_module, _inputs, output, mask=mask):
            return output * (mask.view(1, -1, 1, 1) if output.ndim == 4 else mask)

        handles.append(end.register_forward_hook(hook))
    try:
        return classifier(x)
    finally:
        for handle in handles:
            handle.remove()


def _last_of_its_layer(whole: nn.Module, layer: nn.Module) -> nn.Module:
    """The ReLU behind a layer, or the batch norm behind that ReLU."""
    leaves = [part for part in whole.modules() if not list(part.children())]
    place = next(i for i, part in enumerate(leaves) if part is layer)
    assert isinstance(leaves[place + 1], nn.ReLU)
    norm = leaves[place + 2]
    return norm if isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d) else leaves[place + 1]


@pytest.mark.parametrize("description", NETWORKS, ids=lambda d: d["architecture"])
def test_a_trimmed_network_computes_what_the_whole_one_does_with_zeroed_neurons(description):
    classifier, images = network(description), pictures(description["image_size"])
    zeros = average_zeros(classifier, images)
    kept = keep_at_most(int(0.6 * count_parameters(classifier.network)), zeros, description)
    assert sum(len(indices) < len(values) for indices, values in zip(kept, zeros, strict=True)) >= len(zeros) // 2
    small, smaller = trimmed(classifier, description, kept)
    assert smaller["parameters"]["sizes"] == [len(indices) for indices in kept]
    with torch.no_grad():
        found = small.eval()(images / 255)
    expected = with_zeros(classifier, kept, images / 255)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(found, classifier(images / 255), atol=1e-2)


def test_the_share_of_zeros_is_that_of_a_plain_count():
    description = NETWORKS[1]
    classifier, images = network(description), pictures(16)
    x = (images / 255 - classifier.mean) / classifier.std
    expected = []
    with torch.no_grad():
        for part in [*classifier.network.features, *classifier.network.head]:
            if isinstance(part, nn.Sequential):
                hidden = part.relu(part.convolution(x))
                expected.append(
                    torch.tensor([[float((m == 0).float().mean()) for m in image] for image in hidden]).mean(0)
                )
                x = part.pool(hidden) if hasattr(part, "pool") else hidden
            else:
                x = part(x)
                if isinstance(part, nn.ReLU):
                    expected.append((x == 0).float().mean(0))
    found = average_zeros(classifier, images)
    assert len(found) == 8
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours.float(), theirs, atol=1e-6, rtol=0)


def test_zeros_do_not_depend_on_batches(monkeypatch):
    classifier, images = network(NETWORKS[1]), pictures(16)
    whole = average_zeros(classifier, images)
    monkeypatch.setattr("workflow_scripts.training.trimming.BATCH", 7)
    for one, other in zip(whole, average_zeros(classifier, images), strict=True):
        torch.testing.assert_close(one, other, atol=1e-9, rtol=0)


def test_the_worst_neurons_go_first_and_every_layer_keeps_one():
    zeros = [torch.tensor([0.1, 0.9, 0.5], dtype=torch.float64), torch.tensor([0.2, 0.2], dtype=torch.float64)]
    assert ranked(zeros)[0] == (0, 1)
    assert {(0, 0), (1, 0)}.isdisjoint(ranked(zeros))


def test_the_published_count_is_met_at_full_width():
    description = described("good_init", 1.0, 32)
    torch.manual_seed(0)
    zeros = [torch.rand(size, dtype=torch.float64) for size in (32, 32, 32, 48, 48, *[80] * 5, *[128] * 5, 500)]
    kept = keep_at_most(890_411, zeros, description)
    small = {**description, "parameters": {"sizes": [len(indices) for indices in kept]}}
    count = count_parameters(build_classifier(small).network)
    assert 890_411 - 2_400 < count <= 890_411  # within the largest neuron's own weights


def test_an_impossible_count_is_refused():
    with pytest.raises(ValueError, match="compression.share"):
        keep_at_most(10, [torch.rand(s, dtype=torch.float64) for s in (8, 8, 16, 16, 32, 32, 256, 128)], NETWORKS[1])
