"""Weights in the forms in which people publish them, read and loaded; and the forms that are refused, in one line."""

# ruff: noqa: E501  (a form of weights per line)

import argparse

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from workflow_scripts.models.classifier import Classifier
from workflow_scripts.models.pretrained import MisfitError, load_pretrained
from workflow_scripts.models.published_weights import UnsuitableFileError, read_published
from workflow_scripts.models.resnet18 import build

SUFFIXES = ("pth", "pt", "th", "pth.tar", "ckpt", "bin", "model", "pkl", "safetensors")


def network():
    torch.manual_seed(1)
    net = build(in_channels=3, classes=10, image_size=32, width=0.125)
    for name, buffer in net.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_()
    return net.eval()


NET = network()
STATE = NET.state_dict()
FORMS = {
    "plain": STATE,
    "state_dict": {"state_dict": STATE, "epoch": 3, "best_prec1": 91.2},
    "net": {"net": STATE, "acc": 95.1, "epoch": 190},
    "model_state_dict": {"model_state_dict": STATE, "loss": 0.1, "args": argparse.Namespace(lr=0.1)},
    "params with NumPy's numbers": {"params": STATE, "accuracy": np.float64(0.93), "loss": np.float32(0.1)},
    "an optimiser's state": {"model": STATE, "optimizer": {"state": {0: {"step": torch.tensor(1.0)}}, "param_groups": []}},
    "nested twice": {"model": {"state_dict": STATE}, "epoch": 3},
    "one of a list": {"state_dict": [STATE], "err": 0.2, "sampler_indices": [torch.arange(3)]},
    "another key": {"my_weights": STATE, "epoch": 1},
    "module. in net": {"net": {f"module.{name}": tensor for name, tensor in STATE.items()}, "acc": 1},
    "_orig_mod.": {f"_orig_mod.{name}": tensor for name, tensor in STATE.items()},
    "module.model.": {f"module.model.{name}": tensor for name, tensor in STATE.items()},
    "a wrapper of one's own": {f"backbone.{name}": tensor for name, tensor in STATE.items()},
    "a Sequential with a normalisation": {
        "0.mean": torch.full((3,), 0.5),
        "0.std": torch.full((3,), 0.25),
        **{f"1.{name}": tensor for name, tensor in STATE.items()},
    },
    "mu and sigma": {**STATE, "mu": torch.full((1, 3, 1, 1), 0.5), "sigma": torch.full((1, 3, 1, 1), 0.25)},
    "parameters": {name: nn.Parameter(tensor, requires_grad=tensor.is_floating_point()) for name, tensor in STATE.items()},
    "without counters": {name: tensor for name, tensor in STATE.items() if not name.endswith("num_batches_tracked")},
}  # fmt: skip


def loaded(path, key=None) -> Classifier:
    classifier = Classifier(build(in_channels=3, classes=10, image_size=32, width=0.125), [0.5] * 3, [0.25] * 3)
    load_pretrained(classifier, read_published(path, key))
    return classifier.eval()


def assert_same(path, key=None, **tolerance):
    x = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(loaded(path, key).network(x), NET(x), **tolerance)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(tmp_path, form):
    torch.save(FORMS[form], tmp_path / "w.pth")
    assert_same(tmp_path / "w.pth", rtol=0, atol=0)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_suffix_is_read(tmp_path, suffix):
    path = tmp_path / f"w.{suffix}"
    save_file(STATE, path) if suffix == "safetensors" else torch.save(STATE, path)
    assert_same(path, rtol=0, atol=0)


def test_the_format_before_pytorch_1_6_is_read(tmp_path):
    torch.save(STATE, tmp_path / "w.th", _use_new_zipfile_serialization=False)
    assert_same(tmp_path / "w.th", rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_float32(tmp_path, dtype):
    torch.save({n: t.to(dtype) if t.is_floating_point() else t for n, t in STATE.items()}, tmp_path / "w.pth")
    assert {p.dtype for p in loaded(tmp_path / "w.pth").parameters()} == {torch.float32}
    assert_same(tmp_path / "w.pth", rtol=0.1, atol=0.1)


def test_the_key_chooses_among_several(tmp_path):
    other = {name: torch.zeros_like(tensor) for name, tensor in STATE.items()}
    torch.save({"state_dict": other, "ema": {"shadow": STATE}}, tmp_path / "w.pth")
    with pytest.raises(
        UnsuitableFileError, match=r"several state dictionaries \(ema.shadow, state_dict\): set weights_key"
    ):
        read_published(tmp_path / "w.pth")
    assert_same(tmp_path / "w.pth", "ema.shadow", rtol=0, atol=0)


def test_the_key_chooses_from_a_list(tmp_path):
    other = {name: torch.zeros_like(tensor) for name, tensor in STATE.items()}
    torch.save({"state_dict": [other, STATE], "err": 0.5}, tmp_path / "w.pth")
    with pytest.raises(UnsuitableFileError, match=r"\(state_dict.0, state_dict.1\): set weights_key"):
        read_published(tmp_path / "w.pth")
    assert_same(tmp_path / "w.pth", "state_dict.1", rtol=0, atol=0)


@pytest.mark.parametrize(("name", "key"), [("mu", "mean"), ("normalize.std", "std"), ("0.sigma", "std")])
def test_another_normalisation_in_the_file_is_refused_by_name(tmp_path, name, key):
    torch.save({**STATE, name: torch.tensor([0.1, 0.2, 0.3]).view(1, 3, 1, 1)}, tmp_path / "w.pth")
    with pytest.raises(
        MisfitError, match=rf"the {key} 0.1, 0.2, 0.3 \(their {name}\): set models.<name>.{key} to that"
    ):
        loaded(tmp_path / "w.pth")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (NET, r"a pickled object \(workflow_scripts.models.resnet18.ResNet\), whose code is not run.*torch.save\(model.state"),
        ({"model": NET, "epoch": 1}, r"pickled object \(workflow_scripts.models.resnet18.ResNet\)"),
        ([1, 2], r"no mapping of names to tensors \(it is a list\): give a state dictionary"),
        ({"epoch": 3, "acc": 0.5}, r"no mapping of names to tensors \(it has: epoch, acc\): give"),
        ({}, r"no mapping of names to tensors \(it is empty\)"),
        ({"w": torch.quantize_per_tensor(torch.rand(3), 0.1, 0, torch.qint8)}, "w is quantised: give the weights from before"),
    ],
)  # fmt: skip
def test_what_holds_no_weights_is_refused(tmp_path, content, said):
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(UnsuitableFileError, match=said) as caught:
        read_published(tmp_path / "w.pth")
    assert "\n" not in str(caught.value)


def test_a_torchscript_archive_holds_no_weights(tmp_path):
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), tmp_path / "w.pt")
    with pytest.raises(UnsuitableFileError, match="TorchScript archive"):
        read_published(tmp_path / "w.pt")


def test_whole_numbers_in_place_of_weights_are_refused(tmp_path):
    name = "conv1.weight"
    torch.save({**STATE, name: STATE[name].to(torch.int8)}, tmp_path / "w.pth")
    with pytest.raises(MisfitError, match="they have as whole numbers conv1.weight"):
        loaded(tmp_path / "w.pth")
