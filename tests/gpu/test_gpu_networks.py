"""Every architecture on the device: gradients against the processor's, steps twice to the bit, and resuming."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

import workflow_scripts.models
from tests.gpu.device import DEVICE
from workflow_scripts.models.classifier import Classifier, architecture
from workflow_scripts.training.adversarial import AdversarialCrossEntropy, PgdAttack
from workflow_scripts.training.evaluation import LabelledTensors
from workflow_scripts.training.loop import Hyperparameters, Trainer

TORCHVISION = {"width": 1 / 16, "depth": 1 / 4}
BUILD = {
    "good_init": {"width": 1 / 8, "dropout": 0.0},
    "deep_conv": {"width": 1 / 8, "dropout": 0.0},
    "vgg_like": {"width": 1 / 8},
    "resnet18": {"width": 1 / 8},
    "resnet50": TORCHVISION,
    "resnext50_32x4d": TORCHVISION,
    "densenet121": TORCHVISION,
    "vgg19_bn": TORCHVISION,
}
SIZE = 32
every_architecture = pytest.mark.parametrize("name", BUILD)


def classifier_of(name: str) -> Classifier:
    torch.manual_seed(0)
    network = architecture(name).build(in_channels=3, classes=10, image_size=SIZE, **BUILD[name])
    return Classifier(network, [0.5] * 3, [0.25] * 3)


def images(count: int, device: str) -> LabelledTensors:
    x = torch.randint(0, 256, (count, 3, SIZE, SIZE), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    return LabelledTensors(x.to(device), (torch.arange(count) % 10).to(device))


def trainer(name: str, device: str, objective=None, precision: str = "float32") -> Trainer:
    schedule = {"name": "constant", "warmup": 0.0}
    hyper = Hyperparameters(2, 8, 0.01, schedule, flip=True, shift=2, precision=precision)
    data = images(32, device)
    return Trainer(classifier_of(name), hyper, data, LabelledTensors(data.x[:8], data.y[:8]), 0, objective)


def state_of(training: Trainer) -> dict[str, torch.Tensor]:
    return {name: value.cpu() for name, value in training.model.state_dict().items()}


def test_every_architecture_is_here():
    folder = Path(workflow_scripts.models.__file__).parent
    found = [path.stem for path in folder.glob("*.py") if "\nSMALLEST_IMAGE" in path.read_text()]
    assert sorted(found) == sorted(BUILD)


@every_architecture
def test_gradients_in_double_precision_agree(name):
    """Logits and the gradients of every parameter and of the images: 1e-6 of the largest of each."""
    found = {}
    for device in ("cpu", DEVICE):
        model = classifier_of(name).double().to(device).train()
        x = (images(8, device).x.double() / 255).requires_grad_(True)
        logits = model(x)
        F.cross_entropy(logits, images(8, device).y).backward()
        gradients = [parameter.grad for parameter in model.parameters()]
        found[device] = [tensor.detach().cpu() for tensor in (logits, x.grad, *gradients)]
    for one, other in zip(found[DEVICE], found["cpu"], strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6 * max(1e-3, other.abs().max().item()))


@every_architecture
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_training_steps_repeat_to_the_bit(name, precision):
    states = []
    for _ in range(2):
        training = trainer(name, DEVICE, precision=precision)
        for _ in zip(training.steps(), range(3), strict=False):
            pass
        states.append(state_of(training))
    for key, value in states[0].items():
        assert torch.equal(value, states[1][key]), key


@pytest.mark.parametrize("steps", [0, 2])
def test_an_interrupted_training_goes_on_to_the_same_bits(steps):
    """Natural and adversarial: the checkpoint of the third step is read on the processor, as a job does."""

    def start() -> Trainer:
        attack = PgdAttack(8 / 255, 4 / 255, steps)
        return trainer("resnet18", DEVICE, AdversarialCrossEntropy(attack) if steps else None)

    whole, checkpoint = start(), io.BytesIO()
    for number, _ in enumerate(whole.steps(), 1):
        if number == 3:
            torch.save(whole.state(), checkpoint)
    checkpoint.seek(0)
    resumed = start()
    resumed.restore(torch.load(checkpoint, map_location="cpu", weights_only=True))
    for _ in resumed.steps():
        pass
    for key, value in state_of(whole).items():
        assert torch.equal(value, state_of(resumed)[key]), key
