"""Per-sample filter saliency: samples a second by vmap of grad against a plain loop of backward passes.

python tests/benchmarks/saliency_by_vmap.py [--threads 2] [--images 256] [--full]
"""

from __future__ import annotations

import argparse
import time

import torch
import torch.nn.functional as F

from workflow_scripts.analysis.saliency.filters import filter_counts, filter_saliency, images_at_once
from workflow_scripts.models.classifier import Classifier, architecture

SMALL = {"width": 1 / 8, "depth": 1 / 4, "cifar_stem": True}
CASES = [(name, SMALL, 1, 16) for name in ("resnet50", "resnext50_32x4d", "densenet121", "vgg19_bn")]
FULL = [("resnet50", {}, 3, 64)]


def by_loop(model, x, y):
    """One backward pass a sample."""
    weights = [p for p in model.parameters() if p.ndim == 4]
    rows = []
    for k in range(len(x)):
        gradients = torch.autograd.grad(F.cross_entropy(model(x[k : k + 1]), y[k : k + 1]), weights)
        rows.append(torch.cat([g.abs().mean((1, 2, 3)) for g in gradients]))
    return torch.stack(rows)


def measure(function, *arguments):
    function(*arguments[:1], *(a[:2] for a in arguments[1:]))
    started = time.perf_counter()
    result = function(*arguments)
    return len(result) / (time.perf_counter() - started), result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--full", action="store_true", help="also resnet50 at full width, 16 images")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print("| network | filters | at once | vmap, images/s | loop, images/s | ratio | median difference |")
    print("|---|---|---|---|---|---|---|")
    for name, settings, channels, size in CASES + (FULL if options.full else []):
        torch.manual_seed(0)
        network = architecture(name).build(in_channels=channels, classes=10, image_size=size, **settings)
        model = Classifier(network, [0.5], [0.5])
        model(torch.rand(64, channels, size, size))  # batch norms see data
        model.eval()
        count = options.images if settings else 16
        x, y = torch.rand(count, channels, size, size), torch.arange(count) % 10
        fast, found = measure(filter_saliency, model, x, y)
        slow, expected = measure(by_loop, model, x, y)
        difference = ((found - expected).abs() / expected.clamp_min(1e-12)).median().item()
        filters, at_once = sum(filter_counts(model).values()), min(count, images_at_once(model, x))
        label = f"{name}{', reduced' if settings else ''}"
        print(f"| {label} | {filters:,} | {at_once} | {fast:.1f} | {slow:.1f} | {fast / slow:.1f} | {difference:.0e} |")


if __name__ == "__main__":
    main()
