"""An adversarial set: one attack's results on selected images of one classifier (adversarial.h5)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from workflow_scripts.attacks.distances import distances
from workflow_scripts.attacks.quantise import quantise
from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.adversarial_sets import (
    FILE,
    OF_ATTACK,
    input_hashes,
    read_columns,
    read_images,
    write_set,
)
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.splits import select
from workflow_scripts.jobs.attack_run import norm_of, pixel_range_of, run_attack
from workflow_scripts.jobs.given_images import read_given_images
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.models.classifier import Classifier
from workflow_scripts.recipes.atomic_files import atomically

EXTRA = ("outside_box", "outside_ball", "target", "clipped")
"""What some attacks tell beside a set's columns; its figures are in the metrics."""
PART = 50
"""Images per part; a killed job loses at most one part."""


def realise(job: Job) -> dict:
    """Attack in parts, write the set, count successes again from the file, and return the summary."""
    victim, wanted = load_victim(job), job.parameters["images"]
    folder = job.one(name="dataset").file(wanted["split"])
    chosen = select(folder, wanted["count"], wanted["selection_seed"], wanted.get("start", 0), wanted.get("stop"))
    parts = []
    more, kept = given_images(job, chosen.index)
    if job.parameters.get("attack_all"):
        more["attack_all"] = True
    starts = range(0, len(chosen.index), PART)
    for start in progress(starts, text=job.label, unit=f"x {PART} images"):
        rows = slice(start, start + PART)
        path = job.scratch / f"part-{start}.npz"
        if not path.exists():
            part = attack_part(job, victim, chosen.images[rows], chosen.labels[rows], chosen.index[rows], **more)
            save_part(path, part)
        with np.load(path) as part:
            parts.append(dict(part))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    x_adv = columns.pop("x_adv")
    extra = {name: columns.pop(f"extra_{name}") for name in EXTRA if f"extra_{name}" in columns}
    columns |= {**kept, "input_sha256": input_hashes(chosen.images)}
    write_set(job.out / FILE, columns, x_adv)
    recount(job.out / FILE, victim, job.device)
    return summary(job, columns) | budget_figures(columns, extra)


def given_images(job: Job, index: np.ndarray) -> tuple[dict, dict[str, np.ndarray]]:
    """What an attack is given beside its settings, and columns that it does not make.

    `given` is a file's images or, for a control, those of the set that it imitates, which must be of the same images.
    """
    if job.source_files:
        return {"given": read_given_images(job.source_files)}, {}
    imitated = job.all(name="like")
    if not imitated:
        return {}, {}
    path = imitated[0].artifact.file(FILE)
    columns = read_columns(path, ("index", "success"))
    if not np.array_equal(columns["index"], index):
        raise ValueError(f"{path} is of other images")
    images = torch.from_numpy(read_images(path))
    return {"given": dict(zip(index.tolist(), images, strict=True))}, {OF_ATTACK: columns["success"]}


def attack_part(
    job: Job, victim: Classifier, images: np.ndarray, labels: np.ndarray, index: np.ndarray, **more: object
) -> dict:
    """One part's columns and images, measured after the quantisation; `more` are further keywords of the attack."""
    x = to_unit_range(torch.from_numpy(images)).to(job.device)
    y = torch.from_numpy(labels).to(job.device)
    result = run_attack(job.parameters, victim, x, y, indices=index.tolist(), **more)
    stored = quantise(result.x_adv, job.parameters["quantisation"])
    # Divided on the processor, as `x` was: a GPU multiplies by the reciprocal, and an unchanged pixel would differ.
    seen = to_unit_range(stored.cpu()).to(job.device)
    probabilities = predict(victim, seen)
    after = probabilities.argmax(1)
    columns = {
        "index": index,
        "label": y,
        "skipped": result.skipped,
        "predicted_before": result.predicted_before,
        "predicted_after": after,
        "success": (result.predicted_before == y) & (after != y),
        "confidence": probabilities.max(1).values,
        **distances(x, seen, pixel_range_of(job.parameters)),
        "iteration": result.iteration,
        "forwards": result.forwards,
        "backwards": result.backwards,
        "zero_gradient": result.zero_gradient,
        "x_adv": stored,
        **{f"extra_{name}": result.extra[name] for name in EXTRA if name in result.extra},
    }
    return {k: v.cpu().numpy() if isinstance(v, Tensor) else np.asarray(v) for k, v in columns.items()}


@torch.no_grad()
def predict(victim: Classifier, x: Tensor) -> Tensor:
    """Class probabilities (N, classes)."""
    return victim(x).softmax(1)


def save_part(path: Path, columns: dict[str, np.ndarray]) -> None:
    """Write one part's columns and images."""
    with atomically(path) as temporary:
        np.savez(temporary, **columns)


def recount(path: Path, victim: Classifier, device: str) -> None:
    """Predict again from the stored images; RuntimeError where the recorded successes differ."""
    recorded = read_columns(path, ("label", "predicted_before", "success"))
    images = read_images(path)
    after = np.concatenate(
        [
            predict(victim, torch.from_numpy(images[s : s + PART]).to(device)).argmax(1).cpu().numpy()
            for s in range(0, len(images), PART)
        ]
    )
    found = (recorded["predicted_before"] == recorded["label"]) & (after != recorded["label"])
    if not np.array_equal(found, recorded["success"]):
        raise RuntimeError(f"{(found != recorded['success']).sum()} successes changed between the attack and the file")


def summary(job: Job, columns: dict[str, np.ndarray]) -> dict:
    """The set's figures: counts, the success rate among images that were right before, and means over the successes."""
    success, attacked = columns["success"], ~columns["skipped"]
    right = columns["predicted_before"] == columns["label"]
    means = ("confidence", "l0", "l2", "linf", "l2_normalised", "linf_normalised", "iteration")
    figures: dict = {
        "images": len(success),
        "attacked": int(attacked.sum()),
        "successes": int(success.sum()),
        "success_rate": float(success.sum() / max(1, right.sum())),
        "norm": norm_of(job.parameters),
        "zero_gradient": float(columns["zero_gradient"][attacked].mean()) if attacked.any() else None,
        "forwards": float(columns["forwards"][attacked].mean()) if attacked.any() else None,
        "backwards": float(columns["backwards"][attacked].mean()) if attacked.any() else None,
    }
    figures |= {name: float(columns[name][success].mean()) if success.any() else None for name in means}
    return figures


def budget_figures(columns: dict[str, np.ndarray], extra: dict[str, np.ndarray]) -> dict:
    """Of attacks that tell it: how many images left [0, 1] or the budget, the share that reached its target, and the
    share of values that a control had clipped.
    """
    attacked = ~columns["skipped"]
    figures: dict = {
        name: int(extra[name][attacked].sum()) for name in ("outside_box", "outside_ball") if name in extra
    }
    if "clipped" in extra:
        figures["clipped"] = float(extra["clipped"][attacked].mean()) if attacked.any() else None
    if "target" in extra:
        reached = (columns["predicted_after"] == extra["target"])[attacked]
        figures["reached_target"] = float(reached.mean()) if attacked.any() else None
    return figures
