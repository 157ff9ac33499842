"""A classifier's answers to filtered and frequency-swapped images (local_properties paper, Figures 1 and 6)."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from workflow_scripts.analysis.spectrum.accuracy import CURVES, recognised
from workflow_scripts.analysis.spectrum.radii import largest_radius
from workflow_scripts.inputs.pairs import Pairs, read_pairs
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.models.classifier import load_classifier

BATCH = 200
"""Pairs at once: what bounds the memory, and nothing else."""


def realise(job: Job) -> dict:
    """Write filtered_predictions.npz: radii (R,), each curve's answers (R, N) as bool, and the set's records.

    Every image counts, also one that the model gets wrong: its adversarial version is the image itself.
    """
    model = job.one(name="model")
    classifier = load_classifier(
        model.metrics["description"], model.file(f"{job.parameters['checkpoint']}.safetensors"), job.device
    )
    pairs = read_pairs(job.one(name="images"), job.one(name="dataset"))
    last = largest_radius(*pairs.images.shape[-2:])
    radii = np.array(sorted({*range(0, last, job.parameters["radius_step"]), last}))
    started = time.monotonic()
    found = recognised(classifier, labelled(pairs, job), radii)
    seconds = time.monotonic() - started
    np.savez(job.out / "filtered_predictions.npz", radii=radii, **found, **pairs.columns)
    inputs = len(pairs) * len(radii) * len(CURVES)
    return {"pairs": len(pairs), "radii": len(radii), "inputs_per_second": round(inputs / seconds, 1)}


def labelled(pairs: Pairs, job: Job) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Batches of natural images, adversarial images and labels on the job's device."""
    batches = progress(pairs.batches(BATCH), total=-(-len(pairs) // BATCH), text=job.label, unit=f"x {BATCH} pairs")
    start = 0
    for x, x_adv in batches:
        y = torch.from_numpy(pairs.columns["label"][start : start + len(x)])
        start += len(x)
        yield x.to(job.device), x_adv.to(job.device), y.to(job.device)
