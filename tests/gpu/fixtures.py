"""Small artifacts of every kind that computes on a GPU: the recipes' parameters, and upstream artifacts for each."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from tests.handmade import Made, made
from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.jobs.job import Job
from workflow_scripts.models.classifier import architecture

CLASSES, CHANNELS, SIZE = 10, 3, 8
COUNTS = {"train": 240, "validation": 40, "test": 60}
ATTACKS = {
    "pgd": {"epsilon": "6/100", "alpha": "2/100", "steps": 6},
    "deepfool": {"candidates": 4, "overshoot": "1/50", "steps": 10},
}
TRAINING = {
    "epochs": 5, "batch_size": 30, "optimizer": "sgd_nesterov", "learning_rate": "1/20", "momentum": "9/10",
    "weight_decay": "1/2000", "schedule": {"name": "constant", "warmup": "0", "milestones": [], "factor": "1/10"},
    "label_smoothing": "0", "gradient_clip": "1", "precision": "bfloat16", "flip": True, "shift": 1,
}  # fmt: skip
ADVERSARIAL = {
    "epsilon": "4/255", "alpha": "2/255", "steps": 2, "random_start": True, "guard": None,
    "evaluation": {"alpha": "2/255", "steps": 3, "images": 20, "every": 2},
}  # fmt: skip
RECOGNISER = {
    "sees": "residual",
    "classes": list(ATTACKS),
    "quantisation": "truncate",
    "sizes": {"channels": 8, "blocks": 1, "width": "1/8", "small_stem": True},
    "weights": {"reconstruction": "1/100", "features": "1/10", "classification": "1"},
    "training": {
        "learning_rate": "1/500", "epochs": 2, "steps_per_epoch": 4, "batch_size": 12, "weight_decay": "1/2000",
        "warmup_epochs": 1, "milestones": [1], "label_smoothing": "1/10",
    },
    "seed": 4,
}  # fmt: skip
CHECKED = {"classes": list(ATTACKS), "quantisation": "truncate", "checkpoint": "best"}
IMAGES = {"split": "test", "count": 30, "selection_seed": 3}


def network(name: str, **build) -> dict:
    """The parameters of a recipe that say which network is built."""
    return {"architecture": name, "build": build, "mean": ["1/2"], "std": ["1/4"]}


RESNET18 = network("resnet18", width="1/8")
DEEP_CONV = network("deep_conv", width="1/8", dropout="1/10")
RESNET50 = network("resnet50", width="1/16", depth="1/4", cifar_stem=True)
TRAINED = {"training": TRAINING, "seed": 0}

PARAMETERS = {
    "model": {**RESNET18, **TRAINED},
    "robust_model": {**RESNET18, "training": {**TRAINING, "adversarial": ADVERSARIAL}, "seed": 0},
    "fine_tuned": {**RESNET50, **TRAINED},
    "pretrained_model": RESNET18,
    "distilled": {**RESNET18, "training": {**TRAINING, "temperature": "4"}, "seed": 1, "teacher_checkpoint": "best"},
    "compressed": {"checkpoint": "best", "share": "7/10", "rounds": 1, **TRAINED},
    "trajectory": {"inputs": 4, "max_frames": 10},
    "features": {"checkpoint": "best", "images": IMAGES},
    "information_streaming": {"checkpoint": "best", "images": IMAGES, "buckets": 8},
    "path_sensitivity": {"checkpoint": "best", "inputs": 6, "buckets": [4, 8], "sides": [4]},
    "predictions": {"checkpoint": "best", "split": "test"},
    "responses": {"checkpoint": "best"},
    "filtered_predictions": {"checkpoint": "best", "radius_step": 2},
    "recogniser": RECOGNISER,
    "recogniser_evaluation": {
        **{key: RECOGNISER[key] for key in ("classes", "quantisation")},
        "denoisers": {"median": {"filter": "median", "size": "3"}},
    },
    "robust_accuracy": {"quantisations": ["none", "round", "truncate"], "checkpoint": "best"},
    "saliency": {**CHECKED, "images": None, "comparison_images": 10, "permutations": 49, "seed": 0},
    "input_saliency": {
        **CHECKED,
        "example_images": 3,
        "region_images": 4,
        "boosted_filters": 10,
        "boost": "100",
        "percentile": "99",
    },
}


def attack_parameters(name: str, split: str = "test", start: int = 0, stop: int | None = None) -> dict:
    """The parameters of an adversarial set's recipe: 30 images of a split, or those from `start` to `stop`."""
    part = {} if stop is None else {"start": start, "stop": stop}
    return {
        "attack": name,
        "settings": ATTACKS[name],
        "pixel_range": ["0", "1"],
        "quantisation": "none",
        "images": {**IMAGES, "split": split, **part},
        "checkpoint": "best",
        "seed": 5,
    }


