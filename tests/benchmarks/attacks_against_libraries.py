"""Success, distance and time of each attack beside other libraries' with the same parameters.

    python -m tests.benchmarks.attacks_against_libraries --images 128 --csv attacks.csv
    python -m tests.benchmarks.attacks_against_libraries --libraries foolbox,art,adv_lib,torchattacks \
        --peers-python .peers/bin/python

Each attack and its counterparts run in turns in one process, so that all see the same machine. Libraries that are not
installed beside the project run in the environment of `--peers-python` (`make peers`), again in turns with this
project's attacks. The images are those that the victim gets right. The ratio is the library's time over this project's
in the same process.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import fields, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from tests.benchmarks.peers.libraries import LIBRARIES, Attack, Parameters, project
from workflow_scripts.attacks.distances import distances

COLUMNS = ("attack", "library", "success", "mean L2 of successes", "seconds", "ratio")
OURS = "this project"
ROOT = Path(__file__).resolve().parents[2]


def load_victim(path: Path) -> dict:
    """The description and weights of a model artifact, with the first 1,000 test images of its data set.

    path: the artifact's folder, in a store that has the data set's artifact too.
    """
    from safetensors.torch import load_file

    from workflow_scripts.store.artifact import Artifact

    model = Artifact(path)
    (dataset,) = model.recipe["inputs"]
    test = path.parents[1] / dataset["kind"] / f"{dataset['label']}--{dataset['digest'][:12]}" / "test"
    images, labels = (np.load(test / f"{name}.npy")[:1000] for name in ("images", "labels"))
    return {
        "description": model.metrics["description"],
        "weights": load_file(model.file("best.safetensors")),
        "x": torch.from_numpy(images).float() / 255,
        "y": torch.from_numpy(labels),
    }


def small_victim() -> dict:
    """A network of a million parameters trained for a moment on scikit-learn's digits, enlarged to 3 × 32 × 32."""
    from sklearn.datasets import load_digits

    torch.manual_seed(0)
    digits = load_digits()
    small = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
    x = nn.functional.interpolate(small, size=32, mode="bilinear").expand(-1, 3, -1, -1) * 0.9 + 0.05
    x, y = x.contiguous(), torch.tensor(digits.target, dtype=torch.int64)
    model = small_network()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    for rows in torch.randperm(1400).split(50):
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return {"description": None, "weights": model.state_dict(), "x": x[1400:], "y": y[1400:]}


