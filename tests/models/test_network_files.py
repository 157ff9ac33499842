"""Networks that exist only as a file: the same in every analysis as the class that they were made from; no code run."""

from __future__ import annotations

import io

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from tests.models.archives import KINDS, NORMALISATION, made, opened, saved
from tests.models.test_analyses_by_kind import CLASSES, SIDE, Transformer, plain
from workflow_scripts.analysis.information.paths import information_paths
from workflow_scripts.analysis.recognition.perception import WithFeatures
from workflow_scripts.analysis.responses.conv_kernels import roughness, spatial_weights
from workflow_scripts.analysis.responses.differences import response_differences
from workflow_scripts.analysis.saliency.filters import filter_saliency
from workflow_scripts.analysis.saliency.input_space import input_saliency
from workflow_scripts.analysis.spectrum.accuracy import filtered_correctness
from workflow_scripts.attacks import igsm
from workflow_scripts.models import torchscript
from workflow_scripts.models.classifier import Classifier, build_classifier, load_classifier
from workflow_scripts.models.feature_maps import feature_maps
from workflow_scripts.models.layers import LayerError
from workflow_scripts.models.network_file import ArchiveError, check_archive

CASES = [(form, kind) for form in ("scripted", "traced", "exported") for kind in KINDS]
CASES.remove(("scripted", "dense"))  # as traced, and slow to compile
CASES.remove(("scripted", "transformer"))  # PyTorch's attention function cannot be scripted as it stands there


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def pair(request) -> tuple[Classifier, Classifier]:
    """The classifier of a class, and that of its archive."""
    form, kind = request.param
    network = made(kind)
    archive = saved(network, form)
    for part in network.modules():
        part.inplace = False
    first = Classifier(network, *NORMALISATION.values(), image_size=SIDE)
    return first.eval().requires_grad_(False), opened(archive, form)


@pytest.fixture(scope="module")
def images() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.rand(4, 3, SIDE, SIDE), torch.arange(4) % CLASSES


def same(first: torch.Tensor, second: torch.Tensor) -> None:
    torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-6)


def test_logits_and_layers(pair, images):
    network, archive = pair
    check_archive(archive, 3, SIDE)
    same(archive(images[0]), network(images[0]))
    assert archive.layers.kind == network.layers.kind
    # What does nothing in evaluation mode, and is in no program of torch.export, is no layer either.
    assert list(archive.conv_layers) == list(network.conv_layers)


def test_information_flow_and_local_responses(pair, images):
    x = images[0]
    maps = [feature_maps(classifier, x)[0] for classifier in pair]
    for name in maps[0]:
        same(maps[1][name], maps[0][name])
    paths = [information_paths({k: v[:2, :4].numpy() for k, v in each.items()}, x[:2].numpy()) for each in maps]
    same(*(torch.from_numpy(each.iip) for each in paths))
    other = (x + 0.05).clamp(0, 1)
    first, second = (response_differences(classifier, [(x, other)]) for classifier in pair)
    same(torch.as_tensor(second.total), torch.as_tensor(first.total))


def test_kernels(pair):
    first, second = (spatial_weights({k: v.numpy() for k, v in c.state_dict().items()}) for c in pair)
    assert list(first) == list(second)
    for name in first:
        same(*(torch.from_numpy(roughness(each[name])) for each in (second, first)))


def test_frequencies(pair, images):
    x, y = images
    first, second = (filtered_correctness(c, [(x, x.flip(0), y)], [2, 8]) for c in pair)
    assert all((first[curve] == second[curve]).all() for curve in first)


def test_saliency_of_filters_and_pixels(pair, images):
    x, y = images[0][:2], images[1][:2]
    first, second = (filter_saliency(classifier, x, y) for classifier in pair)
    same(second, first)
    maps = [input_saliency(c, x[:1], y[:1], first.mean(0), first.std(0) + 1e-3) for c in pair]
    torch.testing.assert_close(maps[1], maps[0], rtol=1e-2, atol=1e-4)


