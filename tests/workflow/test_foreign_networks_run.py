"""Networks of other code, by configuration alone: torchvision's, a class of one's own, timm's and an archive, through
every analysis of the three studies, every job in this one process.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from sklearn.datasets import load_digits
from torch import Tensor, nn

from workflow_scripts.configuration.load import check
from workflow_scripts.data.images import resized
from workflow_scripts.jobs.realise import parse_arguments, realise
from workflow_scripts.models.classifier import build_network
from workflow_scripts.models.torchvision_operators import import_torchvision
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.planning.weight_files import check_weight_files
from workflow_scripts.recipes.recipe import Recipe, write_recipe
from workflow_scripts.store.artifact import Artifact

pytestmark = pytest.mark.workflow
CONFIGURATION = Path(__file__).with_name("foreign_networks.yaml")
NETS = """
from torch import nn

class Net(nn.Module):
    def __init__(self, widths, classes, activation="relu", in_channels=3):
        super().__init__()
        act = nn.GELU if activation == "gelu" else nn.ReLU
        self.body = nn.Sequential(
            nn.Conv2d(in_channels, widths[0], 5, stride=2), act(), nn.Conv2d(widths[0], widths[1], 5, stride=2), act())
        self.head = nn.Linear(25 * widths[1], classes)

    def forward(self, x):
        return self.head(self.body(x).flatten(1))
"""


def digits() -> tuple[Tensor, Tensor]:
    """scikit-learn's digits as images (N, 1, 32, 32) in [0, 1], and their labels."""
    content = load_digits()
    images = resized(np.round(content.images * 255 / 16).astype(np.uint8)[:600, None], 32)
    return torch.from_numpy(images).float() / 255, torch.from_numpy(content.target[:600]).long()


@torch.no_grad()
def with_fitted_head(network: nn.Module, head: str, normalised: Tensor, labels: Tensor) -> nn.Module:
    """A network of random weights whose last layer is fitted by least squares, so that it is right more often."""
    seen: list[Tensor] = []
    layer = network.eval().get_submodule(head)
    handle = layer.register_forward_pre_hook(lambda _module, given: seen.append(given[0]))
    network(normalised)
    handle.remove()
    features = torch.cat([seen[0], torch.ones(len(labels), 1)], 1).double()
    wanted = nn.functional.one_hot(labels, 10).double() * 10
    ridge = features.T @ features + 1e-3 * len(labels) * torch.eye(features.shape[1], dtype=torch.float64)
    solution = torch.linalg.solve(ridge, features.T @ wanted).float()
    layer.weight.copy_(solution[:-1].T)
    layer.bias.copy_(solution[-1])
    return network


