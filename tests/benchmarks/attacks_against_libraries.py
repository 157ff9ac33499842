"""Success, distance and time of each attack beside Foolbox's or ART's with the same parameters.

    python -m tests.benchmarks.attacks_against_libraries --images 128 --csv attacks.csv

Each attack and its counterpart run in turns in one process, so that both see the same machine. The images are
those that the victim gets right. PGD starts at the images, so that chance has no part in it. The ratio is the
library's time over the row's.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import foolbox
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from workflow_scripts.attacks import carlini_wagner_l2, deepfool, fgsm, jsma, pgd
from workflow_scripts.attacks.distances import distances
from workflow_scripts.models.classifier import load_classifier
from workflow_scripts.store.artifact import Artifact

COLUMNS = ("attack", "library", "success", "mean L2 of successes", "seconds", "ratio")
EPSILON, ALPHA, STEPS = 8 / 255, 2 / 255, 20
CW = {"learning_rate": 0.01, "initial_const": 1.0, "binary_search_steps": 5, "steps": 100}
THETA, GAMMA = 0.2, 0.2


def load_victim(path: Path | None) -> tuple[nn.Module, Tensor, Tensor]:
    """A victim in eval mode, its test images (N, C, H, W) float32 in [0, 1] and their labels (N,) int64.

    `path`: a model artifact's folder in a store that has the artifact of its data set too. Without a path: a network
    of a million parameters trained for a moment on scikit-learn's digits, enlarged to 32 x 32 in three channels.
    """
    if path is not None:
        model = Artifact(path)
        (dataset,) = model.recipe["inputs"]
        test = path.parents[1] / dataset["kind"] / f"{dataset['label']}--{dataset['digest'][:12]}" / "test"
        images, labels = np.load(test / "images.npy"), np.load(test / "labels.npy")
        victim = load_classifier(model.metrics["description"], model.file("best.safetensors"))
        return victim, torch.from_numpy(images[:1000]).float() / 255, torch.from_numpy(labels[:1000])
    torch.manual_seed(0)
    digits = load_digits()
    small = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
    x = nn.functional.interpolate(small, size=32, mode="bilinear").expand(-1, 3, -1, -1) * 0.9 + 0.05
    x, y = x.contiguous(), torch.tensor(digits.target, dtype=torch.int64)
    model = _network()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    for rows in torch.randperm(1400).split(50):
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model.eval(), x[1400:], y[1400:]


def _network() -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in ((3, 48), (48, 96), (96, 128)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU()]
        layers += [nn.Conv2d(after, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(2048, 320), nn.ReLU(), nn.Linear(320, 10))


def by_foolbox(attack: foolbox.attacks.base.Attack, epsilon: float | None = None) -> Callable:
    def run(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        return attack(foolbox.PyTorchModel(model, bounds=(0, 1)), x, y, epsilons=epsilon)[1].detach()

    return run


def art_jsma(model: nn.Module, x: Tensor, y: Tensor, theta: float, gamma: float) -> Tensor:
    """ART's JSMA on probabilities, aimed at each image's most likely wrong class."""
    from art.attacks.evasion import SaliencyMapMethod
    from art.estimators.classification import PyTorchClassifier

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
    method = SaliencyMapMethod(classifier, theta=theta, gamma=gamma, batch_size=128, verbose=False)
    return torch.from_numpy(method.generate(x.numpy(), y=target.numpy()))


def pairs(theta: float = THETA, gamma: float = GAMMA) -> dict[str, tuple[Callable, str, Callable]]:
    """Per attack: ours, the library's name, the library's; `theta` and `gamma` are JSMA's."""
    cw = foolbox.attacks.L2CarliniWagnerAttack(
        binary_search_steps=CW["binary_search_steps"],
        steps=CW["steps"],
        stepsize=CW["learning_rate"],
        initial_const=CW["initial_const"],
    )
    linf = foolbox.attacks.LinfPGD(abs_stepsize=ALPHA, steps=STEPS, random_start=False)
    l2 = foolbox.attacks.L2DeepFoolAttack(steps=50, candidates=10, overshoot=0.02)
    return {
        "fgsm": (
            lambda m, x, y: fgsm.attack(m, x, y, epsilon=EPSILON).x_adv,
            "foolbox",
            by_foolbox(foolbox.attacks.FGSM(), EPSILON),
        ),
        "pgd": (
            lambda m, x, y: pgd.attack(m, x, y, epsilon=EPSILON, alpha=ALPHA, steps=STEPS, random_start=False).x_adv,
            "foolbox",
            by_foolbox(linf, EPSILON),
        ),
        "deepfool": (lambda m, x, y: deepfool.attack(m, x, y).x_adv, "foolbox", by_foolbox(l2)),
        "jsma": (
            lambda m, x, y: jsma.attack(m, x, y, theta=theta, gamma=gamma, targets="single").x_adv,
            "art",
            lambda m, x, y: art_jsma(m, x, y, theta, gamma),
        ),
        "carlini_wagner_l2": (
            lambda m, x, y: carlini_wagner_l2.attack(m, x, y, **CW).x_adv,
            "foolbox",
            by_foolbox(cw),
        ),
    }


