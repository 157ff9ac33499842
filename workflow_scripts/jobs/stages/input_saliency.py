"""Input-space saliency of a few images, clean and under every attack: the pixels that drive a victim's salient filters.

maps.npz: index, label (n,) of the images, in ascending order of their position in the split; and per class, `clean` or
a class of attack: `<class>_image` (n, C, H, W) float32 in [0, 1]; `<class>_saliency` (n, C, H, W), |gradient| of the
cosine distance by the image; `<class>_heat` (n, H, W) in [0, 1], as it is drawn; `<class>_predicted` (n,).
regions.npz, for more images: index (m,); and per class `<class>_region` (m, H, W), the most salient pixels of the heat
map; `<class>_success` (m,), whether the victim misclassifies the image.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from workflow_scripts.analysis.saliency.image_selection import filter_by_correctness
from workflow_scripts.analysis.saliency.input_space import Boost, heat_map, input_saliency
from workflow_scripts.analysis.saliency.regions import salient_region
from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.attacked_images import attacked_batches, attacked_images_of
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.sharded_images import shard_files
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.models.classifier import Classifier
from workflow_scripts.recipes.exact_numbers import to_float

CLEAN = "clean"
BATCH = 100
"""Images in memory at once while the examples are chosen."""
REGION = 0.1
"""The share of a map's pixels that is its most salient region."""


def realise(job: Job) -> dict:
    """Choose the images that most attacks fool the victim on, and map their saliency; return numbers and classes."""
    victim, quantisation = load_victim(job), job.parameters["quantisation"]
    folder = job.one(name="dataset").file("test")
    images, labels = np.load(folder / "images.npy", mmap_mode="r"), np.load(folder / "labels.npy")
    files = shard_files(job, lambda role: role["class"])
    files = {name: files[name] for name in job.parameters["classes"]}
    successes: Counter[int] = Counter()
    for paths in files.values():
        attacked = attacked_batches(paths, quantisation, BATCH)
        for batch in filter_by_correctness(attacked, victim, job.device, right=False):
            successes.update(batch.index.tolist())
    measure = Measure(job, victim)
    index = choose_examples(successes, labels, job.parameters["example_images"])
    arrays = {"index": index, "label": labels[index]}
    for name, x in versions(images, files, index, quantisation).items():
        maps = measure(x, labels[index])
        arrays |= {
            f"{name}_image": x,
            f"{name}_saliency": maps.saliency.cpu().numpy(),
            f"{name}_heat": maps.heat.astype(np.float32),
            f"{name}_predicted": maps.predicted,
        }
    np.savez(job.out / "maps.npz", **arrays)
    compared = choose_examples(successes, labels, job.parameters["region_images"])
    regions = {"index": compared}
    for name, x in progress(
        list(versions(images, files, compared, quantisation).items()), text="regions", unit="class"
    ):
        maps = measure(x, labels[compared])
        regions[f"{name}_region"] = salient_region(maps.heat, REGION)
        regions[f"{name}_success"] = maps.predicted != labels[compared]
    np.savez(job.out / "regions.npz", **regions)
    return {"images": len(index), "compared": len(compared), "region": REGION, "classes": [CLEAN, *files]}


@dataclass(frozen=True)
class Maps:
    """Of n images: saliency (n, C, H, W); heat (n, H, W) in [0, 1], as it is drawn; predicted (n,) classes."""

    saliency: torch.Tensor
    heat: np.ndarray
    predicted: np.ndarray


class Measure:
    """Maps of images (n, C, H, W) with true labels (n,), by the settings and the filters' statistics of a job."""

    def __init__(self, job: Job, victim: Classifier):
        self.victim, self.device = victim, job.device
        self.boost = Boost(job.parameters["boosted_filters"], to_float(job.parameters["boost"]))
        self.percentile = to_float(job.parameters["percentile"])
        with np.load(job.one(name="saliency").file("statistics.npz")) as content:
            self.mean, self.deviation = (
                torch.from_numpy(content[key]).float().to(job.device) for key in ("mean", "deviation")
            )

    def __call__(self, images: np.ndarray, labels: np.ndarray) -> Maps:
        x, y = torch.from_numpy(images).to(self.device), torch.from_numpy(labels).to(self.device)
        saliency = input_saliency(self.victim, x, y, self.mean, self.deviation, boost=self.boost)
        return Maps(saliency, heat_map(saliency, self.percentile).numpy(), predictions(self.victim, x))


def versions(
    images: np.ndarray, files: Mapping[str, Sequence[Path]], index: np.ndarray, quantisation: str
) -> dict[str, np.ndarray]:
    """Class → the images (n, C, H, W) float32 in [0, 1] at the ascending positions `index`, the clean ones first."""
    attacked = {name: attacked_images_of(paths, index, quantisation) for name, paths in files.items()}
    return {CLEAN: to_unit_range(images[index]), **attacked}


@torch.no_grad()
def predictions(victim: Classifier, x: torch.Tensor) -> np.ndarray:
    """Predicted classes (n,) of images `x` (n, C, H, W)."""
    return victim(x).argmax(1).cpu().numpy()


def choose_examples(successes: Mapping[int, int], labels: np.ndarray, count: int) -> np.ndarray:
    """Positions (count,), ascending, of the images on which most attacks succeed, of different labels where possible.

    successes: position in the split → number of successful attacks; fewer than `count` images give fewer examples.
    ValueError where no attack succeeds on any image.
    """
    if not successes:
        raise ValueError("no attack succeeds on any image: there is nothing to show")
    images_of_label: Counter[int] = Counter()
    ranked = []
    for index in sorted(successes, key=lambda index: (-successes[index], index)):
        label = int(labels[index])
        ranked.append((images_of_label[label], -successes[index], index))
        images_of_label[label] += 1
    return np.array(sorted(index for _, _, index in sorted(ranked)[:count]))