def small_network() -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in ((3, 48), (48, 96), (96, 128)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU()]
        layers += [nn.Conv2d(after, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(2048, 320), nn.ReLU(), nn.Linear(320, 10))


def network_of(victim: dict) -> nn.Module:
    """The victim's network with its weights, in evaluation mode."""
    if victim["description"] is None:
        model = small_network()
    else:
        from workflow_scripts.models.classifier import build_classifier

        model = build_classifier(victim["description"])
    model.load_state_dict(victim["weights"])
    return model.eval()


def installed(libraries: list[str]) -> list[str]:
    """Those of the libraries that this Python has."""
    return [name for name in libraries if find_spec(name) is not None]


def warm_up(model: nn.Module, x: Tensor) -> None:
    """A forward and a backward pass, so that the first attack does not pay for what PyTorch sets up once."""
    leaf = x.clone().requires_grad_(True)
    model(leaf).sum().backward()


def measure(
    attacks: dict[str, Attack], model: nn.Module, x: Tensor, y: Tensor, repeats: int
) -> dict[str, tuple[float, float, float]]:
    """Library → (success, mean L2 of successes, median seconds), all of them run in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in attacks}
    images: dict[str, Tensor] = {}
    for _ in range(repeats):
        for name, attack in attacks.items():
            start = time.perf_counter()
            images[name] = attack(model, x, y)
            seconds[name].append(time.perf_counter() - start)
    found = {}
    for name, x_adv in images.items():
        with torch.no_grad():
            success = model(x_adv).argmax(1) != y
        l2 = distances(x, x_adv)["l2"][success].mean().item()
        found[name] = (success.float().mean().item(), l2, statistics.median(seconds[name]))
    return found


def rows_here(options: argparse.Namespace, victim: dict, libraries: list[str]) -> list[list[str]]:
    """A row per attack and library of this Python's environment; this project's first."""
    model, x, y = network_of(victim), victim["x"], victim["y"]
    with torch.no_grad():
        right = torch.cat([model(part).argmax(1) for part in x.split(200)]) == y
    chosen = right.nonzero()[: options.images, 0]
    x, y = x[chosen], y[chosen]
    warm_up(model, x)
    parameters = replace(Parameters(), theta=options.theta, gamma=options.gamma)
    by_library = {OURS: project(parameters), **{name: LIBRARIES[name](parameters) for name in libraries}}
    rows = []
    for attack in options.attacks or by_library[OURS]:
        known = {library: attacks[attack] for library, attacks in by_library.items() if attack in attacks}
        if len(known) == 1 and libraries:
            continue
        found = measure(known, model, x, y, options.repeats)
        for library, (success, l2, seconds) in found.items():
            ratio = seconds / found[OURS][2]
            rows.append([attack, library, f"{success:.3f}", f"{l2:.4f}", f"{seconds:.2f}", f"{ratio:.2f}"])
            print(f"| {' | '.join(rows[-1])} |", flush=True)
    return rows


def rows_elsewhere(options: argparse.Namespace, victim: dict, libraries: list[str]) -> list[list[str]]:
    """The same rows by the environment of `--peers-python`, for the libraries that are not installed here."""
    with tempfile.TemporaryDirectory() as folder:
        torch.save(victim, Path(folder) / "victim.pt")
        words = [options.peers_python, "-m", "tests.benchmarks.attacks_against_libraries"]
        words += ["--libraries", ",".join(libraries), "--victim", f"{folder}/victim.pt", "--csv", f"{folder}/rows.csv"]
        words += [f"--{name}={getattr(options, name)}" for name in ("images", "repeats", "theta", "gamma", "threads")]
        words += ["--attacks", *options.attacks] if options.attacks else []
        subprocess.run(words, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
        with (Path(folder) / "rows.csv").open() as file:
            return list(csv.reader(file))[1:]


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", default="foolbox,art", help=f"of {', '.join(LIBRARIES)}; commas between them")
    parser.add_argument("--peers-python", help="the Python of an environment with the libraries that are missing here")
    parser.add_argument("--model-artifact", type=Path, help="folder of a victim (default: a small network)")
    parser.add_argument(
        "--victim", type=Path, help="a victim with its images, as this script hands it to another Python"
    )
    parser.add_argument("--images", type=int, default=128, help="how many images to attack")
    parser.add_argument("--repeats", type=int, default=1, help="runs of each; the median time counts")
    parser.add_argument("--attacks", nargs="*", choices=sorted(project(Parameters())), help="default: all")
    defaults = {field.name: field.default for field in fields(Parameters)}
    parser.add_argument("--theta", type=float, default=defaults["theta"], help="JSMA's change of a feature, in [0, 1]")
    parser.add_argument("--gamma", type=float, default=defaults["gamma"], help="JSMA's share of features that change")
    parser.add_argument("--threads", type=int, default=0, help="of the processor (0: all)")
    parser.add_argument("--csv", type=Path, default=Path("attacks_against_libraries.csv"))
    options = parser.parse_args(arguments)
    options.libraries = options.libraries.split(",")
    unknown = sorted(set(options.libraries) - set(LIBRARIES))
    if unknown:
        parser.error(f"--libraries: {', '.join(unknown)} is none of {', '.join(LIBRARIES)}")
    missing = sorted(set(options.libraries) - set(installed(options.libraries)))
    if missing and options.peers_python is None:
        parser.error(f"{', '.join(missing)} is not installed here: run make peers and give --peers-python")
    return options


def main() -> None:
    options = parse()
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.victim:
        victim = torch.load(options.victim, weights_only=True)
    else:
        victim = load_victim(options.model_artifact) if options.model_artifact else small_victim()
    here = installed(options.libraries)
    elsewhere = [name for name in options.libraries if name not in here]
    if not options.victim:
        print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}", flush=True)
    rows = rows_here(options, victim, here) if here else []
    if elsewhere:
        rows += rows_elsewhere(options, victim, elsewhere)
    with options.csv.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])


if __name__ == "__main__":
    sys.exit(main())
