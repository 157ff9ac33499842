"""What the chance level adds to the time of the measurement: CIFAR-10 images through good_init, with and without it.

    python -m tests.benchmarks.chance_correction --data FOLDER

FOLDER holds `cifar-10-batches-bin`, CIFAR-10's binary version. good_init has the published width and, unless a model is
given by --model-artifact (its folder in a store), the weights of its initialisation. Both measurements see the same
images in the same process, batch by batch in turn, feature maps included; the times of 10,000 images are extrapolated.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from workflow_scripts.analysis.information.chance_correction import chance_corrected_paths
from workflow_scripts.analysis.information.paths import information_paths
from workflow_scripts.models.classifier import build_classifier, load_classifier
from workflow_scripts.models.feature_maps import feature_maps
from workflow_scripts.store.artifact import Artifact

BATCH = 50
RECORD = 1 + 3 * 32 * 32
WHOLE = 10_000


def images_of(folder: Path, count: int) -> torch.Tensor:
    """The first `count` test images (N, 3, 32, 32), float32 in [0, 1]."""
    content = np.fromfile(folder / "cifar-10-batches-bin" / "test_batch.bin", np.uint8, count * RECORD)
    return torch.from_numpy(content.reshape(-1, RECORD)[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / 255)


def classifier_of(folder: Path | None) -> torch.nn.Module:
    """The model of an artifact, or a good_init with its initial weights."""
    if folder is not None:
        artifact = Artifact(folder)
        return load_classifier(artifact.metrics["description"], artifact.file("best.safetensors"))
    torch.manual_seed(0)
    description = {"architecture": "good_init", "in_channels": 3, "classes": 10, "image_size": 32}
    return build_classifier(description | {"parameters": {}, "mean": [0.5], "std": [0.5]}).eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds cifar-10-batches-bin")
    parser.add_argument("--images", type=int, default=500, help="images that are measured")
    parser.add_argument("--model-artifact", type=Path, help="folder of a trained good_init in a store")
    arguments = parser.parse_args()
    images, classifier = images_of(arguments.data, arguments.images), classifier_of(arguments.model_artifact)
    seconds = dict.fromkeys((information_paths, chance_corrected_paths), 0.0)

    def measure(measurement, x: torch.Tensor) -> float:
        started = time.perf_counter()
        measurement(feature_maps(classifier, x)[0], x)
        return time.perf_counter() - started

    for measurement in seconds:
        measure(measurement, images[:BATCH])  # compilation, and the tables
    for index, x in enumerate(images.split(BATCH)):
        for measurement in list(seconds)[:: 1 if index % 2 else -1]:
            seconds[measurement] += measure(measurement, x)
    plain, corrected = seconds.values()
    for name, value in (("plug-in", plain), ("plug-in and expected", corrected)):
        print(f"{name}: {value:.2f} s for {len(images)} images, {value * WHOLE / len(images):.0f} s for {WHOLE:,}")
    print(f"ratio {corrected / plain:.3f}")


if __name__ == "__main__":
    main()
