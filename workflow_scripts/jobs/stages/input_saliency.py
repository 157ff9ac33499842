"""Which pixels drive a victim's most salient filters: input-space saliency of a few images under every attack."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from workflow_scripts.analysis.saliency.image_selection import attacked_images, filter_by_correctness
from workflow_scripts.analysis.saliency.input_space import Boost, heat_map, input_saliency
from workflow_scripts.attacks.quantise import quantise
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.jobs.job import Job
from workflow_scripts.models.classifier import load_classifier
from workflow_scripts.recipes.exact_numbers import to_float

CLEAN = "clean"
BATCH = 100


def realise(job: Job) -> dict:
    """Write maps.npz: for `clean` and every class, images and saliency (n, C, H, W), heat (n, H, W), predicted (n,)."""
    model, dataset = job.one(name="model"), job.one(name="dataset")
    weights = model.file(f"{job.parameters['checkpoint']}.safetensors")
    victim = load_classifier(model.metrics["description"], weights, job.device)
    folder = dataset.file("test")
    images, labels = np.load(folder / "images.npy", mmap_mode="r"), np.load(folder / "labels.npy")
    files = defaultdict(list)
    for item in job.all(name="shard"):
        files[item.role["class"]].append((item.role["start"], item.artifact.file(FILE)))
    files = {name: [path for _, path in sorted(files[name])] for name in job.parameters["classes"]}
    turned: Counter[int] = Counter()
    for paths in files.values():
        batches = attacked_images(paths, job.parameters["quantisation"], BATCH)
        for batch in filter_by_correctness(batches, victim, job.device, right=False):
            turned.update(batch.index.tolist())
    index = most_turned(turned, labels, job.parameters["example_images"])
    pictures = {CLEAN: images[index].astype(np.float32) / 255}
    pictures |= {name: attacked(paths, index, job.parameters["quantisation"]) for name, paths in files.items()}
    with np.load(job.one(name="saliency").file("statistics.npz")) as content:
        mean, deviation = (torch.from_numpy(content[key]).float().to(job.device) for key in ("mean", "deviation"))
    boost = Boost(job.parameters["boosted_filters"], to_float(job.parameters["boost"]))
    label = torch.from_numpy(labels[index]).to(job.device)
    kept = {"index": index, "label": labels[index]}
    for name, batch in pictures.items():
        x = torch.from_numpy(batch).to(job.device)
        saliency = input_saliency(victim, x, label, mean, deviation, boost=boost)
        kept |= {
            f"{name}_image": batch,
            f"{name}_saliency": saliency.cpu().numpy(),
            f"{name}_heat": heat_map(saliency, to_float(job.parameters["percentile"])).numpy().astype(np.float32),
            f"{name}_predicted": predicted(victim, x),
        }
    np.savez(job.out / "maps.npz", **kept)
    return {"images": len(index), "classes": list(pictures)}


@torch.no_grad()
def predicted(victim: torch.nn.Module, x: torch.Tensor) -> np.ndarray:
    return victim(x).argmax(1).cpu().numpy()


def most_turned(turned: Mapping[int, int], labels: np.ndarray, count: int) -> np.ndarray:
    """The `count` images that the most attacks turned, of different labels while there are some, in ascending order.

    turned: image → number of attacks. Raises ValueError where no attack turned any image.
    """
    if not turned:
        raise ValueError("no attack turned any image: there is nothing to show")
    seen: Counter[int] = Counter()
    ranked = []
    for index in sorted(turned, key=lambda index: (-turned[index], index)):
        ranked.append((seen[int(labels[index])], -turned[index], index))
        seen[int(labels[index])] += 1
    return np.array(sorted(index for _, _, index in sorted(ranked)[:count]))


def attacked(paths: list[Path], index: np.ndarray, quantisation: str) -> np.ndarray:
    """The attacked versions (n, C, H, W), after the quantisation, of the images at `index` (ascending)."""
    parts = []
    for path in paths:
        places = np.flatnonzero(np.isin(read_columns(path, ("index",))["index"], index))
        if len(places):
            parts.append(quantise(torch.from_numpy(read_images(path, places)), quantisation))
    stored = torch.cat(parts)
    return (stored.float().div(255) if stored.dtype == torch.uint8 else stored).numpy()
