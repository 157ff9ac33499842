"""The attack_signatures paper's victims: torchvision's networks, reduced, with other stems, and from given weights."""

import pytest
import torch
from torch import nn

from workflow_scripts.models import torchvision_operators, vgg19_bn
from workflow_scripts.models.classifier import architecture, count_parameters
from workflow_scripts.models.torchvision_operators import import_torchvision

import_torchvision()

from torchvision import models as torchvision_models  # noqa: E402

PARAMETERS = {
    "resnet50": 23_528_522,
    "resnext50_32x4d": 23_000_394,
    "densenet121": 6_964_106,
    "vgg19_bn": 139_622_218,
}
names = pytest.mark.parametrize("name", PARAMETERS)


def build(name, **more):
    settings = {"in_channels": 3, "classes": 10, "image_size": 64, **more}
    return architecture(name).build(**settings)


@names
def test_the_full_network_is_torchvisions(name):
    with torch.device("meta"):
        network, published = build(name), getattr(torchvision_models, name)(num_classes=10)
    assert count_parameters(network) == PARAMETERS[name]
    shapes = {key: value.shape for key, value in published.state_dict().items()}
    assert {key: value.shape for key, value in network.network.state_dict().items()} == shapes


@pytest.mark.parametrize("name", ["resnet50", "densenet121"])
def test_it_computes_what_torchvisions_computes(name):
    torch.manual_seed(0)
    published = getattr(torchvision_models, name)(num_classes=10).eval()
    network = build(name).eval()
    network.network.load_state_dict(published.state_dict())
    x = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(network(x), published(x))


@names
@pytest.mark.parametrize("size", [8, 16, 32])
@pytest.mark.parametrize("cifar_stem", [True, False])
def test_reduced_networks_take_small_images(name, size, cifar_stem):
    network = build(name, in_channels=1, image_size=size, width=1 / 8, depth=1 / 4, cifar_stem=cifar_stem).eval()
    assert network(torch.rand(2, 1, size, size)).shape == (2, 10)
    assert count_parameters(network) < PARAMETERS[name] / 8
    first = next(p for p in network.modules() if isinstance(p, nn.Conv2d))
    assert first.in_channels == 1 and (first.stride == (1, 1)) == (cifar_stem or name == "vgg19_bn")
    maps = []
    for layer in network.conv_layers.values():
        layer.register_forward_hook(lambda _m, _i, output: maps.append(output))
    network(torch.rand(1, 1, size, size))
    assert len(maps) == 5 and all(m.ndim == 4 for m in maps)


def test_depth_shortens_every_stage_and_leaves_a_block():
    shortest = build("resnet50", depth=1 / 100)
    assert [len(getattr(shortest.network, f"layer{k}")) for k in (1, 2, 3, 4)] == [1, 1, 1, 1]
    half = build("resnet50", depth=1 / 2)
    assert [len(getattr(half.network, f"layer{k}")) for k in (1, 2, 3, 4)] == [2, 2, 3, 2]


def test_published_weights_fit_and_the_head_starts_afresh():
    torch.manual_seed(0)
    state = torchvision_models.densenet121(num_classes=1000).state_dict()
    # As in torchvision's own checkpoint files: the older names, and no count of batches.
    old = {
        key.replace(".norm1.", ".norm.1.").replace(".conv2.", ".conv.2."): value
        for key, value in state.items()
        if not key.endswith("num_batches_tracked")
    }
    network = build("densenet121")
    head = network.network.classifier.weight.clone()
    network.load_published(old, "classifier")
    for key, value in network.network.state_dict().items():
        if not key.startswith("classifier.") and not key.endswith("num_batches_tracked"):
            assert torch.equal(value, state[key]), key
    assert torch.equal(network.network.classifier.weight, head)


def test_weights_that_do_not_fit_are_refused():
    with torch.device("meta"):
        state = torchvision_models.resnet50().state_dict()
    with pytest.raises(ValueError, match="do not fit"):
        build("resnet50", width=1 / 8).load_published(state, "fc")
    with pytest.raises(ValueError, match="conv1.weight"):
        build("resnet50", cifar_stem=True).load_published(state, "fc")


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (7, 7), (9, 14), (1, 1)])
def test_even_pooling_is_adaptive_pooling(shape):
    x = torch.rand(2, 3, *shape, dtype=torch.float64)
    torch.testing.assert_close(
        vgg19_bn.EvenPool(7)(x), torch.nn.functional.adaptive_avg_pool2d(x, 7), rtol=0, atol=1e-15
    )


def test_compiled_operators_are_not_declared_twice(monkeypatch):
    """Where torchvision's own library loads, its schemas stand; a second declaration ends the process."""
    loaded = []
    monkeypatch.setattr(torch.ops, "load_library", loaded.append)
    monkeypatch.setattr(torchvision_operators, "_LIBRARIES", [])
    monkeypatch.setattr(torchvision_operators, "hasattr", lambda *_: False, raising=False)
    torchvision_operators._declare_operators()
    assert torchvision_operators._LIBRARIES == [] and [path.name.startswith("_C") for path in loaded] == [True]


def test_torchvision_imports_beside_any_torch():
    from workflow_scripts.models.torchvision_operators import import_torchvision

    import_torchvision()
    import_torchvision()
    from torchvision.datasets import CIFAR10

    assert CIFAR10.base_folder == "cifar-10-batches-py"
