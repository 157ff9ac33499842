"""Where in a victim its attacks strike: filter saliency over the validation set, and profiles of every attack."""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from workflow_scripts.analysis.saliency.comparison import paired_permutation_test
from workflow_scripts.analysis.saliency.filters import budget_on, filter_counts, filter_saliency
from workflow_scripts.analysis.saliency.image_selection import (
    Images,
    attacked_images,
    clean_images,
    filter_by_correctness,
    shuffled_rank,
)
from workflow_scripts.analysis.saliency.moments import Moments
from workflow_scripts.analysis.saliency.profiles import depth_centroid, layer_means, sorted_within_layers, standardised
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.models.classifier import Classifier, load_classifier

CLEAN = "clean"
BATCH = 100
"""Images whose saliency is in memory at once; what the gradients take is bounded by the budget."""


def realise(job: Job) -> dict:
    """Write statistics.npz, profiles.npz, samples.npz and compared.h5; return what the tables show.

    statistics.npz: mean, deviation (F,) of each filter's saliency over the clean validation set; layers, counts (L,).
    profiles.npz: `<class>_absolute` and `<class>_signed` (F,), means over the images that the attack turned, and over
    the clean test images that the victim gets right. samples.npz: `<class>_index`, `<class>_depth` (centre of depth,
    0 … 1), `<class>_salience` (mean over filters) and `<class>_layers` (L,) (mean of each layer) of every image.
    compared.h5: each class's absolute profiles of its first images. Where fewer images than a class has are asked for,
    all classes take theirs in the same shuffled order.
    """
    model = job.one(name="model")
    weights = model.file(f"{job.parameters['checkpoint']}.safetensors")
    victim = load_classifier(model.metrics["description"], weights, job.device)
    counts = filter_counts(victim)
    job.scratch.mkdir(parents=True, exist_ok=True)
    moments = validation_moments(job, victim)
    np.savez(
        job.out / "statistics.npz",
        mean=moments.mean,
        deviation=moments.deviation,
        layers=np.array(list(counts)),
        counts=np.array(list(counts.values())),
    )
    found = {}
    for name, images in sources(job, victim).items():
        path = job.scratch / f"{name}.npz"
        if not path.exists():
            save(path, class_profiles(job, victim, images, moments, list(counts.values()), name))
        with np.load(path) as content:
            found[name] = dict(content)
    parts = {"profiles": ("absolute", "signed"), "samples": ("index", "depth", "salience", "layers")}
    for file, keys in parts.items():
        np.savez(job.out / f"{file}.npz", **{f"{n}_{key}": found[n][key] for n in found for key in keys})
    with h5py.File(job.out / "compared.h5", "w", libver="latest") as file:
        for name, content in found.items():
            index = content["index"][: len(content["profiles"])]
            order = np.argsort(index)  # in which two classes' common images are found and read
            file.create_dataset(name, data=content["profiles"][order], fletcher32=True, chunks=True)
            file.create_dataset(f"{name}_index", data=index[order])
    return {
        "filters": int(sum(counts.values())),
        "layers": len(counts),
        "validation_images": moments.count,
        "images": {name: len(content["index"]) for name, content in found.items()},
        "comparisons": comparisons(job, job.out / "compared.h5", list(found)),
    }


