"""Weights that somebody else trained: brought into the store, and started from."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.handmade import made, run
from workflow_scripts.jobs.stages import fine_tuned, pretrained_model, weights
from workflow_scripts.models.classifier import architecture, load_classifier
from workflow_scripts.models.published_weights import read_published


def test_weights_come_from_files_and_start_a_training(tmp_path):
    torch.manual_seed(0)
    network = architecture("resnet50").build(
        in_channels=1, classes=7, image_size=8, width=1 / 16, depth=1 / 4, cifar_stem=True
    )
    state = network.network.state_dict()
    torch.save({"state_dict": state}, tmp_path / "given.pth")
    given = run(weights, tmp_path, "weights", {"content": "sha256:0"}, [], source_files=(tmp_path / "given.pth",))
    assert load_file(given.file("weights.safetensors")).keys() == state.keys()
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(ValueError, match="no mapping of names to tensors"):
        read_published(tmp_path / "list.pth")
    generator = np.random.default_rng(0)
    for part in ("train", "validation", "test"):
        (tmp_path / "dataset" / part).mkdir(parents=True)
        np.save(tmp_path / "dataset" / part / "images.npy", generator.integers(0, 256, (8, 1, 8, 8), dtype=np.uint8))
        np.save(tmp_path / "dataset" / part / "labels.npy", np.arange(8) % 4)
    dataset = made(tmp_path / "dataset", {"channels": 1, "classes": 4, "image_size": 8})
    training = {
        "epochs": 1,
        "batch_size": 8,
        "optimizer": "sgd_nesterov",
        "learning_rate": "1/1000000000",
        "momentum": "0",
        "weight_decay": "0",
        "schedule": {"name": "constant", "warmup": "0", "milestones": [], "factor": "1/10"},
        "label_smoothing": "0",
        "gradient_clip": None,
    }
    parameters = {
        "architecture": "resnet50",
        "build": {"width": "1/16", "depth": "1/4", "cifar_stem": True},
        "mean": ["1/2"],
        "std": ["1/2"],
        "training": training,
        "seed": 0,
    }
    inputs = [({"name": "dataset"}, dataset), ({"name": "weights"}, given)]
    trained = run(fine_tuned, tmp_path, "tuned", parameters, inputs)
    after = load_file(trained.file("last.safetensors"))
    first = "network.network.conv1.weight"
    torch.testing.assert_close(after[first], state["conv1.weight"], rtol=1e-4, atol=1e-6)
    assert after["network.network.fc.weight"].shape[0] == 4
    finished = {key: parameters[key] for key in ("architecture", "build", "mean", "std")}
    tuned = [({"name": "dataset"}, dataset), ({"name": "weights"}, run(
        weights, tmp_path, "again", {"content": "sha256:1"}, [], source_files=(trained.file("last.safetensors"),)
    ))]  # fmt: skip
    as_it_is = run(pretrained_model, tmp_path, "given", finished, tuned)
    assert as_it_is.metrics["best"] == trained.metrics["last"]
    assert as_it_is.metrics["parameters"] == trained.metrics["parameters"]
    x = torch.rand(3, 1, 8, 8)
    same = [
        load_classifier(made.metrics["description"], made.file(f"{name}.safetensors"))(x)
        for made, name in ((as_it_is, "best"), (trained, "last"))
    ]
    torch.testing.assert_close(*same)
