"""Compressed and distilled models, from stage to payload."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from tests.handmade import Made
from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.stages import compressed, distilled
from workflow_scripts.jobs.training import save_weights
from workflow_scripts.models.classifier import build_classifier, count_parameters, load_classifier
from workflow_scripts.training.objective import CrossEntropy, SoftLabels

DESCRIPTION = {
    "architecture": "deep_conv",
    "in_channels": 1,
    "classes": 3,
    "image_size": 8,
    "parameters": {"width": 0.1, "dropout": 0.0},
    "mean": [0.5],
    "std": [0.5],
}
TRAINING = {
    "epochs": 2, "batch_size": 10, "optimizer": "sgd_nesterov", "learning_rate": "1/20", "momentum": "9/10",
    "weight_decay": "0", "schedule": {"name": "constant", "warmup": "0", "milestones": [], "factor": "1/10"},
    "label_smoothing": "0", "gradient_clip": None, "flip": False, "shift": 0, "auxiliary_batch_norm": False,
    "crop_stages": [],
}  # fmt: skip


@pytest.fixture
def inputs(tmp_path):
    rng = np.random.default_rng(0)
    for part, count in (("train", 60), ("validation", 20), ("test", 20)):
        folder = tmp_path / "dataset" / part
        folder.mkdir(parents=True)
        labels = np.arange(count) % 3
        images = rng.integers(0, 60, (count, 1, 8, 8)) + 90 * labels[:, None, None, None]
        np.save(folder / "images.npy", images.astype(np.uint8))
        np.save(folder / "labels.npy", labels)
    torch.manual_seed(0)
    (tmp_path / "model").mkdir()
    save_weights(build_classifier(DESCRIPTION), tmp_path / "model/best.safetensors")
    return {
        "dataset": Made(tmp_path / "dataset", {"metrics": {"channels": 1, "classes": 3, "image_size": 8}}),
        "model": Made(tmp_path / "model", {"metrics": {"description": DESCRIPTION}}),
    }


def job(tmp_path, parameters, name, **inputs):
    out = tmp_path / name
    out.mkdir()
    chosen = tuple(RoleArtifact({"name": role}, artifact) for role, artifact in inputs.items())
    return Job("test", parameters, chosen, out, tmp_path / f"scratch-{name}")


def test_a_compressed_model_has_the_share_asked_for_and_loads_again(inputs, tmp_path):
    wanted = {"checkpoint": "best", "share": "7/10", "rounds": 2, "training": TRAINING, "seed": 0}
    made = job(tmp_path, wanted, "out", **inputs)
    metrics = compressed.realise(made)
    whole = count_parameters(build_classifier(DESCRIPTION).network)
    assert 0.6 * whole < metrics["parameters"] <= 0.7 * whole and metrics["parameters_before"] == whole
    assert metrics["neurons"] < metrics["neurons_before"] == sum((3, 3, 6, 6, 13, 13, 102, 51))
    again = load_classifier(json.loads(json.dumps(metrics["description"])), made.out / "best.safetensors")
    assert count_parameters(again.network) == metrics["parameters"]


def test_a_compressed_model_continues_after_a_kill_with_the_same_bytes(inputs, tmp_path, monkeypatch):
    wanted = {"checkpoint": "best", "share": "7/10", "rounds": 2, "training": TRAINING, "seed": 0}
    whole = job(tmp_path, wanted, "whole", **inputs)
    compressed.realise(whole)
    broken = job(tmp_path, wanted, "broken", **inputs)
    finish = compressed.finish
    monkeypatch.setattr(compressed, "finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        compressed.realise(broken)
    monkeypatch.setattr(compressed, "finish", finish)
    compressed.realise(broken)
    for name in ("best.safetensors", "last.safetensors", "history.csv"):
        assert (whole.out / name).read_bytes() == (broken.out / name).read_bytes()


def test_a_distilled_model_learns_the_teachers_probabilities(inputs, tmp_path):
    wanted = {
        "architecture": "deep_conv", "build": {"width": "1/10", "dropout": "0"}, "mean": ["1/2"], "std": ["1/2"],
        "training": {**TRAINING, "temperature": "40"}, "seed": 0, "teacher_checkpoint": "best",
    }  # fmt: skip
    made = job(tmp_path, wanted, "out", dataset=inputs["dataset"], teacher=inputs["model"])
    metrics = distilled.realise(made)
    assert metrics["parameters"] == count_parameters(build_classifier(DESCRIPTION).network)
    teacher = load_classifier(DESCRIPTION, inputs["model"].file("best.safetensors"))
    images = torch.from_numpy(np.load(inputs["dataset"].file("train") / "images.npy"))
    found = distilled.probabilities(teacher, images, 40.0, "")
    torch.testing.assert_close(found, (teacher(images / 255) / 40).softmax(1))


def test_a_distilled_model_continues_with_the_labels_that_it_has(inputs, tmp_path, monkeypatch):
    wanted = {
        "architecture": "deep_conv", "build": {"width": "1/10", "dropout": "0"}, "mean": ["1/2"], "std": ["1/2"],
        "training": {**TRAINING, "temperature": "40"}, "seed": 0, "teacher_checkpoint": "best",
    }  # fmt: skip
    roles = {"dataset": inputs["dataset"], "teacher": inputs["model"]}
    whole = job(tmp_path, wanted, "whole", **roles)
    distilled.realise(whole)
    broken = job(tmp_path, wanted, "broken", **roles)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(distilled, "train", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        distilled.realise(broken)
    monkeypatch.setattr(distilled, "probabilities", None)  # is not asked again
    distilled.realise(broken)
    assert (whole.out / "best.safetensors").read_bytes() == (broken.out / "best.safetensors").read_bytes()


def test_objectives_are_their_formulas():
    logits = torch.tensor([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0]], dtype=torch.float64).float()
    soft = torch.tensor([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
    x, y = torch.zeros(2, 1), torch.tensor([0, 2])

    def model(_):
        return logits

    log = (logits.double() / 40).log_softmax(1)
    loss, seen = CrossEntropy(temperature=40.0)(model, x, y, torch.tensor([5, 6]))
    assert float(loss) == pytest.approx(-float(log[0, 0] + log[1, 2]) / 2, rel=1e-5) and seen is logits
    loss, _ = SoftLabels(soft.flip(0), 40.0)(model, x, y, torch.tensor([1, 0]))
    assert float(loss) == pytest.approx(-float((soft.double() * log).sum()) / 2, rel=1e-5)
