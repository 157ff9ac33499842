"""Every attack on a ResNet-18: images that it has finished with per second.

The network is untrained and the labels are its own predictions, so that every image is attacked; how far an attack has
to go on a trained network is another matter, which `operations_per_image` shows.
"""

from __future__ import annotations

import importlib
from functools import partial

import torch

from tests.benchmarks.gpu.measuring import FLOAT32, Case, Work, operations_of, random_images
from tests.benchmarks.gpu.trainings import classifier_of
from workflow_scripts.attacks.gradients import ForwardPass, frozen_parameters

SETTINGS = {
    "pgd": {"epsilon": 8 / 255, "alpha": 1 / 255, "steps": 20},
    "carlini_wagner_l2": {"learning_rate": 0.01, "initial_const": 1.0, "binary_search_steps": 5, "steps": 100},
    "deepfool": {},
    "jsma": {"theta": 0.1, "gamma": 0.1},
    "fgsm": {"epsilon": 8 / 255},
    "igsm": {"epsilon": 8 / 255, "alpha": 1 / 255, "steps": 20},
    "carlini_wagner_linf": {"epsilon": 8 / 255},
    "patch": {"epsilon": 1.0, "size": 8, "steps": 50},
    "random_signs": {"epsilon": 8 / 255},
}
IMAGES = {"jsma": 128, "carlini_wagner_l2": 512}
BATCH = 512


def prepare(device: str, name: str, small: bool) -> Work:
    images = 4 if small else IMAGES.get(name, 2048)
    model = classifier_of("resnet18", small).to(device).eval()
    x = random_images(images, device).float().div_(255)
    with torch.no_grad():
        y = torch.cat([model(part).argmax(1) for part in x.split(BATCH)])
    module = importlib.import_module(f"workflow_scripts.attacks.{name}")
    settings = {**SETTINGS[name], **({"gamma": 0.01} if small and name == "jsma" else {})}

    def attack():
        return module.attack(model, x, y, **settings, batch_size=BATCH)

    forward, backward = operations_of_passes(model, x[:4])
    first = attack()
    operations = first.forwards.sum().item() * forward + first.backwards.sum().item() * backward
    return Work(attack, images, operations / images)


def operations_of_passes(model: torch.nn.Module, x: torch.Tensor) -> tuple[float, float]:
    """Operations an image of a forward pass, and of a backward pass to the images alone."""
    with frozen_parameters(model):
        forward = operations_of(lambda: ForwardPass(model, x))
        here = ForwardPass(model, x)
        backward = operations_of(lambda: here.vjp(torch.ones_like(here.logits)))
    return forward / len(x), backward / len(x)


def cases(small: bool) -> list[Case]:
    return [
        Case("attack", f"{name}, resnet18", partial(prepare, name=name, small=small), FLOAT32, needs=15, seconds=2)
        for name in SETTINGS
    ]