def warm_up(model: nn.Module, x: Tensor) -> None:
    """A pass to and fro, so that the first attack does not pay for what PyTorch sets up once."""
    leaf = x.clone().requires_grad_(True)
    model(leaf).sum().backward()


def measure(
    ours: Callable, theirs: Callable, model: nn.Module, x: Tensor, y: Tensor, repeats: int
) -> list[tuple[float, float, float]]:
    """(success, mean L2 of successes, median seconds) of both, run in turns."""
    seconds: tuple[list[float], list[float]] = ([], [])
    images = [x, x]
    for _ in range(repeats):
        for which, attack in enumerate((ours, theirs)):
            start = time.perf_counter()
            images[which] = attack(model, x, y)
            seconds[which].append(time.perf_counter() - start)
    rows = []
    for x_adv, times in zip(images, seconds, strict=True):
        with torch.no_grad():
            success = model(x_adv).argmax(1) != y
        l2 = distances(x, x_adv)["l2"][success].mean().item()
        rows.append((success.float().mean().item(), l2, statistics.median(times)))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model-artifact", type=Path, help="folder of a victim (default: a small network)")
    parser.add_argument("--images", type=int, default=128, help="how many images to attack")
    parser.add_argument("--repeats", type=int, default=1, help="runs of each; the median time counts")
    parser.add_argument("--attacks", nargs="*", choices=sorted(pairs()), help="default: all")
    parser.add_argument("--theta", type=float, default=THETA, help="JSMA's change of a feature, in [0, 1]")
    parser.add_argument("--gamma", type=float, default=GAMMA, help="JSMA's share of the features that may change")
    parser.add_argument("--csv", type=Path, default=Path("attacks_against_libraries.csv"))
    arguments = parser.parse_args()
    model, x, y = load_victim(arguments.model_artifact)
    with torch.no_grad():
        right = (model(x).argmax(1) == y).nonzero()[: arguments.images, 0]
    x, y = x[right], y[right]
    warm_up(model, x)
    with arguments.csv.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}", flush=True)
        for name, (ours, library, theirs) in pairs(arguments.theta, arguments.gamma).items():
            if arguments.attacks and name not in arguments.attacks:
                continue
            first, second = measure(ours, theirs, model, x, y, arguments.repeats)
            for by, (success, l2, seconds) in (("this project", first), (library, second)):
                row = [
                    name,
                    by,
                    f"{success:.3f}",
                    f"{l2:.4f}",
                    f"{seconds:.2f}",
                    f"{second[2] / seconds:.2f}",
                ]
                table.writerow(row)
                file.flush()
                print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
