"""One training step in float32 and in bfloat16: images per second, and the share of the machine's matrix peak.

    python -m tests.benchmarks.training_step [--networks good_init resnet18:1/2] [--threads 2] [--device cuda]

The trainer is the workflow's, with flips and shifts, on random images of CIFAR-10's size that lie on the device. The
precisions are timed in turns, and the fastest turn of each counts, so that other work on the machine disturbs little;
with --threads 1 processor seconds are counted, which it disturbs least.
Operations are counted by PyTorch's own formulas; the peak is what a large matrix product reaches in the same process
in the same format.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from fractions import Fraction

import torch

from tests.benchmarks.adversarial_training import Operations, peak, waited
from workflow_scripts.models.classifier import Classifier, architecture
from workflow_scripts.training.evaluation import LabelledTensors
from workflow_scripts.training.loop import Hyperparameters, Trainer
from workflow_scripts.training.precision import PRECISIONS

NETWORKS = [f"{name}{width}" for name in ("good_init", "deep_conv", "vgg_like", "resnet18") for width in ("", ":1/2")]
COLUMNS = ("network", "width", "float32, images/s", "bfloat16, images/s", "ratio", "GFLOP per image", "share of peak")


def trainer(name: str, width: Fraction, precision: str, batch: int, steps: int, device: str) -> Trainer:
    """A training on random images that never reaches the end of its first epoch within `steps` steps."""
    torch.manual_seed(0)
    network = architecture(name).build(in_channels=3, classes=10, image_size=32, width=float(width))
    x = torch.randint(0, 256, (batch * (steps + 1), 3, 32, 32), dtype=torch.uint8).to(device)
    data = LabelledTensors(x, torch.randint(0, 10, (len(x),)).to(device))
    schedule = {"name": "cosine", "warmup": 0.2, "factor": 0.1}
    hyper = Hyperparameters(2, batch, 1e-3, schedule, flip=True, shift=4, precision=precision)
    return Trainer(Classifier(network, [0.5] * 3, [0.25] * 3), hyper, data, data, 0)


def fastest(trainings: dict[str, Iterator], steps: int, rounds: int, device: str) -> dict[str, float]:
    """Seconds per step of each training, in its fastest of `rounds` turns of `steps` steps."""
    seconds = dict.fromkeys(trainings, float("inf"))
    for _ in range(rounds):
        for precision, advance in trainings.items():
            start = waited(device)
            for _ in range(steps):
                next(advance)
            seconds[precision] = min(seconds[precision], (waited(device) - start) / steps)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=NETWORKS, metavar="NAME[:WIDTH]")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=2, help="training steps per turn")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each precision")
    parser.add_argument("--threads", type=int, default=2, help="of the processor")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    peaks = {precision: peak(options.device, getattr(torch, precision)) for precision in PRECISIONS}
    print(f"peak: {', '.join(f'{name} {value / 1e9:,.0f} GFLOP/s' for name, value in peaks.items())}")
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for network in options.networks:
        name, _, width = network.partition(":")
        width = Fraction(width or 1)
        trainings = {}
        for precision in PRECISIONS:
            total = options.steps * options.rounds + 2
            made = trainer(name, width, precision, options.batch, total, options.device)
            trainings[precision] = made.steps()
            next(trainings[precision])
        with Operations() as counter:
            next(trainings["float32"])
        operations = counter.total / options.batch
        seconds = fastest(trainings, options.steps, options.rounds, options.device)
        rates = {precision: options.batch / value for precision, value in seconds.items()}
        shares = " and ".join(f"{rates[each] * operations / peaks[each]:.0%}" for each in PRECISIONS)
        figures = (*(f"{rates[each]:,.0f}" for each in PRECISIONS), f"{rates['bfloat16'] / rates['float32']:.2f}")
        print(f"| {name} | {width} | {' | '.join(figures)} | {operations / 1e9:.2f} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
