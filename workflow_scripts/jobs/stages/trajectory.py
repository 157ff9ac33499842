"""Crafting processes: the intermediate inputs of some inputs that an adversarial set attacked successfully."""

from __future__ import annotations

import numpy as np
import torch

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.jobs.attack_run import run_attack
from workflow_scripts.jobs.job import Job
from workflow_scripts.models.classifier import load_classifier


def realise(job: Job) -> dict:
    """Attack the set's first successes again with their intermediate inputs recorded, and write trajectory.npz.

    Where the attack never succeeded, its first attacked inputs are taken. The frames are the attack's own, before any
    quantisation of the set. Payload: images (T, C, H, W) float32 in [0, 1], those of one input behind another, each
    from x̂_0 to x̂_n; followed (T,): the image's place in its split; iteration (T,).
    """
    adversarial, model = job.one(name="adversarial"), job.one(name="model")
    parameters = adversarial.parameters
    positions = chosen(read_columns(adversarial.file(FILE), ("index", "success", "skipped")), job.parameters["inputs"])
    folder = job.one(name="dataset").file(parameters["images"]["split"])
    images = np.load(folder / "images.npy", mmap_mode="r")[positions]
    labels = np.load(folder / "labels.npy")[positions]
    weights = model.file(f"{parameters['checkpoint']}.safetensors")
    victim = load_classifier(model.metrics["description"], weights, job.device)
    x = torch.from_numpy(images.astype(np.float32) / 255).to(job.device)
    y = torch.from_numpy(labels).to(job.device)
    outcome = run_attack(parameters, victim, x, y, indices=positions.tolist(), record=True)
    frames, followed, iterations = [], [], []
    for position, steps in zip(positions, outcome.trajectory, strict=True):
        count = min(job.parameters["max_frames"], len(steps))
        kept = np.unique(np.linspace(0, len(steps) - 1, count).round().astype(int))
        frames.append(steps.cpu().numpy()[kept])
        followed.append(np.full(len(kept), position))
        iterations.append(kept)
    np.savez(
        job.out / "trajectory.npz",
        images=np.concatenate(frames),
        followed=np.concatenate(followed),
        iteration=np.concatenate(iterations),
    )
    return {
        "followed": positions.tolist(),
        "success": outcome.success.tolist(),
        "iterations": [len(steps) - 1 for steps in outcome.trajectory],
    }


def chosen(columns: dict[str, np.ndarray], count: int) -> np.ndarray:
    """The first successes' places in their split, or, without any, the first attacked inputs'."""
    candidates = columns["success"] if columns["success"].any() else ~columns["skipped"]
    if not candidates.any():
        raise ValueError("the model is wrong about every image of the set, so none can be followed")
    return columns["index"][candidates][:count]
