"""deep_conv trained on CIFAR-10 in float32 and in bfloat16 from the same seeds: paired differences of test accuracy.

    python -m tests.benchmarks.precision_pairs --data DATA [--seeds 8] [--epochs 10] [--images 45000]

DATA holds cifar-10-batches-bin or cifar-10-batches-py. Both trainings of a pair have the same initial weights, batches
and augmentation. Prints each pair as it is done, then the mean difference in percentage points with its 95% interval
(Student's t over the pairs); the difference is small enough when the interval lies within ± 0.5.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from scipy import stats

from workflow_scripts.data import cifar10
from workflow_scripts.data.images import LabelledImages, split
from workflow_scripts.data.source_files import locate
from workflow_scripts.training.auxiliary_norm import without_norms
from workflow_scripts.training.evaluation import LabelledTensors, evaluate
from workflow_scripts.training.loop import Hyperparameters, Trainer
from workflow_scripts.training.precision import PRECISIONS
from workflow_scripts.training.start import fresh_classifier

DESCRIPTION = {
    "architecture": "deep_conv",
    "in_channels": 3,
    "classes": 10,
    "image_size": 32,
    "parameters": {"width": 1.0, "dropout": 0.25},
    "mean": [0.4914, 0.4822, 0.4465],
    "std": [0.247, 0.2435, 0.2616],
}


def hyperparameters(epochs: int, precision: str) -> Hyperparameters:
    return Hyperparameters(
        epochs=epochs,
        batch_size=128,
        learning_rate=0.05,
        schedule={"name": "cosine", "warmup": 0.2, "factor": 0.1},
        flip=True,
        shift=2,
        auxiliary_batch_norm=True,
        gradient_clip=2.0,
        precision=precision,
    )


def on_device(part: LabelledImages, device: str) -> LabelledTensors:
    return LabelledTensors(torch.from_numpy(part.images).to(device), torch.from_numpy(part.labels).to(device))


def accuracy(parts: dict[str, LabelledTensors], seed: int, epochs: int, precision: str) -> float:
    """The test accuracy, in percent, of one training's last weights, measured in float32."""
    hyper = hyperparameters(epochs, precision)
    classifier = fresh_classifier(DESCRIPTION, parts["train"].x, seed, hyper)
    training = Trainer(classifier, hyper, parts["train"], parts["validation"], seed)
    for _ in training.steps():
        pass
    return 100 * evaluate(without_norms(training.model), parts["test"])[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with CIFAR-10 in an official layout")
    parser.add_argument("--seeds", type=int, default=8, help="pairs of trainings")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--images", type=int, default=45_000, help="training images")
    parser.add_argument("--threads", type=int, default=2, help="of the processor")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    if options.seeds < 2:
        parser.error("--seeds: an interval needs 2 pairs or more")
    torch.set_num_threads(options.threads)
    source = cifar10.load(locate({"name": "cifar10"}, options.data))
    splits = split(source, train=options.images, validation=2_000, test=None, seed=0)
    parts = {name: on_device(getattr(splits, name), options.device) for name in ("train", "validation", "test")}
    differences = []
    print(f"| seed | {' | '.join(f'{each}, %' for each in PRECISIONS)} | difference |\n|---|---|---|---|")
    for seed in range(options.seeds):
        plain, short = (accuracy(parts, seed, options.epochs, each) for each in PRECISIONS)
        differences.append(short - plain)
        print(f"| {seed} | {plain:.2f} | {short:.2f} | {short - plain:+.2f} |", flush=True)
    mean, error = np.mean(differences), stats.sem(differences)
    half = stats.t.ppf(0.975, len(differences) - 1) * error
    print(f"bfloat16 − float32: {mean:+.2f} points, 95% interval {mean - half:+.2f} to {mean + half:+.2f}")


if __name__ == "__main__":
    main()
