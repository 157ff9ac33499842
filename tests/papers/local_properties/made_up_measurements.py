"""Makes measurements up, so that what tables, figures and findings must say of them is known."""

import numpy as np
import pandas as pd

from tests.handmade import Made
from workflow_scripts.inputs.adversarial_sets import FILE, PER_SAMPLE, input_hashes, write_set
from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.jobs.job import Job

COUNT, SIDE = 40, 8
LAYERS = ["conv1", "layer0", "layer1", "layer2", "layer3", "layer4"]
SCALE = {"standard": np.array([1.0, 2, 3, 4, 5, 6]), "robust": np.array([0.5, 1, 1, 1, 1, 1])}
"""Mean maximum difference of a model's own examples, by layer."""

RESPONSE = {"standard": 10.0, "robust": 1.0}
"""The norm of a response, in units of the maximum difference."""


class Study:
    """Makes artifacts below `root` and collects them with their roles."""

    def __init__(self, root):
        self.root, self.items, self.rng = root, [], np.random.default_rng(0)

    def add(self, role, metrics=None, parameters=None):
        folder = self.root / f"a{len(self.items)}"
        folder.mkdir()
        manifest = {"metrics": metrics or {}, "recipe": {"kind": role["name"], "parameters": parameters or {}}}
        self.items.append(RoleArtifact(role, Made(folder, manifest)))
        return folder

    def job(self, **parameters):
        plain = {"caption": "A caption.", "notes": [], "study": "local_properties", "name": "x"}
        return Job("test", {**plain, **parameters}, tuple(self.items), self.root, self.root)


def succeeded(attack, model):
    """Half of the images resist FGSM; PGD fails once on the standard model, often on the robust."""
    rows = np.arange(COUNT)
    return rows < {"fgsm": 20, "pgd": 39 if model == "standard" else 24}[attack]


def wrong(model):
    """Every tenth image is misclassified without an attack; it is attacked all the same."""
    return np.arange(COUNT) % 10 == (0 if model == "standard" else 1)


