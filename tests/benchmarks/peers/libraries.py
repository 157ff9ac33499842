"""The attacks of other libraries, called as this project's are: (model, x, y) → adversarial images.

Each function returns the attacks that its library has with the same parameters, and imports the library when it is
called. Images `x` are float32 (N, C, H, W) in [0, 1], labels `y` int64 (N,); the model is in evaluation mode.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import torch
from torch import Tensor, nn

from workflow_scripts.attacks import carlini_wagner_l2, deepfool, fgsm, jsma, pgd

Attack = Callable[[nn.Module, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Parameters:
    """The attacks' parameters, in the images' range [0, 1]; PGD starts at the images, so that chance has no part."""

    epsilon: float = 8 / 255
    alpha: float = 2 / 255
    steps: int = 20
    deepfool_steps: int = 50
    candidates: int = 10
    overshoot: float = 0.02
    learning_rate: float = 0.01
    initial_const: float = 1.0
    binary_search_steps: int = 5
    descent_steps: int = 100
    theta: float = 0.2
    gamma: float = 0.2


def project(p: Parameters) -> dict[str, Attack]:
    """This project's attacks."""
    cw = {
        "learning_rate": p.learning_rate,
        "initial_const": p.initial_const,
        "binary_search_steps": p.binary_search_steps,
        "steps": p.descent_steps,
    }
    iterated = {"epsilon": p.epsilon, "alpha": p.alpha, "steps": p.steps, "random_start": False}
    nearest = {"candidates": p.candidates, "overshoot": p.overshoot, "steps": p.deepfool_steps}
    pairs = {"theta": p.theta, "gamma": p.gamma, "targets": "single"}
    return {
        "fgsm": lambda m, x, y: fgsm.attack(m, x, y, epsilon=p.epsilon).x_adv,
        "pgd": lambda m, x, y: pgd.attack(m, x, y, **iterated).x_adv,
        "deepfool": lambda m, x, y: deepfool.attack(m, x, y, **nearest).x_adv,
        "jsma": lambda m, x, y: jsma.attack(m, x, y, **pairs).x_adv,
        "carlini_wagner_l2": lambda m, x, y: carlini_wagner_l2.attack(m, x, y, **cw).x_adv,
    }


def foolbox(p: Parameters) -> dict[str, Attack]:
    """Foolbox 3; it has no JSMA."""
    import foolbox

    def by(attack: foolbox.attacks.base.Attack, epsilon: float | None = None) -> Attack:
        return lambda m, x, y: attack(foolbox.PyTorchModel(m, bounds=(0, 1)), x, y, epsilons=epsilon)[1].detach()

    attacks = foolbox.attacks
    cw = attacks.L2CarliniWagnerAttack(
        binary_search_steps=p.binary_search_steps,
        steps=p.descent_steps,
        stepsize=p.learning_rate,
        initial_const=p.initial_const,
    )
    nearest = attacks.L2DeepFoolAttack(steps=p.deepfool_steps, candidates=p.candidates, overshoot=p.overshoot)
    return {
        "fgsm": by(attacks.FGSM(), p.epsilon),
        "pgd": by(attacks.LinfPGD(abs_stepsize=p.alpha, steps=p.steps, random_start=False), p.epsilon),
        "deepfool": by(nearest),
        "carlini_wagner_l2": by(cw),
    }


def art(p: Parameters) -> dict[str, Attack]:
    """ART's JSMA on probabilities, aimed at each image's most likely wrong class."""
    from art.attacks.evasion import SaliencyMapMethod
    from art.estimators.classification import PyTorchClassifier

    def run(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        with torch.no_grad():
            target = model(x).scatter(1, y[:, None], -torch.inf).argmax(1)
        classifier = PyTorchClassifier(
            nn.Sequential(model, nn.Softmax(1)).eval(),
            nn.NLLLoss(),
            tuple(x.shape[1:]),
            10,
            clip_values=(0.0, 1.0),
            device_type="cpu",
        )
        method = SaliencyMapMethod(classifier, theta=p.theta, gamma=p.gamma, batch_size=128, verbose=False)
        return torch.from_numpy(method.generate(x.numpy(), y=target.numpy()))

    return {"jsma": run}


def adv_lib(p: Parameters) -> dict[str, Attack]:
    """adv_lib 0.2, whose DeepFool looks at every class; it has no FGSM and no JSMA."""
    from workflow_scripts.models.torchvision_operators import import_torchvision

    import_torchvision()
    # Its attacks import visdom, which draws curves in a browser and is not installed, for an optional callback.
    visdom = ModuleType("visdom")
    visdom.Visdom = None
    sys.modules.setdefault("visdom", visdom)
    from adv_lib import attacks

    cw = {
        "learning_rate": p.learning_rate,
        "initial_const": p.initial_const,
        "binary_search_steps": p.binary_search_steps,
        "max_iterations": p.descent_steps,
    }
    iterated = {"ε": p.epsilon, "absolute_step_size": p.alpha, "steps": p.steps, "random_init": False}
    nearest = {"steps": p.deepfool_steps, "overshoot": p.overshoot}
    return {
        "pgd": lambda m, x, y: attacks.pgd_linf(m, x, y, **iterated).detach(),
        "deepfool": lambda m, x, y: attacks.df(m, x, y, **nearest).detach(),
        "carlini_wagner_l2": lambda m, x, y: attacks.carlini_wagner_l2(m, x, y, **cw).detach(),
    }


def torchattacks(p: Parameters) -> dict[str, Attack]:
    """torchattacks 3.5. Its C&W has no binary search and gets as many steps as the others' descents together.

    Its JSMA is left out: it aims at the next class instead of the likeliest and holds a table of all pairs of features.
    """
    import torchattacks

    steps = p.binary_search_steps * p.descent_steps
    return {
        "fgsm": lambda m, x, y: torchattacks.FGSM(m, eps=p.epsilon)(x, y),
        "pgd": lambda m, x, y: torchattacks.PGD(m, p.epsilon, p.alpha, p.steps, random_start=False)(x, y),
        "deepfool": lambda m, x, y: torchattacks.DeepFool(m, p.deepfool_steps, p.overshoot)(x, y),
        "carlini_wagner_l2": lambda m, x, y: torchattacks.CW(m, p.initial_const, 0, steps, p.learning_rate)(x, y),
    }


LIBRARIES: dict[str, Callable[[Parameters], dict[str, Attack]]] = {
    "foolbox": foolbox,
    "art": art,
    "adv_lib": adv_lib,
    "torchattacks": torchattacks,
}
