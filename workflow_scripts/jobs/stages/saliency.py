"""Parameter saliency of a victim: its filters' statistics on clean images, and the saliency profile of every attack.

statistics.npz: mean, deviation (F,) of each filter's saliency over the clean validation images; raised (F,), whether
the deviation is that of a nearly dead filter, raised to a share of its layer's median; layers (L,), the convolutions'
names; counts (L,), their numbers of filters.

The other files have entries per class: `clean`, the clean test images that the victim classifies correctly; each class
of attack, the attacked images that it misclassifies only after the attack; and `misclassified`, the clean test images
that it misclassifies without any, of the whole split. Profiles are in standard deviations of a filter's saliency.
profiles.npz: `<class>_absolute`, `<class>_signed` (F,), the mean profiles.
samples.npz: `<class>_index` (n,), positions in the split; `<class>_depth` (n,), the profiles' centroid along the
network, from 0 (first layer) to 1 (last); `<class>_salience` (n,), means over filters; `<class>_layers` (n, L), means
per layer; `<class>_loss` (n,), the cross-entropy to the true label.
image_profiles.h5: `<class>` (m, F) float32, the absolute profiles of the class's first images; `<class>_index`,
`<class>_loss` (m,).
Where a class has more images than are measured, all classes take theirs in the same random order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import torch
import torch.nn.functional as F

from workflow_scripts.analysis.saliency.filters import filter_counts, filter_saliency, memory_budget
from workflow_scripts.analysis.saliency.image_selection import (
    LabelledImages,
    clean_batches,
    filter_by_correctness,
    shuffled_rank,
)
from workflow_scripts.analysis.saliency.matching import LOSS_RATIO, MIN_PAIRS
from workflow_scripts.analysis.saliency.moments import SMALLEST_SHARE, Moments, floored_deviation
from workflow_scripts.analysis.saliency.profiles import depth_centroid, layer_means, sorted_within_layers, standardised
from workflow_scripts.inputs.attacked_images import attacked_batches
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.sharded_images import read_shard_columns, shard_files
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.profile_comparisons import compare_classes, compare_with_controls
from workflow_scripts.jobs.progress import progress
from workflow_scripts.models.classifier import Classifier
from workflow_scripts.recipes.atomic_files import atomically

CLEAN, MISCLASSIFIED = "clean", "misclassified"
BATCH = 100
"""Images whose saliency is in memory at once; `memory_budget` bounds what their gradients take."""
SIGNED = {"absolute": False, "signed": True}
"""Profiles by equation 6 of the paper, and with the sign of the authors' library."""
FILES = {"profiles": tuple(SIGNED), "samples": ("index", "depth", "salience", "layers", "loss")}


@dataclass(frozen=True)
class Scale:
    """Mean and deviation (F,) of each filter's saliency, in which profiles are measured."""

    mean: np.ndarray
    deviation: np.ndarray


def realise(job: Job) -> dict:
    """Measure the victim; return the numbers of filters, layers and images, and the comparisons of the classes."""
    victim = load_victim(job)
    counts = filter_counts(victim)
    moments = validation_moments(job, victim)
    deviation, raised = floored_deviation(moments.deviation, list(counts.values()))
    statistics = {"mean": moments.mean, "deviation": deviation, "raised": raised}
    layers = {"layers": np.array(list(counts)), "counts": np.array(list(counts.values()))}
    np.savez(job.out / "statistics.npz", **statistics, **layers)
    measured = {}
    for name, batches in class_batches(job, victim).items():
        path = job.scratch / f"{name}.npz"
        if not path.exists():
            arrays = class_profiles(job, victim, batches, Scale(moments.mean, deviation), list(counts.values()), name)
            with atomically(path) as temporary:
                np.savez(temporary, **arrays)
        with np.load(path) as content:
            measured[name] = dict(content)
    for file, keys in FILES.items():
        arrays = {f"{name}_{key}": content[key] for name, content in measured.items() for key in keys}
        np.savez(job.out / f"{file}.npz", **arrays)
    path, attacks = job.out / "image_profiles.h5", job.parameters["classes"]
    write_image_profiles(path, measured)
    settings = job.parameters["permutations"], job.parameters["seed"]
    return {
        "filters": int(sum(counts.values())),
        "raised_filters": int(raised.sum()),
        "smallest_share": SMALLEST_SHARE,
        "layers": len(counts),
        "validation_images": moments.count,
        "images": {name: len(content["index"]) for name, content in measured.items()},
        "comparisons": compare_classes(path, [CLEAN, *attacks], *settings),
        "controls": compare_with_controls(path, attacks, MISCLASSIFIED, *settings),
        "loss_ratio": LOSS_RATIO,
        "min_pairs": MIN_PAIRS,
    }


