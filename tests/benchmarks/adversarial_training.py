"""Adversarial training of a ResNet-18 on 32 × 32 images: images a second, and the share of the machine's own peak.

    python -m tests.benchmarks.adversarial_training [--width 1/4] [--attack-steps 1 10] [--device cuda]

The loop and the objective are the workflow's, on random images that lie on the device. Operations are counted by
PyTorch's own formulas in one step of the training; the peak is what a large matrix product reaches in the same
process, on the processor in float32, on a GPU in bfloat16.
"""

from __future__ import annotations

import argparse
import time
from fractions import Fraction

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from workflow_scripts.models.classifier import Classifier, architecture
from workflow_scripts.training.adversarial import AdversarialCrossEntropy, PgdAttack
from workflow_scripts.training.evaluation import LabelledTensors
from workflow_scripts.training.loop import Hyperparameters, Trainer

COLUMNS = ("width", "batch", "attack steps", "images/s", "GFLOP an image", "GFLOP/s", "share of peak", "memory, MB")


def trainer(width: Fraction, batch: int, attack_steps: int, images: int, device: str) -> Trainer:
    """A training on `images` random images that never reaches the end of its first epoch."""
    torch.manual_seed(0)
    network = architecture("resnet18").build(in_channels=3, classes=10, image_size=32, width=float(width))
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 256, (images, 3, 32, 32), dtype=torch.uint8, generator=generator).to(device)
    data = LabelledTensors(x, torch.randint(0, 10, (images,), generator=generator).to(device))
    hyper = Hyperparameters(2, batch, 0.1, {"name": "cosine", "warmup": 0.2, "factor": 0.1}, flip=True, shift=4)
    objective = AdversarialCrossEntropy(PgdAttack(8 / 255, (10 if attack_steps == 1 else 2) / 255, attack_steps))
    return Trainer(Classifier(network, [0.5] * 3, [0.25] * 3), hyper, data, data, 0, objective)


class Operations(TorchDispatchMode):
    """Counts floating-point operations by PyTorch's own formulas, backward passes by `autograd.grad` included."""

    total = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        if func._overloadpacket in flop_registry:
            self.total += flop_registry[func._overloadpacket](*args, **(kwargs or {}), out_val=made)
        return made


def waited(device: str) -> float:
    """Now, when everything that was asked of the device is done."""
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def peak(device: str, size: int = 4096, repeats: int = 5) -> float:
    """Operations a second of the fastest of some products of two square matrices."""
    a, b = (torch.rand(size, size, device=device, dtype=torch.bfloat16 if device == "cuda" else None) for _ in range(2))
    fastest = float("inf")
    for _ in range(repeats):
        start = waited(device)
        a @ b
        fastest = min(fastest, waited(device) - start)
    return 2 * size**3 / fastest


def measure(training: Trainer, batch: int, steps: int, device: str) -> tuple[float, float]:
    """Images a second over `steps` steps, and operations an image."""
    advance = training.steps()
    next(advance)
    with Operations() as counter:
        next(advance)
    start = waited(device)
    for _ in range(steps):
        next(advance)
    return steps * batch / (waited(device) - start), counter.total / batch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=Fraction, default=Fraction(1, 4), help="of the network (the paper: 1)")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--attack-steps", type=int, nargs="+", default=[1, 10], help="of the attack within")
    parser.add_argument("--steps", type=int, default=10, help="training steps that are timed")
    parser.add_argument("--threads", type=int, default=2, help="of the processor")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    most = peak(options.device)
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for attack_steps in options.attack_steps:
        made = trainer(options.width, options.batch, attack_steps, options.batch * (options.steps + 3), options.device)
        rate, operations = measure(made, options.batch, options.steps, options.device)
        memory = f"{torch.cuda.max_memory_allocated() / 1e6:,.0f}" if options.device == "cuda" else "–"
        figures = (f"{rate:,.1f}", f"{operations / 1e9:.2f}", f"{rate * operations / 1e9:,.0f}")
        share = f"{rate * operations / most:.0%} of {most / 1e9:,.0f}"
        print(f"| {options.width} | {options.batch} | {attack_steps} | {' | '.join(figures)} | {share} | {memory} |")


if __name__ == "__main__":
    main()
