"""Adversarial training of a ResNet-18 on 32 × 32 images: images per second, and the share of the machine's own peak.

    python -m tests.benchmarks.adversarial_training [--width 1/4] [--attack-steps 1 10] [--precision float32]

The loop and the objective are the workflow's, on random images that lie on the device. Operations are counted by
PyTorch's own formulas in one step of the training; the peak is what a large matrix product reaches in the same
process in the same format.
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
from workflow_scripts.training.precision import PRECISIONS

COLUMNS = ("width", "batch", "attack steps", "images/s", "GFLOP per image", "GFLOP/s", "share of peak", "memory, MB")


def trainer(width: Fraction, batch: int, attack_steps: int, images: int, precision: str, device: str) -> Trainer:
    """A training on `images` random images that never reaches the end of its first epoch."""
    torch.manual_seed(0)
    network = architecture("resnet18").build(in_channels=3, classes=10, image_size=32, width=float(width))
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 256, (images, 3, 32, 32), dtype=torch.uint8, generator=generator).to(device)
    data = LabelledTensors(x, torch.randint(0, 10, (images,), generator=generator).to(device))
    schedule = {"name": "cosine", "warmup": 0.2, "factor": 0.1}
    hyper = Hyperparameters(2, batch, 0.1, schedule, flip=True, shift=4, precision=precision)
    alpha = (10 if attack_steps == 1 else 2) / 255
    objective = AdversarialCrossEntropy(PgdAttack(8 / 255, alpha, attack_steps, precision=precision))
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
    """Now, once the device has finished its work: of a single thread the processor seconds, else elapsed ones."""
    if device == "cuda":
        torch.cuda.synchronize()
    elif torch.get_num_threads() == 1:
        return time.process_time()
    return time.perf_counter()


def peak(device: str, dtype: torch.dtype, size: int = 4096, repeats: int = 5) -> float:
    """Operations per second of the fastest of some products of two square matrices."""
    a, b = (torch.rand(size, size, device=device).to(dtype) for _ in range(2))
    fastest = float("inf")
    for _ in range(repeats):
        start = waited(device)
        a @ b
        fastest = min(fastest, waited(device) - start)
    return 2 * size**3 / fastest


def measure(training: Trainer, batch: int, steps: int, device: str) -> tuple[float, float]:
    """Images per second over `steps` steps, and operations per image."""
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
    parser.add_argument("--precision", choices=PRECISIONS, default="bfloat16")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    most = peak(options.device, getattr(torch, options.precision))
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for attack_steps in options.attack_steps:
        images = options.batch * (options.steps + 3)
        made = trainer(options.width, options.batch, attack_steps, images, options.precision, options.device)
        rate, operations = measure(made, options.batch, options.steps, options.device)
        memory = f"{torch.cuda.max_memory_allocated() / 1e6:,.0f}" if options.device == "cuda" else "–"
        figures = (f"{rate:,.1f}", f"{operations / 1e9:.2f}", f"{rate * operations / 1e9:,.0f}")
        share = f"{rate * operations / most:.0%} of {most / 1e9:,.0f}"
        print(f"| {options.width} | {options.batch} | {attack_steps} | {' | '.join(figures)} | {share} | {memory} |")


if __name__ == "__main__":
    main()
