"""What one attack and its controls do in a model, measured on the same images: the atlas's measurements.

reactions.npz: index, label, skipped, success (n,), of the attack's set; controls: the kinds of control; path_layers
(K,), layers (L,), filter_layers (F,): names, from input to output, for information paths, responses and saliency. For
each of "clean", "attack" and the kinds of control: `<set>/iip`, `<set>/oip`, `<set>/iip_expected`,
`<set>/oip_expected` (n, K), plug-in information paths and what the maps share by chance, in nats; `<set>/predicted`,
`<set>/confidence` (n,); `<set>/salience` (n, F), the mean over a convolution's filters of their saliency in standard
deviations from the clean images' mean. For all but "clean": `<set>/maximum`, `<set>/total` (n, L), differences of
local responses; `<set>/energy` (n, 8), the perturbation's energy by spatial frequency; `<set>/radius` (n,), the
largest low-pass radius, as a share of half the side, at which the clean prediction is there; `<set>/l2` (n,), for
pixels in [0, 1]. For each other victim of the same attack: `transfer/<victim>/predicted`, this model's predictions on
its set, and `transfer/<victim>/success`.

Images that the model misclassifies are not attacked (`skipped`); their versions are the clean images.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor

from workflow_scripts.analysis.information.chance_correction import chance_corrected_paths
from workflow_scripts.analysis.responses.differences import pair_differences
from workflow_scripts.analysis.saliency.filters import filter_counts, filter_saliency, memory_budget
from workflow_scripts.analysis.saliency.moments import Moments, floored_deviation
from workflow_scripts.analysis.saliency.profiles import layer_means, standardised
from workflow_scripts.analysis.spectrum.perturbation_energy import band_energy, restoring_radius
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.pairs import Pairs, read_pairs
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.measuring import per_second, row_batches
from workflow_scripts.models.classifier import Classifier
from workflow_scripts.models.feature_maps import feature_maps

CLEAN, ATTACK = "clean", "attack"
BATCH = 50
"""Images in memory at once."""
RADII = 12
"""Low-pass filters that are tried, evenly spaced up to the spectrum's corner."""
Arrays = dict[str, np.ndarray]


def realise(job: Job) -> dict:
    """Measure every set; return the numbers of images and the speed."""
    model, started = load_victim(job), time.monotonic()
    dataset = job.one(name="dataset")
    sets = {item.role["version"]: read_pairs(item.artifact, dataset) for item in job.all(name="images")}
    attack = sets[ATTACK]
    measured: dict[str, list[np.ndarray]] = {}
    names: dict[str, list[str]] = {}
    for rows in row_batches(job, len(attack), BATCH, "images"):
        arrays, names = measure_batch(job, model, sets, rows)
        for key, values in arrays.items():
            measured.setdefault(key, []).append(values)
    arrays = {key: np.concatenate(parts) for key, parts in measured.items()}
    arrays = standardise_saliency(arrays, list(filter_counts(model).values()))
    arrays |= transferred(job, model)
    columns = {key: attack.columns[key] for key in ("index", "label", "skipped", "success")}
    listed = {key: np.array(values, dtype=str) for key, values in names.items()}
    controls = np.array([name for name in sets if name != ATTACK], dtype=str)
    np.savez(job.out / "reactions.npz", **columns, **listed, controls=controls, **arrays)
    return {
        "images": len(attack),
        "attacked": int((~attack.columns["skipped"]).sum()),
        "images_per_second": per_second(len(attack) * (1 + len(sets)), started),
    }


def measure_batch(job: Job, model: Classifier, sets: dict[str, Pairs], rows: slice) -> tuple[Arrays, dict]:
    """The arrays of some rows of all sets, saliency not yet standardised, and the layers' names."""
    natural = torch.from_numpy(sets[ATTACK].natural(rows)).to(job.device)
    label = torch.from_numpy(sets[ATTACK].columns["label"][rows]).to(job.device)
    arrays, paths = reactions_of(job, model, CLEAN, natural, label)
    clean = torch.from_numpy(arrays["clean/predicted"]).to(job.device)
    names = {"path_layers": list(paths), "filter_layers": list(filter_counts(model))}
    for name, pairs in sets.items():
        x = torch.from_numpy(pairs.adversarial(rows)).to(job.device)
        arrays |= reactions_of(job, model, name, x, label)[0]
        found, _ = pair_differences(model, natural, x)
        names["layers"] = list(found)
        for place, measure in enumerate(("maximum", "total")):
            arrays[f"{name}/{measure}"] = np.stack([pair[place].cpu().numpy() for pair in found.values()], axis=1)
        side = x.shape[-1]
        radii = [(step + 1) / RADII * side / 2**0.5 for step in range(RADII)]
        arrays[f"{name}/radius"] = restoring_radius(model, x, clean, [*radii[:-1], side]) / (side / 2)
        arrays[f"{name}/energy"] = band_energy(x - natural)
        arrays[f"{name}/l2"] = (x - natural).double().flatten(1).norm(dim=1).cpu().numpy()
    return arrays, names


def reactions_of(job: Job, model: Classifier, name: str, x: Tensor, label: Tensor) -> tuple[Arrays, tuple[str, ...]]:
    """Information paths, predictions and filter saliency (n, filters) of images, and the paths' layers."""
    maps, logits = feature_maps(model, x)
    paths = chance_corrected_paths(maps, x, job.parameters["buckets"])
    confidence, predicted = logits.softmax(1).max(1)
    arrays = {
        "iip": paths.plug_in.iip,
        "oip": paths.plug_in.oip,
        "iip_expected": paths.expected.iip,
        "oip_expected": paths.expected.oip,
        "predicted": predicted.cpu().numpy(),
        "confidence": confidence.cpu().numpy(),
        "salience": filter_saliency(model, x, label, memory_budget(job.device)).cpu().numpy(),
    }
    return {f"{name}/{key}": values for key, values in arrays.items()}, paths.plug_in.layers


def standardise_saliency(arrays: Arrays, counts: list[int]) -> Arrays:
    """The arrays with saliency by layer, in deviations of each filter over the clean images."""
    moments = Moments()
    moments.update(arrays["clean/salience"])
    mean, (deviation, _) = moments.mean, floored_deviation(moments.deviation, counts)
    done = dict(arrays)
    for key, values in arrays.items():
        if key.endswith("/salience"):
            done[key] = layer_means(standardised(values, mean, deviation, signed=False), counts)
    return done


@torch.no_grad()
def transferred(job: Job, model: Classifier) -> Arrays:
    """The model's predictions on the sets made against other victims, and whether those were deceived."""
    arrays: Arrays = {}
    for item in job.all(name="transfer"):
        pairs = read_pairs(item.artifact, job.one(name="dataset"))
        batches = (slice(start, start + BATCH) for start in range(0, len(pairs), BATCH))
        images = (torch.from_numpy(pairs.adversarial(rows)).to(job.device) for rows in batches)
        predicted = [model(x).argmax(1).cpu().numpy() for x in images]
        place = f"transfer/{item.role['victim']}"
        arrays |= {f"{place}/predicted": np.concatenate(predicted), f"{place}/success": pairs.columns["success"]}
    return arrays
