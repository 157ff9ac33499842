"""A crafting process: the intermediate inputs of one input that an adversarial set attacked successfully."""

from __future__ import annotations

import numpy as np
import torch

from workflow_scripts.attacks.invoke import invoke
from workflow_scripts.attacks.records import FILE, read_columns
from workflow_scripts.job import Job
from workflow_scripts.models.classifier import load_classifier


def realise(job: Job) -> dict:
    """Attack the set's first success again with its intermediate inputs recorded, and write trajectory.npz.

    Where the attack never succeeded, its first attacked input is taken. The frames are the attack's own, before any
    quantisation of the set. Payload: images (T, C, H, W) float32 in
    [0, 1] from x̂_0 to x̂_n, iteration (T,).
    """
    adversarial, model = job.one(name="adversarial"), job.one(name="model")
    parameters = adversarial.parameters
    columns = read_columns(adversarial.file(FILE), ("index", "success", "skipped"))
    candidates = np.flatnonzero(columns["success"])
    if not len(candidates):
        candidates = np.flatnonzero(~columns["skipped"])
    if not len(candidates):
        raise ValueError("the model is wrong about every image of the set, so none can be followed")
    position = int(columns["index"][candidates[0]])
    folder = job.one(name="dataset").file(parameters["images"]["split"])
    image = np.load(folder / "images.npy", mmap_mode="r")[position]
    label = int(np.load(folder / "labels.npy")[position])
    weights = model.file(f"{parameters['checkpoint']}.safetensors")
    victim = load_classifier(model.metrics["description"], weights, job.device)
    x = torch.from_numpy(image.astype(np.float32) / 255)[None].to(job.device)
    y = torch.tensor([label], device=job.device)
    outcome = invoke(parameters, victim, x, y, indices=[position], record=True)
    frames = outcome.trajectory[0].cpu().numpy()
    most = job.parameters["most_frames"]
    kept = np.unique(np.linspace(0, len(frames) - 1, min(most, len(frames))).round().astype(int))
    np.savez(job.out / "trajectory.npz", images=frames[kept], iteration=kept)
    return {
        "index": position,
        "label": label,
        "success": bool(outcome.success[0]),
        "predicted_after": int(outcome.predicted_after[0]),
        "iterations": len(frames) - 1,
    }