class Artifacts:
    """Upstream artifacts, made on the processor and kept for the session."""

    def __init__(self, root: Path) -> None:
        self.root, self._kept = root, {}

    def kept(self, name: str, make) -> Made:
        """The artifact of that name; `make()` where it is asked for for the first time."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def run(self, kind: str, folder: Path, parameters: dict, inputs: list, device: str = "cpu") -> Made:
        """What the stage of `kind` makes in `folder` on `device`; `inputs`: (role, artifact) pairs."""
        stage = importlib.import_module(f"workflow_scripts.jobs.stages.{kind}")
        out = folder / kind
        out.mkdir(parents=True)
        given = tuple(RoleArtifact(role, artifact) for role, artifact in inputs)
        metrics = stage.realise(Job(kind, parameters, given, out, folder / "scratch", device=device))
        return made(out, metrics, parameters, kind)

    def upstream(self, kind: str, name: str | None = None, parameters: dict | None = None) -> Made:
        """An artifact of `kind` by the processor, with the parameters and inputs that stand here."""
        name = name or kind
        given = parameters or PARAMETERS[kind]
        return self.kept(name, lambda: self.run(kind, self.root / name, given, self.inputs(kind)))

    @property
    def dataset(self) -> Made:
        """Images of ten blurred patterns under noise, which a network learns within a few dozen steps."""
        return self.kept("dataset", self._dataset)

    def _dataset(self) -> Made:
        generator = np.random.default_rng(0)
        patterns = generator.normal(size=(CLASSES, CHANNELS, SIZE // 2, SIZE // 2)).repeat(2, 2).repeat(2, 3)
        patterns = patterns + patterns[..., ::-1]  # a flip leaves them as they are
        for part, count in COUNTS.items():
            labels = np.arange(count) % CLASSES
            noise = generator.normal(size=(count, CHANNELS, SIZE, SIZE))
            images = np.clip(128 + 40 * patterns[labels] + 20 * noise, 0, 255).astype(np.uint8)
            (self.root / "dataset" / part).mkdir(parents=True)
            np.save(self.root / "dataset" / part / "images.npy", images)
            np.save(self.root / "dataset" / part / "labels.npy", labels)
        names = [f"pattern {k}" for k in range(CLASSES)]
        facts = {"channels": CHANNELS, "classes": CLASSES, "image_size": SIZE, "class_names": names}
        return made(self.root / "dataset", facts, kind="dataset")

    def weights(self, kind: str) -> Made:
        """Given weights: of a finished model, or untrained ones to start a training from."""

        def write() -> Made:
            folder = self.root / f"weights-{kind}"
            folder.mkdir()
            if kind == "pretrained_model":
                state = load_file(self.upstream("model").file("best.safetensors"))
            else:
                torch.manual_seed(2)
                build = {"width": 1 / 16, "depth": 1 / 4, "cifar_stem": True}
                untrained = architecture("resnet50").build(in_channels=3, classes=7, image_size=SIZE, **build)
                state = untrained.network.state_dict()
            save_file(state, folder / "weights.safetensors")
            return made(folder, {}, kind="weights")

        return self.kept(f"weights-{kind}", write)

    def adversarial(self, attack: str = "pgd", split: str = "test") -> Made:
        """An adversarial set of 30 images."""
        return self.upstream("adversarial", f"{attack}-{split}", attack_parameters(attack, split))

    def shards(self, split: str) -> list:
        """Every attack's set as the only shard of its class."""
        role = {"name": "shard", "victim": 0, "configuration": 0, "start": 0}
        return [({**role, "class": name}, self.adversarial(name, split)) for name in ATTACKS]

    def inputs(self, kind: str) -> list:
        """The (role, artifact) pairs of a stage of `kind`."""
        dataset = ({"name": "dataset"}, self.dataset)
        if kind in ("model", "robust_model"):
            return [dataset]
        if kind in ("fine_tuned", "pretrained_model"):
            return [dataset, ({"name": "weights"}, self.weights(kind))]
        if kind == "compressed":
            chain = self.upstream("model", "deep_conv", {**DEEP_CONV, **TRAINED})
            return [dataset, ({"name": "model"}, chain)]
        victim = self.upstream("model")
        if kind == "distilled":
            return [dataset, ({"name": "teacher"}, victim)]
        if kind.startswith("recogniser"):
            pairs = [dataset, ({"name": "victim", "victim": 0, "checkpoint": "best"}, victim)]
            if kind == "recogniser":
                return [*pairs, *self.shards("train")]
            return [*pairs, *self.shards("test"), ({"name": "recogniser"}, self.upstream("recogniser"))]
        pairs = [dataset, ({"name": "model"}, victim)]
        if kind == "trajectory":
            return [*pairs, ({"name": "adversarial"}, self.adversarial("deepfool"))]
        if kind == "path_sensitivity":
            return [*pairs, ({"name": "images", "attack": "deepfool"}, self.adversarial("deepfool"))]
        if kind in ("responses", "filtered_predictions"):
            return [*pairs, ({"name": "images"}, self.adversarial())]
        if kind in ("robust_accuracy", "saliency"):
            return [*pairs, *self.shards("test")]
        if kind == "input_saliency":
            return [*pairs, *self.shards("test"), ({"name": "saliency"}, self.upstream("saliency"))]
        return pairs
