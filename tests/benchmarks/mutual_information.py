"""Speed of the mutual information beside scikit-learn's `mutual_info_score`, and of the paths of one network.

    python -m tests.benchmarks.mutual_information [--csv FILE]

Run from the repository's root. Every figure is the best of several repetitions. Ours starts from float32
maps and includes bucketing and packing; scikit-learn's starts from bucket numbers. Threads:
NUMBA_NUM_THREADS, else one a core.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import mutual_info_score

from workflow_scripts.analysis.information import bucket_ids, mutual_information_batch
from workflow_scripts.analysis.information.chance_correction import chance_corrected_paths
from workflow_scripts.analysis.information.paths import information_paths

SIZES = (8, 16, 32)
MAPS, IMAGES = 128, 16
SKLEARN_SIDE = 24  # scikit-learn measures this many maps against as many
GOOD_INIT = [(32, 32)] * 3 + [(48, 32), (48, 16)] + [(80, 16)] * 4 + [(80, 8)] + [(128, 8)] * 5
COLUMNS = ("map size", "pairs/s", "scikit-learn pairs/s", "ratio", "largest difference")


def best_time(function, repetitions: int) -> float:
    """Shortest wall time in seconds, after one call that is not counted."""
    function()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def relu_maps(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Float32 maps like those after a ReLU: about six in ten values are zero."""
    return np.maximum(rng.normal(size=shape) - 0.3, 0).astype(np.float32)


def compare(size: int, rng: np.random.Generator) -> tuple:
    """One row of the table, for maps of size × size."""
    a, b = (relu_maps(rng, IMAGES, MAPS, size, size) for _ in range(2))
    ours = IMAGES * MAPS**2 / best_time(lambda: mutual_information_batch(a, b), 7)
    labels_a, labels_b = (bucket_ids(maps[0, :SKLEARN_SIDE]).reshape(SKLEARN_SIDE, -1) for maps in (a, b))

    def loop():
        return np.array([[mutual_info_score(x, y) for y in labels_b] for x in labels_a])

    theirs = SKLEARN_SIDE**2 / best_time(loop, 3)
    found = mutual_information_batch(a, b)[0, :SKLEARN_SIDE, :SKLEARN_SIDE]
    difference = float(np.abs(found - loop()).max())
    return f"{size}x{size}", round(ours), round(theirs), round(ours / theirs), difference


def images_per_second(rng: np.random.Generator) -> tuple[float, float]:
    """Images per second for maps of good_init's sizes (Table X): information paths, and with their chance level."""
    layers = {f"layer {k}": relu_maps(rng, IMAGES, c, s, s) for k, (c, s) in enumerate(GOOD_INIT, 1)}
    source = rng.random((IMAGES, 3, 32, 32), dtype=np.float32)
    plain = best_time(lambda: information_paths(layers, source), 7)
    corrected = best_time(lambda: chance_corrected_paths(layers, source), 7)
    return IMAGES / plain, IMAGES / corrected


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--csv", type=Path, help="also write the table to this file")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    rows = [compare(size, rng) for size in SIZES]
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---" * len(COLUMNS) + "|")
    for size, ours, theirs, ratio, difference in rows:
        print(f"| {size} | {ours:,} | {theirs:,} | {ratio:,} | {difference:.1e} |")
    plain, corrected = images_per_second(rng)
    print(f"\ngood_init: information_paths {plain:,.0f} images/s, chance_corrected_paths {corrected:,.0f} images/s")
    if arguments.csv:
        with arguments.csv.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(rows)


if __name__ == "__main__":
    main()
