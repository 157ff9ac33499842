"""Images per second of the whole measurement (feature maps → MI matrices → paths), by stage, and its peak memory.

    python -m tests.benchmarks.information_throughput --model-artifact DIR --dataset-artifact DIR

Run from the repository's root; the two folders are artifacts of a store (a trained model and the data set that it was
trained on). The stages are the workflow's own: `streamed` (nothing kept but the paths), and `features` followed by
`information` (every map in a Zarr store) on a tenth as many images. Peak memory is the process's own, after each stage.
"""

from __future__ import annotations

import argparse
import csv
import resource
import tempfile
import time
from pathlib import Path

import torch

from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.stages import features, information, information_streaming
from workflow_scripts.store.artifact import Artifact

COLUMNS = ("stage", "images", "seconds", "images/s", "of which forward s", "peak memory MB")


class Made(Artifact):
    """A stage's output that was not published in a store."""

    def __init__(self, path: Path):
        object.__setattr__(self, "path", path)

    def file(self, name: str) -> Path:
        return self.path / name


def measure(stage, job: Job, images: int) -> tuple:
    """One row: a stage's run."""
    job.out.mkdir()
    started = time.perf_counter()
    metrics = stage.realise(job)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    name = stage.__name__.rpartition(".")[2]
    forward = metrics.get("forward_seconds", "")
    return name, images, round(seconds, 1), round(images / seconds, 1), forward, round(peak)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model-artifact", type=Path, required=True, help="folder of a model in a store")
    parser.add_argument("--dataset-artifact", type=Path, required=True, help="folder of its data set in a store")
    parser.add_argument("--images", type=int, default=10_000, help="test images through the streamed stage")
    parser.add_argument("--csv", type=Path, help="write the table there as well")
    arguments = parser.parse_args()
    model, dataset = Artifact(arguments.model_artifact), Artifact(arguments.dataset_artifact)
    inputs = (RoleArtifact({"name": "model"}, model), RoleArtifact({"name": "dataset"}, dataset))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)

        def job(name: str, count: int, chosen: tuple, **more) -> Job:
            images = {"split": "test", "count": count, "selection_seed": 0}
            return Job(name, {"checkpoint": "best", "images": images, **more}, chosen, root / name, root, device=device)

        few = max(1, arguments.images // 10)
        rows.append(
            measure(
                information_streaming,
                job("information_streaming", arguments.images, inputs, buckets=8),
                arguments.images,
            )
        )
        rows.append(measure(features, job("features", few, inputs), few))
        stored = (RoleArtifact({"name": "features"}, Made(root / "features")),)
        rows.append(measure(information, job("information", few, stored, buckets=8), few))
    for row in (COLUMNS, *rows):
        print(" | ".join(map(str, row)))
    if arguments.csv:
        with arguments.csv.open("w", newline="") as stream:
            csv.writer(stream).writerows((COLUMNS, *rows))


if __name__ == "__main__":
    main()