def test_attacks_and_the_recognisers_own_features(pair, images):
    x, y = images[0], pair[0](images[0]).argmax(1)
    first, second = (igsm.attack(c, x, y, epsilon=0.1, alpha=0.02, steps=3).x_adv for c in pair)
    assert (first - second).abs().mean() < 1e-3 and not torch.equal(second, x)
    features = [WithFeatures(classifier)(x)[1] for classifier in pair]
    same(features[1], features[0])


@pytest.mark.parametrize("form", ["traced", "exported"])
def test_a_classifier_is_loaded_again_from_its_artifact(form, tmp_path, images):
    first = opened(saved(made("transformer"), form), form)  # with a parameter of the network itself
    save_file({k: v.contiguous() for k, v in first.state_dict().items()}, tmp_path / "best.safetensors")
    description = {"architecture": "torch_export" if form == "exported" else "torchscript", "in_channels": 3}
    description |= {"classes": CLASSES, "image_size": SIDE, "parameters": {"width": 1.0}, **NORMALISATION}
    again = load_classifier(description, tmp_path / "best.safetensors")
    assert torch.equal(again(images[0]), first(images[0])) and list(again.conv_layers) == list(first.conv_layers)
    empty = build_classifier(description)
    with pytest.raises(ArchiveError, match="empty: load its archive first"):
        empty(images[0])


def test_named_layers_and_double_precision(images):
    network, file = made("residual"), io.BytesIO()
    torch.jit.save(torch.jit.trace(network.double(), torch.rand(2, 3, SIDE, SIDE).double()), file)
    archive = torchscript.build(in_channels=3, classes=CLASSES, image_size=SIDE)
    archive.open(torch.frombuffer(bytearray(file.getvalue()), dtype=torch.uint8))
    chosen = Classifier(archive, *NORMALISATION.values(), image_size=SIDE, layers=["stage*", "stem"])
    assert list(chosen.conv_layers) == ["stem", "stage1", "stage2"]
    same(archive(images[0]), network.float()(images[0]))


class Shuffled(nn.Module):
    def forward(self, x):
        return x.flatten(1)[:, :CLASSES] - x.flatten(1)[:, :CLASSES].mean(0)


def test_a_network_in_training_mode_is_refused(images):
    torch.manual_seed(0)
    training = plain().train()
    archive = saved_without_checks(training)
    with pytest.raises(ArchiveError, match="depend on the other images of a batch or on chance"):
        check_archive(opened(archive, "traced"), 3, SIDE)
    archive = saved(nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), Shuffled()), "traced")
    with pytest.raises(ArchiveError, match="depend on the other images of a batch"):
        check_archive(opened(archive, "traced"), 3, SIDE)


def test_a_network_for_batches_of_one_size_is_refused():
    archive = opened(saved(Transformer().eval(), "traced"), "traced")
    with pytest.raises(ArchiveError, match="fails for 3 images at once .* save it for batches of any size"):
        check_archive(archive, 3, SIDE)


def saved_without_checks(network: nn.Module) -> torch.Tensor:
    file = io.BytesIO()
    torch.jit.save(torch.jit.trace(network, torch.rand(2, 3, SIDE, SIDE), check_trace=False), file)
    return torch.frombuffer(bytearray(file.getvalue()), dtype=torch.uint8)


def test_a_frozen_program_has_no_layers():
    frozen, file = torch.jit.freeze(torch.jit.trace(made("plain"), torch.rand(2, 3, SIDE, SIDE))), io.BytesIO()
    torch.jit.save(frozen, file)
    classifier = opened(torch.frombuffer(bytearray(file.getvalue()), dtype=torch.uint8), "traced")
    with pytest.raises(LayerError, match="none are found in the network"):
        classifier.layers  # noqa: B018


def helper(x: torch.Tensor) -> torch.Tensor:
    return x.flatten(1)[:, :3]


class OwnFunction(nn.Module):
    def forward(self, x):
        return helper(x)


def test_a_function_that_is_not_pytorchs_is_refused_with_the_remedy(images):
    classifier = opened(saved(OwnFunction(), "scripted"), "scripted")
    with pytest.raises(ArchiveError, match=r"calls helper\(\), which is no function of torch.nn.functional"):
        classifier(images[0])