def validation_moments(job: Job, victim: Classifier) -> Moments:
    """Welford's statistics of the clean validation images' saliency."""
    folder = job.one(name="dataset").file("validation")
    images, labels = np.load(folder / "images.npy", mmap_mode="r"), np.load(folder / "labels.npy")
    moments = Moments()
    budget = budget_on(job.device)
    total = -(-len(labels) // BATCH)
    for batch in progress(
        clean_images(images, labels, BATCH), total=total, text="validation", unit=f"x {BATCH} images"
    ):
        x, label = batch.x.to(job.device), batch.label.to(job.device)
        moments.update(filter_saliency(victim, x, label, budget).cpu().numpy())
    return moments


def sources(job: Job, victim: Classifier) -> dict[str, Iterator[Images]]:
    """Class → its images in batches: clean ones that the victim gets right, attacked ones that it gets wrong.

    All classes look at the images that were attacked, in one shuffled order, so that the first of them are alike.
    """
    folder = job.one(name="dataset").file("test")
    images, labels = np.load(folder / "images.npy", mmap_mode="r"), np.load(folder / "labels.npy")
    files: dict[str, list[tuple[int, Path]]] = defaultdict(list)
    for item in job.all(name="shard"):
        files[item.role["class"]].append((item.role["start"], item.artifact.file(FILE)))
    rank = shuffled_rank(len(labels), job.parameters["seed"])
    chosen = np.unique(
        np.concatenate([read_columns(path, ("index",))["index"] for _, path in next(iter(files.values()))])
    )
    clean = clean_images(images, labels, BATCH, chosen[np.argsort(rank[chosen])])
    found = {CLEAN: filter_by_correctness(clean, victim, job.device, right=True)}
    for name in job.parameters["classes"]:
        paths = [path for _, path in sorted(files[name])]
        attacked = attacked_images(paths, job.parameters["quantisation"], BATCH, rank)
        found[name] = filter_by_correctness(attacked, victim, job.device, right=False)
    return found


def class_profiles(
    job: Job, victim: Classifier, batches: Iterator[Images], moments: Moments, counts: list[int], name: str
) -> dict[str, np.ndarray]:
    """One class's mean profiles, per-image summaries, and the profiles of its first images; NaN means without one."""
    most, kept = job.parameters["images"], job.parameters["comparison_images"]
    budget = budget_on(job.device)
    sums = {signed: np.zeros(sum(counts)) for signed in (False, True)}
    lists: dict[str, list[np.ndarray]] = {key: [] for key in ("index", "depth", "salience", "layers", "profiles")}
    left = most if most is not None else np.iinfo(np.int64).max
    for batch in progress(batches, text=name, unit=f"x {BATCH} images"):
        batch = batch[np.arange(min(left, len(batch.index)))]
        if not len(batch.index):
            break
        left -= len(batch.index)
        raw = filter_saliency(victim, batch.x, batch.label, budget).cpu().numpy()
        for signed in sums:
            scores = standardised(raw, moments.mean, moments.deviation, signed=signed)
            ordered = sorted_within_layers(scores, counts)
            sums[signed] += ordered.sum(0)
            if not signed:
                by_layer = layer_means(scores, counts)
                lists["index"].append(batch.index)
                lists["depth"].append(depth_centroid(by_layer))
                lists["salience"].append(scores.mean(1))
                lists["layers"].append(by_layer.astype(np.float32))
                room = max(0, kept - sum(map(len, lists["profiles"])))
                lists["profiles"].append(ordered[:room].astype(np.float32))
    count = sum(map(len, lists["index"]))
    means = {key: sums[signed] / count if count else sums[signed] + np.nan for key, signed in KINDS.items()}
    empty = {"index": np.zeros(0, int), "layers": np.zeros((0, len(counts)), np.float32)}
    empty["profiles"] = np.zeros((0, sum(counts)), np.float32)
    joined = {key: np.concatenate(parts) if parts else empty.get(key, np.zeros(0)) for key, parts in lists.items()}
    return {**means, **joined}


KINDS = {"absolute": False, "signed": True}
"""Profiles by equation 6 of the paper, and with the sign of the authors' library."""


def save(path: Path, content: dict[str, np.ndarray]) -> None:
    temporary = path.with_name(f".{path.stem}.npz")
    np.savez(temporary, **content)
    os.replace(temporary, path)


def comparisons(job: Job, path: Path, names: list[str]) -> list[dict]:
    """Every pair of classes: the distance of their mean profiles against random swaps, over the images of both."""
    rows = []
    with h5py.File(path, "r") as file:
        for first, second in itertools.combinations(names, 2):
            common, a, b = np.intersect1d(file[f"{first}_index"][:], file[f"{second}_index"][:], return_indices=True)
            row = {"first": first, "second": second, "pairs": len(common)}
            if len(common) > 1:
                # Both classes' rows follow the images' order, in which HDF5 reads them.
                batches = (
                    (file[first][a[s : s + BATCH]], file[second][b[s : s + BATCH]])
                    for s in range(0, len(common), BATCH)
                )
                found = paired_permutation_test(batches, job.parameters["permutations"], job.parameters["seed"])
                low, high = np.quantile(found.permuted, (0.025, 0.975))
                row |= {
                    "distance": found.distance,
                    "permuted": float(found.permuted.mean()),
                    "permuted_low": float(low),
                    "permuted_high": float(high),
                    "p_value": found.p_value,
                    "excess": list(found.excess),
                }
            rows.append(row)
    return rows
