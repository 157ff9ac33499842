"""What a GPU makes of this project's work: images/s, and the share of the device's own peak, within a few minutes.

    python -m tests.benchmarks.gpu --minutes 8 --output gpu.json
    python -m tests.benchmarks.gpu --minutes 2 --device cpu        a trial on small networks

Adversarial training of a full ResNet-18 (PGD-10 and one step; as the workflow trains, compiled, and in CUDA graphs),
training of every architecture by precision, every attack, mutual information and saliency: the most valuable first.
The peak is what a large matrix product reaches in the same process and precision. Images are random and of CIFAR-10's
size, so nothing is read and nothing is fetched. The JSON file is written anew after every measurement; what no time was
left for is listed in it, and so is what failed, with its error.

torch, numpy, safetensors and a C compiler for `torch.compile` are enough: neither Snakemake nor zarr is imported. For
`tests/gpu`, an image of PyTorch has to have torchvision, scipy, numba, h5py, tqdm, pyyaml and pytest too; wheels of
zarr, numcodecs, donfig and google-crc32c (3 and newer) are to be carried where it lacks them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path

import torch

from tests.benchmarks.gpu import adversarial, attacks, measurements, trainings
from tests.benchmarks.gpu.measuring import Case, Machine, measure_peaks

COLUMNS = ("group", "name", "images/s", "GFLOP an image", "share of peak", "memory, MB")


def cases(small: bool) -> list[Case]:
    """Every measurement, the most valuable first; `small` for a trial on a processor."""
    return [*adversarial.cases(small), *trainings.cases(small), *attacks.cases(small), *measurements.cases(small)]


def description(options: argparse.Namespace) -> dict:
    """Where and when the figures were measured."""
    facts = {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "minutes": options.minutes,
        "device": options.device,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    if options.device == "cuda":
        properties = torch.cuda.get_device_properties(0)
        facts |= {"name": properties.name, "memory_mb": properties.total_memory >> 20, "cuda": torch.version.cuda}
    return facts


def save(report: dict, path: Path | None) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_text(json.dumps(report, indent=1))
        os.replace(temporary, path)


def as_row(result: dict) -> str:
    """A result as a row of the printed table."""
    if "error" in result:
        return f"| {result['group']} | {result['name']} | {result['error']} | | | |"
    share = "–" if result["share_of_peak"] is None else f"{result['share_of_peak']:.1%} of {result['peak']}"
    memory = "–" if result["peak_memory_mb"] is None else f"{result['peak_memory_mb']:,}"
    figures = (f"{result['images_per_second']:,.1f}", f"{result['operations_per_image'] / 1e9:.3f}", share, memory)
    return f"| {result['group']} | {result['name']} | {' | '.join(figures)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=8, help="wall time of everything together")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu: a trial on small networks")
    parser.add_argument("--groups", nargs="*", help="only these: adversarial training, training, attack, …")
    parser.add_argument("--output", type=Path, help="JSON file for the figures")
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("torch sees no CUDA device here; --device cpu is a trial without one")
    deadline = time.monotonic() + 60 * options.minutes
    # As jobs compute: no TF32, and the same bits every time.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    small = options.device == "cpu"
    machine = Machine(options.device, measure_peaks(options.device))
    report = {**description(options), "peaks_tflops": {k: v / 1e12 for k, v in machine.peaks.items()}}
    report |= {"results": [], "not_measured": []}
    print(f"{json.dumps({k: v for k, v in report.items() if not isinstance(v, list)})}\n")
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}", flush=True)
    for case in cases(small):
        if options.groups and case.group not in options.groups or case.only_on_cuda and small:
            continue
        if time.monotonic() + (0 if small else case.needs) > deadline:
            report["not_measured"].append(f"{case.group}: {case.name}")
            continue
        report["results"].append(machine.result(case))
        print(as_row(report["results"][-1]), flush=True)
        save(report, options.output)
    if report["not_measured"]:
        print(f"\nno time was left for: {'; '.join(report['not_measured'])}")
    save(report, options.output)


if __name__ == "__main__":
    main()