HEADS = {"residual": "fc", "residual_robust": "fc", "own": "head", "transformer": "head", "transformer_robust": "head"}
PAIRS = [("transformer", "transformer_robust"), ("residual", "residual_robust"), ("own", "traced")]
"""Networks of the same layers, as the standard and the robust model of the local_properties study."""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with the user's code and the weights that the configuration names; and the configuration's content."""
    import_torchvision()
    pytest.importorskip("timm", reason="timm is not installed: pip install timm")
    folder = tmp_path_factory.mktemp("lab")
    (folder / "code" / "own_lab").mkdir(parents=True)
    (folder / "code" / "own_lab" / "nets.py").write_text(NETS)
    content = yaml.safe_load(CONFIGURATION.read_text())
    content["execution"] |= {"code": [str(folder / "code")], "data": str(folder), "device": "cpu"}
    sys.path.insert(0, str(folder / "code"))
    x, y = digits()
    torch.manual_seed(0)
    for name, head in HEADS.items():
        entry = content["models"][name]
        mean, std = entry.get("mean", [0.5])[0], entry.get("std", [0.5])[0]
        sizes = {"in_channels": 1, "classes": 10, "image_size": 32}
        network = build_network(entry["architecture"], entry.get("parameters", {}), **sizes)
        with_fitted_head(network, head, (x - mean) / std, y)
        torch.save({"state_dict": network.state_dict()}, folder / entry["weights"])
    network = build_network("own_lab.nets:Net", {"widths": [8, 12]}, **sizes)
    torch.jit.save(torch.jit.trace(with_fitted_head(network, "head", (x - 0.5) / 0.5, y), x[:2]), folder / "traced.pt")
    yield folder, content
    sys.path.remove(str(folder / "code"))
    for name in [name for name in sys.modules if name.split(".")[0] == "own_lab"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def made(workplace):
    """The plan, and the store in which every artifact of it has been made."""
    folder, content = workplace
    configuration = check(content)
    plan = make_plan(configuration)
    check_weight_files(configuration, plan)
    done: dict[str, Artifact] = {}
    for recipe in plan.recipes.values():
        done[recipe.folder] = run(folder, plan, recipe)
    return plan, done


def run(folder: Path, plan: Plan, recipe: Recipe) -> Artifact:
    """Make one artifact, whose inputs are there already; one that is there itself is taken."""
    path = write_recipe(recipe, folder / "recipes")
    words = [str(path), "--store", str(folder / "store"), "--scratch", str(folder / "scratch"), "--device", "cpu"]
    words += ["--threads", "1", "--code", str(folder / "code")]
    source = plan.source_paths.get(recipe.folder)
    if source is not None:
        words += ["--data", str(folder), "--source", source]
    return realise(recipe, parse_arguments(words))


def test_entries_have_ten_lines_at_most(workplace):
    for section in ("datasets", "models", "attacks"):
        for entry in workplace[1][section].values():
            assert len(yaml.safe_dump(entry, default_flow_style=False).splitlines()) <= 10


def test_every_table_and_figure_is_made(made):
    plan, done = made
    assert {each.study for each in plan.publications} == {"information_flow", "local_properties", "attack_signatures"}
    for publication in plan.publications:
        artifact = done[publication.recipe.folder]
        for suffix in publication.suffixes:
            assert artifact.file(f"{publication.name}.{suffix}").stat().st_size > 0
    assert not [recipe.title for recipe in plan.recipes.values() if recipe.kind in ("model", "robust_model")]


EVERY_VICTIM = ("adversarial", "information_streaming", "aggregate", "robust_accuracy", "saliency", "recogniser")
EVERY_PAIR = ("responses", "filtered_predictions", "spectra", "kernel_statistics", "kernel_responses")


def models_below(plan: Plan, recipe: Recipe) -> set[str]:
    """The entries of models that an artifact is made from."""
    below = [plan.recipes[item.folder] for item in recipe.inputs]
    own = {recipe.keys["entry"].removeprefix("models.")} if recipe.kind == "pretrained_model" else set()
    return own.union(*(models_below(plan, each) for each in below))


def networks_of(plan: Plan) -> dict[str, set[str]]:
    """Kind of an artifact → the entries of models that those of this kind are made from."""
    seen = defaultdict(set)
    for recipe in plan.recipes.values():
        seen[recipe.kind] |= models_below(plan, recipe)
    return seen


def test_every_network_is_a_victim_of_every_attack_and_analysis(made):
    seen = networks_of(made[0])
    for kind in EVERY_VICTIM:
        assert seen[kind] >= {"residual", "own", "transformer", "traced"}, kind
    accuracies = [
        a.metrics["best"]["test_accuracy"] for a in made[1].values() if a.path.parent.name == "pretrained_model"
    ]
    assert len(accuracies) == 5 and min(accuracies) > 0.3


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_network_goes_through_the_local_properties_study(workplace, made, pair):
    folder, content = workplace
    study = content["studies"]["local_properties"] | dict(zip(("standard", "robust"), pair, strict=True))
    plan = make_plan(check(content | {"studies": {"local_properties": study}}))
    seen = networks_of(plan)
    assert all(seen[kind] == set(pair) for kind in EVERY_PAIR), seen
    for recipe in plan.recipes.values():
        if recipe.kind != "figure":  # their drawing is the same for every network
            run(folder, plan, recipe)
