"""A network of the user's own code through jobs: planned, trained or loaded, measured, and found again by analyses."""

import os
import subprocess
import sys
from pathlib import Path

import torch
import yaml

from workflow_scripts.configuration.load import check
from workflow_scripts.inputs.classifiers import load_checkpoint
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.fingerprint import ROOT
from workflow_scripts.recipes.recipe import write_recipe
from workflow_scripts.store.artifact import Artifact

NETS = """
from torch import nn

class Net(nn.Module):
    def __init__(self, widths, classes, activation="relu", in_channels=3):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(in_channels, widths[0], 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(widths[0], widths[1], 3, padding=1), nn.GELU() if activation == "gelu" else nn.ReLU())
        self.head = nn.Linear(widths[1], classes)
        self.half()

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))
"""


def realised(recipe, code: str) -> Artifact:
    path = write_recipe(recipe, Path("results/recipes"))
    command = [sys.executable, "-m", "workflow_scripts.jobs.realise", str(path), "--threads", "1", "--device", "cpu"]
    source = ["--source", "net.pth"] if recipe.kind == "weights" else []
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([*command, "--code", code, *source], env=env, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return Artifact(Path("results/store") / recipe.folder)


def test_a_class_outside_the_checkout_is_measured_with_its_weights_and_trained(here, configuration, monkeypatch):
    Path("code/own_lab").mkdir(parents=True)
    Path("code/own_lab/nets.py").write_text(NETS)
    configuration["execution"] = {"code": ["code"], "device": "cpu"}
    (dataset,) = {entry["dataset"] for entry in configuration["models"].values()}
    (training, *_) = configuration["trainings"]
    network = {
        "architecture": "own_lab.nets:Net", "dataset": dataset, "parameters": {"widths": [3, 4], "activation": "gelu"},
    }  # fmt: skip
    configuration["models"]["finished"] = {**network, "weights": "net.pth", "weights_key": "ema"}
    configuration["models"]["trained"] = {**network, "training": training, "layers": ["body.2"]}
    Path("config/config.yaml").write_text(yaml.safe_dump(configuration))
    monkeypatch.syspath_prepend("code")
    from own_lab.nets import Net

    torch.manual_seed(3)
    theirs = Net([3, 4], 10, "gelu", in_channels=1)
    Path("data").mkdir(exist_ok=True)
    torch.save({"model": Net([3, 4], 10).state_dict(), "ema": theirs.state_dict()}, "data/net.pth")
    planner = Planner(check(configuration))
    planned = {name: planner.model(name, 0) for name in ("finished", "trained")}
    made = {recipe.folder: realised(recipe, "code") for recipe in planner.plan.recipes.values()}
    finished, trained = (load_checkpoint(made[planned[name].folder], "best") for name in ("finished", "trained"))
    side = made[planned["finished"].folder].metrics["description"]["image_size"]
    x = torch.rand(2, 1, side, side)
    torch.testing.assert_close(finished(x), theirs.float().eval()((x - 0.5) / 0.5), rtol=1e-5, atol=1e-6)
    assert list(finished.conv_layers) == ["body.1", "body.3"] and list(trained.conv_layers) == ["body.2"]
    metrics = made[planned["trained"].folder].metrics
    assert metrics["parameters"] == sum(p.numel() for p in theirs.parameters())
    assert metrics["description"]["parameters"] == {"widths": [3, 4], "activation": "gelu"}
    assert next(finished.parameters()).dtype == torch.float32
