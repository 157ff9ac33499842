"""A data set: the source's images as uint8, in deterministic splits."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path

import numpy as np

from workflow_scripts.data.images import LabelledImages, Source, fit, missing_classes, split
from workflow_scripts.jobs.job import Job


def realise(job: Job) -> dict:
    """Write images.npy and labels.npy for each split, and return their numbers and shape."""
    parameters = job.parameters
    source = read_source(job)
    refuse_oblong(source, parameters["image_size"])
    wanted = parameters["split"]
    splits = split(
        source, train=wanted["train"], validation=wanted["validation"], test=wanted["test"], seed=wanted["seed"]
    )
    for note in (*source.notes, *missing_classes(splits, source.class_names)):
        print(f"note: {note}", flush=True)
    metrics = {"classes": source.classes, "class_names": list(source.class_names)}
    for part in ("train", "validation", "test"):
        images = write_part(
            job.out / part, getattr(splits, part), parameters["image_size"], parameters.get("enlarge", "pad")
        )
        metrics[part] = len(images)
    metrics["channels"], metrics["image_size"] = images.shape[1], images.shape[2]
    return metrics


def read_source(job: Job) -> Source:
    """All images of the recipe's source, downloaded first where it has no files here."""
    parameters, files = job.parameters, list(job.source_files)
    name, size = parameters["source"], parameters["image_size"]
    collection, _, class_name = name.rpartition(":")
    if collection:
        return read_torchvision(class_name, files, job.scratch, parameters.get("parameters", {}), size)
    if not files and name == "cifar10":
        files = download_cifar10(job.scratch)
    options = {"size": size} if name == "folder" else {}
    if "keys" in parameters:
        options["keys"] = parameters["keys"]
    return importlib.import_module(f"workflow_scripts.data.{name}").load(files, **options)


def read_torchvision(name: str, files: list[Path], scratch: Path, parameters: dict, size: int | None) -> Source:
    """A data set that torchvision reads, or fetches anew into `scratch` where there are no files."""
    from workflow_scripts.models.torchvision_operators import import_torchvision

    import_torchvision()
    reader, download = importlib.import_module("workflow_scripts.data.torchvision_sets"), not files
    if download:
        # torchvision takes what an interrupted download has left for the whole.
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        files = [scratch]
    return reader.load(files, name, parameters, size, download=download)


def refuse_oblong(source: Source, size: int | None) -> None:
    """ValueError where images are not square and nothing says which square to bring them to."""
    height, width = source.pool.images.shape[2:]
    if size is None and height != width:
        raise ValueError(f"the images are {width} × {height}, networks take squares: set datasets.<name>.image_size")


def write_part(folder: Path, part: LabelledImages, size: int | None, enlarge: str) -> np.ndarray:
    """Write images.npy (uint8 N, C, H, W) and labels.npy (int64 N) and return the images."""
    folder.mkdir()
    images = np.ascontiguousarray(fit(part.images, size, enlarge))
    np.save(folder / "images.npy", images)
    np.save(folder / "labels.npy", part.labels)
    return images


def download_cifar10(folder: Path) -> list[Path]:
    """Let torchvision fetch and check CIFAR-10's Python version."""
    from workflow_scripts.data.source_files import locate
    from workflow_scripts.models.torchvision_operators import import_torchvision

    import_torchvision()
    from torchvision.datasets import CIFAR10

    folder.mkdir(parents=True, exist_ok=True)
    CIFAR10(str(folder), download=True)
    return locate({"name": "cifar10"}, folder)
