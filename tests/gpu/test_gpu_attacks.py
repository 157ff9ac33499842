"""Every attack on the device against the processor, in double and in single precision, and twice to the bit."""

from __future__ import annotations

import copy
import importlib
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import workflow_scripts.attacks
from tests.gpu.device import DEVICE
from workflow_scripts.attacks.distances import distances
from workflow_scripts.models.classifier import load_classifier

SETTINGS = {
    "fgsm": {"epsilon": 0.1},
    "igsm": {"epsilon": 0.1, "alpha": 0.02, "steps": 5},
    "pgd": {"epsilon": 0.1, "alpha": 0.025, "steps": 5},
    "random_signs": {"epsilon": 0.2},
    "patch": {"epsilon": 0.5, "size": 4, "alpha": 0.1, "steps": 5},
    "carlini_wagner_linf": {"epsilon": 0.1, "learning_rate": 0.01, "const": 5.0, "steps": 10},
    "jsma": {"theta": 0.5, "gamma": 0.1},
    "deepfool": {"steps": 10},
    "carlini_wagner_l2": {"learning_rate": 0.02, "initial_const": 1.0, "binary_search_steps": 2, "steps": 15},
}
FIELDS = ("skipped", "success", "predicted_before", "predicted_after", "iteration", "forwards", "backwards")
every_attack = pytest.mark.parametrize("name", SETTINGS)


class InDouble(nn.Module):
    """The same network in double precision: what is left of a difference between devices is then not rounding."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = copy.deepcopy(model).double()

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x.double())


@pytest.fixture(scope="module")
def case(artifacts):
    """A trained network on the processor, 24 images and labels, a few of which it gets wrong."""
    made = artifacts.upstream("model")
    model = load_classifier(made.metrics["description"], made.file("best.safetensors"))
    folder = artifacts.dataset.file("test")
    x, y = (torch.from_numpy(np.load(folder / f"{name}.npy")[:24]) for name in ("images", "labels"))
    y[:2] = (y[:2] + 1) % 10
    return model, x.float() / 255, y


def attack(name: str, model: nn.Module, x: Tensor, y: Tensor, **more):
    module = importlib.import_module(f"workflow_scripts.attacks.{name}")
    return module.attack(model, x, y, **SETTINGS[name], **more)


def on_both(name: str, model: nn.Module, x: Tensor, y: Tensor):
    """The attack's result on the device, and on the processor."""
    moved = copy.deepcopy(model).to(DEVICE)
    return attack(name, moved, x.to(DEVICE), y.to(DEVICE)), attack(name, model, x, y)


def test_every_attack_is_here():
    folder = Path(workflow_scripts.attacks.__file__).parent
    found = [path.stem for path in folder.glob("*.py") if "\nNORM = " in path.read_text()]
    assert sorted(found) == sorted(SETTINGS)


@every_attack
def test_in_double_precision_the_devices_agree(case, name):
    """Images within 1e-5, and every count the same."""
    model, x, y = case
    found, expected = on_both(name, InDouble(model).eval(), x, y)
    assert expected.skipped.any() and not expected.skipped.all()
    for field in FIELDS:
        assert torch.equal(getattr(found, field).cpu(), getattr(expected, field)), field
    torch.testing.assert_close(found.x_adv.cpu(), expected.x_adv, rtol=0, atol=1e-5)
    torch.testing.assert_close(found.zero_gradient.cpu(), expected.zero_gradient, rtol=0, atol=1e-2)


@every_attack
def test_in_single_precision_the_devices_agree(case, name):
    """A sign may turn with the last bit: 9 images of 10 have the same outcome, the mean distance is within 3%."""
    model, x, y = case
    found, expected = on_both(name, model, x, y)
    assert torch.equal(found.skipped.cpu(), expected.skipped)
    for field in ("success", "predicted_after"):
        same = getattr(found, field).cpu() == getattr(expected, field)
        assert same.float().mean() >= 0.9, field
    assert torch.equal(found.x_adv.cpu()[expected.skipped], x[expected.skipped])
    attacked = ~expected.skipped
    means = [distances(x, result.x_adv.cpu())["l2"][attacked].mean().item() for result in (found, expected)]
    assert means[0] == pytest.approx(means[1], rel=0.03)


@every_attack
def test_repeats_are_equal_to_the_bit(case, name):
    model, x, y = case
    moved = copy.deepcopy(model).to(DEVICE)
    first, again = (attack(name, moved, x.to(DEVICE), y.to(DEVICE)) for _ in range(2))
    assert torch.equal(first.x_adv, again.x_adv)
    for field in (*FIELDS, "zero_gradient"):
        assert torch.equal(getattr(first, field), getattr(again, field)), field


@every_attack
def test_images_may_lie_on_the_processor(case, name):
    """A model on the device is attacked with images that come from the processor and go back there."""
    model, x, y = case
    moved = copy.deepcopy(model).to(DEVICE)
    there = attack(name, moved, x.to(DEVICE), y.to(DEVICE))
    here = attack(name, moved, x, y)
    assert here.x_adv.device.type == here.success.device.type == "cpu"
    assert torch.equal(here.x_adv, there.x_adv.cpu()) and torch.equal(here.iteration, there.iteration.cpu())


@every_attack
def test_trajectories_end_at_the_result(case, name):
    model, x, y = case
    moved = copy.deepcopy(model).to(DEVICE)
    result = attack(name, moved, x[:8].to(DEVICE), y[:8].to(DEVICE), record=True)
    for image, x_adv, frames in zip(x, result.x_adv, result.trajectory, strict=False):
        assert torch.equal(frames[0].cpu(), image) and torch.equal(frames[-1], x_adv)
