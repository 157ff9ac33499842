"""How one measurement is taken: its rate, its operations and its memory."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from tests.benchmarks.adversarial_training import Operations, waited

BFLOAT16, FLOAT32 = "bfloat16", "float32"


@dataclass(frozen=True)
class Work:
    """Something to repeat: `run()` works on `images` images and needs about `operations` for each of them."""

    run: Callable[[], object]
    images: int
    operations: float


@dataclass(frozen=True)
class Case:
    """A measurement: `prepare(device)` makes its work.

    peak: the precision whose matrix product it is compared with. needs: seconds below which it is not begun; compiling
    and capturing are part of them. seconds: of the timed repetitions, of which there is at least one.
    """

    group: str
    name: str
    prepare: Callable[[str], Work]
    peak: str = FLOAT32
    needs: float = 10
    seconds: float = 3
    only_on_cuda: bool = False


@dataclass(frozen=True)
class Machine:
    """A device and its peaks: precision → operations a second."""

    device: str
    peaks: dict[str, float]

    def result(self, case: Case) -> dict:
        """The figures of a case, or its error: the other measurements do not depend on it."""
        begun = time.monotonic()
        named = {"group": case.group, "name": case.name}
        try:
            figures = self._measured(case)
        except Exception as error:  # noqa: BLE001 - whatever one case lacks, the report names it and goes on
            lines = str(error).splitlines() or [""]
            return {**named, "error": f"{type(error).__name__}: {lines[0]}"}
        finally:
            torch.compiler.reset()
            gc.collect()
            if self.device == "cuda":
                torch.cuda.empty_cache()
        return {**named, **figures, "seconds": round(time.monotonic() - begun, 1)}

    def _measured(self, case: Case) -> dict:
        if self.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        work = case.prepare(self.device)
        work.run()
        repetitions, start = 0, waited(self.device)
        seconds = 0.0
        while not repetitions or seconds < case.seconds:
            work.run()
            repetitions += 1
            seconds = waited(self.device) - start
        rate = repetitions * work.images / seconds
        peak = self.peaks.get(case.peak)
        return {
            "images_per_second": rate,
            "operations_per_image": work.operations,
            "share_of_peak": rate * work.operations / peak if peak and work.operations else None,
            "peak": case.peak,
            "peak_memory_mb": torch.cuda.max_memory_allocated() >> 20 if self.device == "cuda" else None,
        }


def measure_peaks(device: str) -> dict[str, float]:
    """Operations a second of large products of square matrices, by precision: the fastest of five."""
    size = 8192 if device == "cuda" else 1024
    return {name: matrix_peak(device, size, getattr(torch, name)) for name in (BFLOAT16, FLOAT32)}


def matrix_peak(device: str, size: int, dtype: torch.dtype, repeats: int = 5) -> float:
    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    a @ b
    fastest = float("inf")
    for _ in range(repeats):
        start = waited(device)
        a @ b
        fastest = min(fastest, waited(device) - start)
    return 2 * size**3 / fastest


def operations_of(function: Callable[[], object]) -> float:
    """Floating-point operations of `function()`, by PyTorch's own formulas."""
    with Operations() as counter:
        function()
    return float(counter.total)


def random_images(count: int, device: str, size: int = 32) -> torch.Tensor:
    """uint8 images (N, 3, size, size), the same on every device."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=generator).to(device)