def add_set(made, attack, model, images, labels, role=None):
    role = role or {"name": "adversarial_set", "attack": attack, "victim": model, "seed": 0}
    success = succeeded(attack, model) & ~wrong(model)
    parameters = {"images": {"split": "test", "count": COUNT, "selection_seed": 0}, "attack_all": True}
    metrics = {"images": COUNT, "attacked": COUNT, "successes": int(success.sum())}
    folder = made.add(role, metrics, parameters)
    disordered = np.random.default_rng(9).choice([-0.1, 0.1], (SIDE, SIDE))
    consistent = np.where(np.indices((SIDE, SIDE))[0] < SIDE // 2, 0.1, -0.1)
    moved = disordered if model == "standard" else consistent
    x_adv = (images / 255 + moved).astype(np.float32)
    columns = {name: np.zeros(COUNT) for name in PER_SAMPLE}
    columns |= {"index": np.arange(COUNT), "label": labels, "skipped": np.zeros(COUNT, bool), "success": success}
    columns["predicted_before"] = np.where(wrong(model), (labels + 1) % 10, labels)
    columns["predicted_after"] = np.where(success | wrong(model), (labels + 1) % 10, labels)
    write_set(folder / FILE, {**columns, "input_sha256": input_hashes(images)}, x_adv)


def add_responses(made, attack, victim, model, labels, role=None, scale=1.0):
    role = role or {"name": "responses", "attack": attack, "victim": victim, "model": model, "seed": 0}
    own = victim == model
    success = succeeded(attack, victim) & ~wrong(victim)
    factor = (1.0 if own else 0.4) * scale * (0.8 if attack == "fgsm" else 1.0)
    maximum = SCALE[model] * factor * made.rng.uniform(0.9, 1.1, (COUNT, len(LAYERS)))
    maximum[:, -1] *= np.where(success & own, 2.0, 1.0)
    fooled = success if own else np.zeros(COUNT, bool)
    metrics = {"pairs": COUNT, "natural_accuracy": float((~wrong(model)).mean())}
    metrics["adversarial_accuracy"] = float((~fooled & ~wrong(model)).mean())
    np.savez(
        made.add(role, metrics) / "responses.npz",
        layers=np.array(LAYERS), maximum=maximum, total=maximum * 100, relative=maximum / RESPONSE[model],
        index=np.arange(COUNT), label=labels,
        skipped=np.zeros(COUNT, bool), success=success,
        predicted_before=np.where(wrong(victim), (labels + 1) % 10, labels),
        predicted_natural=np.where(wrong(model), (labels + 1) % 10, labels),
        predicted_adversarial=np.where(fooled | wrong(model), (labels + 1) % 10, labels),
    )  # fmt: skip


def add_filtered_predictions(made, model):
    """Standard: accuracy under attack rises to radius 2 and falls to none; robust: it rises to stay."""
    radii = np.array([0, 1, 2, 4, 6])
    shares = {
        "low_natural": [0.1, 0.5, 0.8, 0.9, 0.95],
        "low_adversarial": [0.1, 0.4, 0.7, 0.2, 0.0] if model == "standard" else [0.1, 0.4, 0.5, 0.55, 0.5],
        "high_natural": [0.95, 0.8, 0.6, 0.2, 0.1],
        "high_adversarial": [0.0, 0.1, 0.1, 0.1, 0.1],
        "swapped_natural": [0.0, 0.1, 0.2, 0.8, 0.95] if model == "standard" else [0.5, 0.6, 0.7, 0.9, 0.95],
        "swapped_adversarial": [0.95, 0.8, 0.7, 0.3, 0.0] if model == "standard" else [0.95, 0.7, 0.6, 0.5, 0.5],
    }
    thresholds = (np.arange(COUNT) * 7 % COUNT + 0.5) / COUNT
    curves = {name: thresholds < np.array(values)[:, None] for name, values in shares.items()}
    folder = made.add({"name": "filtered_predictions", "model": model, "seed": 0})
    np.savez(folder / "filtered_predictions.npz", radii=radii, index=np.arange(COUNT), **curves)


def add_spectra(made, model):
    natural = made.rng.normal(size=(SIDE, SIDE))
    surplus = np.linspace(0, 2 if model == "standard" else 1, 6)
    rings = made.rng.normal(size=(30, 6))
    adversarial = rings + surplus + made.rng.normal(scale=0.1, size=rings.shape)
    folder = made.add({"name": "spectra", "model": model, "seed": 0})
    np.savez(
        folder / "spectra.npz",
        index=np.arange(30) + (0 if model == "standard" else 5), natural=natural, adversarial=natural + 1,
        natural_radial=rings, adversarial_radial=adversarial, ring_sizes=np.array([1, 8, 12, 20, 16, 7]),
        natural_energy=np.exp(2 * rings), adversarial_energy=np.exp(2 * adversarial),
    )  # fmt: skip


def add_kernels(made, role, scale):
    names = ["network.conv1.weight", "network.layer1.0.conv1.weight"]
    arrays = {
        f"{statistic}/{name}": scale * made.rng.uniform(0.9, 1.1, 16)
        for statistic in ("magnitude", "variance", "roughness")
        for name in names
    }
    metrics = {"magnitude": scale, "variance": scale**2, "roughness": scale, "kernels": 64}
    np.savez(made.add(role, metrics) / "kernel_statistics.npz", layers=np.array(names), **arrays)


def add_model(made, role, best=0.6, last=0.5):
    columns = {"epoch": [1, 2, 3], "validation_loss": [2, 1, 1], "validation_accuracy": [0.3, 0.6, 0.5]}
    for kind, size in (("natural", 1.4), ("fgsm", 1.1), ("pgd", 1.0)):
        for part, more in (("train", 0.2), ("validation", 0.0), ("test", 0.0)):
            columns[f"{kind}_{part}_accuracy"] = [np.nan, size * best + more, size * last + 2 * more]
            columns[f"{kind}_{part}_loss"] = [np.nan, 1.0, 1.2]
    parameters = {"training": {"adversarial": {"evaluation": {"images": 500}}}}
    folder = made.add(role, {"best_epoch": 2, "test_images": 1000}, parameters)
    pd.DataFrame(columns).to_csv(folder / "history.csv", index=False)


def add_kernel_responses(made):
    """Rough kernels answer more to the standard model's perturbations, smooth ones to the robust model's."""
    roughness = np.linspace(0.1, 1.9, 18)
    noise = made.rng.normal(scale=0.01, size=(2, 30, 18))
    np.savez(
        made.add({"name": "kernel_responses"}) / "kernel_responses.npz",
        kernels=made.rng.normal(size=(18, 3, 3)) / 9, kernel_model=np.repeat(["robust", "standard"], 9),
        roughness=roughness, standard_response=0.2 + 0.2 * roughness + noise[0],
        robust_response=0.8 - 0.2 * roughness + noise[1],
        kernel_filter=np.arange(18), index=np.arange(30), variance=roughness[::-1],
        standard_response_same_mean=0.2 + 0.3 * roughness[::-1] + noise[1],
        robust_response_same_mean=0.9 - 0.2 * roughness[::-1] + noise[0],
        standard_example=made.rng.choice([-0.1, 0.1], (SIDE, SIDE)), robust_example=np.full((SIDE, SIDE), 0.1),
    )  # fmt: skip


def add_sweep(made, decay, scale, labels):
    add_model(made, {"name": "sweep_model", "weight_decay": decay}, best=0.6, last=0.6 - 0.15 * scale)
    add_kernels(made, {"name": "sweep_kernel_statistics", "weight_decay": decay}, scale)
    role = {"name": "sweep_responses", "weight_decay": decay}
    add_responses(made, "pgd", "robust", "robust", labels, role, scale)