def open_split(job: Job, split: str) -> tuple[np.ndarray, np.ndarray]:
    """The images (memory-mapped) and labels of a split of the data set."""
    folder = job.one(name="dataset").file(split)
    return np.load(folder / "images.npy", mmap_mode="r"), np.load(folder / "labels.npy")


def validation_moments(job: Job, victim: Classifier) -> Moments:
    """Mean and deviation of each filter's saliency over the clean validation images."""
    images, labels = open_split(job, "validation")
    moments, budget = Moments(), memory_budget(job.device)
    batches = clean_batches(images, labels, BATCH)
    for batch in progress(batches, total=-(-len(labels) // BATCH), text="validation", unit=f"x {BATCH} images"):
        x, label = batch.x.to(job.device), batch.label.to(job.device)
        moments.update(filter_saliency(victim, x, label, budget).cpu().numpy())
    return moments


def class_batches(job: Job, victim: Classifier) -> dict[str, Iterator[LabelledImages]]:
    """Class → its images in batches: correctly classified clean ones, misclassified attacked ones, misclassified clean.

    Every class takes its images in the same random order, so that their first images are the same.
    """
    images, labels = open_split(job, "test")
    files = shard_files(job, lambda role: role["class"])
    rank = shuffled_rank(len(labels), job.parameters["seed"])
    chosen = np.unique(read_shard_columns(next(iter(files.values())), ("index",))["index"])
    clean = clean_batches(images, labels, BATCH, chosen[np.argsort(rank[chosen])])
    batches = {CLEAN: filter_by_correctness(clean, victim, job.device, right=True)}
    for name in job.parameters["classes"]:
        attacked = attacked_batches(files[name], job.parameters["quantisation"], BATCH, rank)
        batches[name] = filter_by_correctness(attacked, victim, job.device, right=False)
    every = clean_batches(images, labels, BATCH, np.argsort(rank))
    return batches | {MISCLASSIFIED: filter_by_correctness(every, victim, job.device, right=False)}


@torch.no_grad()
def losses(victim: Classifier, batch: LabelledImages) -> np.ndarray:
    """The cross-entropy (n,) of each image to its true label."""
    return F.cross_entropy(victim(batch.x), batch.label, reduction="none").cpu().numpy()


def class_profiles(
    job: Job, victim: Classifier, batches: Iterator[LabelledImages], scale: Scale, counts: list[int], name: str
) -> dict[str, np.ndarray]:
    """One class's mean profiles (NaN without images), its per-image columns, and its first images' profiles."""
    limit, compared = job.parameters["images"], job.parameters["comparison_images"]
    budget = memory_budget(job.device)
    sums = {variant: np.zeros(sum(counts)) for variant in SIGNED}
    columns: dict[str, list[np.ndarray]] = {key: [] for key in (*FILES["samples"], "profiles")}
    left = limit if limit is not None else np.iinfo(np.int64).max
    for batch in progress(batches, text=name, unit=f"x {BATCH} images"):
        batch = batch[np.arange(min(left, len(batch.index)))]
        if not len(batch.index):
            break
        left -= len(batch.index)
        saliency = filter_saliency(victim, batch.x, batch.label, budget).cpu().numpy()
        scores = {
            variant: standardised(saliency, scale.mean, scale.deviation, signed=signed)
            for variant, signed in SIGNED.items()
        }
        profiles = {variant: sorted_within_layers(values, counts) for variant, values in scores.items()}
        for variant in SIGNED:
            sums[variant] += profiles[variant].sum(0)
        by_layer = layer_means(scores["absolute"], counts)
        columns["index"].append(batch.index)
        columns["depth"].append(depth_centroid(by_layer))
        columns["loss"].append(losses(victim, batch))
        columns["salience"].append(scores["absolute"].mean(1))
        columns["layers"].append(by_layer.astype(np.float32))
        room = max(0, compared - sum(map(len, columns["profiles"])))
        columns["profiles"].append(profiles["absolute"][:room].astype(np.float32))
    count = sum(map(len, columns["index"]))
    means = {variant: total / count if count else total + np.nan for variant, total in sums.items()}
    empty = {"index": np.zeros(0, int), "layers": np.zeros((0, len(counts)), np.float32)}
    empty["profiles"] = np.zeros((0, sum(counts)), np.float32)
    joined = {key: np.concatenate(parts) if parts else empty.get(key, np.zeros(0)) for key, parts in columns.items()}
    return {**means, **joined}


def write_image_profiles(path: Path, measured: dict[str, dict[str, np.ndarray]]) -> None:
    """Write each class's profiles and losses per image, in the order of the images, by which classes are compared."""
    with h5py.File(path, "w", libver="latest") as file:
        for name, content in measured.items():
            index = content["index"][: len(content["profiles"])]
            order = np.argsort(index)
            file.create_dataset(name, data=content["profiles"][order], fletcher32=True, chunks=True)
            file.create_dataset(f"{name}_index", data=index[order])
            file.create_dataset(f"{name}_loss", data=content["loss"][: len(index)][order])
