"""Trajectories: the intermediate images of an attack for some of an adversarial set's successes."""

from __future__ import annotations

import numpy as np
import torch

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.splits import read_split
from workflow_scripts.jobs.attack_run import run_attack
from workflow_scripts.jobs.job import Job


def realise(job: Job) -> dict:
    """Attack the set's first successes again with trajectories recorded, and write trajectory.npz.

    Where the attack never succeeded, its first attacked images are taken. The frames are the attack's own, before any
    quantisation of the set. Payload: images (T, C, H, W) float32 in [0, 1], one image's frames after another's, each
    from x̂_0 to x̂_n; followed (T,): the image's position in its split; iteration (T,).
    """
    adversarial = job.one(name="adversarial")
    parameters = adversarial.parameters
    positions = chosen(read_columns(adversarial.file(FILE), ("index", "success", "skipped")), job.parameters["inputs"])
    folder = job.one(name="dataset").file(parameters["images"]["split"])
    images, labels = read_split(folder, mapped=True)
    victim = load_victim(job, checkpoint=parameters["checkpoint"])
    x = torch.from_numpy(to_unit_range(images[positions])).to(job.device)
    y = torch.from_numpy(labels[positions]).to(job.device)
    result = run_attack(parameters, victim, x, y, indices=positions.tolist(), record=True)
    frames, followed, iterations = [], [], []
    for position, steps in zip(positions, result.trajectory, strict=True):
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
        "success": result.success.tolist(),
        "iterations": [len(steps) - 1 for steps in result.trajectory],
    }


def chosen(columns: dict[str, np.ndarray], count: int) -> np.ndarray:
    """The first successes' positions in their split, or without any the first attacked images'."""
    candidates = columns["success"] if columns["success"].any() else ~columns["skipped"]
    if not candidates.any():
        raise ValueError("the model misclassifies all images of the set, so there is no trajectory to record")
    return columns["index"][candidates][:count]
