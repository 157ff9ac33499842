"""Networks given as an archive: what plans say of them, what is refused before any job runs, and their jobs."""

# ruff: noqa: E501  (the expected lines stand here as they are shown)

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from workflow_scripts.commands.layers import layers_table
from workflow_scripts.configuration.load import ConfigurationError, check
from workflow_scripts.inputs.classifiers import load_checkpoint
from workflow_scripts.jobs import weight_files as program
from workflow_scripts.jobs.realise import parse_arguments, realise
from workflow_scripts.planning import weight_files
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.planning.weight_files import check_weight_files
from workflow_scripts.recipes.content_cache import ContentCache
from workflow_scripts.recipes.recipe import write_recipe
from workflow_scripts.store.artifact import Artifact

SIDE = 8


class Net(nn.Module):
    def __init__(self, classes: int = 10, pair: bool = False):
        super().__init__()
        self.conv, self.act, self.head = nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Linear(4, classes)
        self.pair = pair

    def forward(self, x):
        x = self.act(self.conv(x))
        return (self.head(x.mean((2, 3))), x) if self.pair else self.head(x.mean((2, 3)))


def traced(path: Path, network: nn.Module) -> None:
    torch.jit.save(torch.jit.trace(network.eval(), torch.rand(2, 1, SIDE, SIDE)), path)


@pytest.fixture
def planned(here, configuration, monkeypatch):
    """A function: changes of the entry → the configuration and its plan, with checks in this process."""
    monkeypatch.setattr(weight_files, "_ask", lambda requests: [program.mistake(each) for each in requests])
    monkeypatch.setattr(weight_files, "CONTENT_CACHE", ContentCache())
    torch.manual_seed(0)
    Path("data").mkdir()
    network = Net().eval()
    traced(Path("data/net.pt"), network)
    traced(Path("data/seven.pt"), Net(7))
    traced(Path("data/pair.pt"), Net(pair=True))
    torch.jit.save(torch.jit.freeze(torch.jit.load("data/net.pt")), "data/frozen.pt")
    torch.save(network.state_dict(), "data/state.pth")
    batch = ({0: torch.export.Dim("n")},)
    x = torch.rand(2, 1, SIDE, SIDE)
    torch.export.save(torch.export.export(network, (x,), dynamic_shapes=batch), "data/net.pt2")
    torch.export.save(torch.export.export(network, (x,)), "data/two.pt2")

    def plan(**changes) -> tuple:
        entry = {"architecture": "torchscript", "dataset": "digits", "weights": "net.pt", **changes}
        configuration["models"]["small"] = {key: value for key, value in entry.items() if value is not None}
        checked = check(configuration)
        return checked, make_plan(checked)

    plan.network = network
    return plan


def test_an_archive_is_named_by_its_content(planned):
    _, plan = planned()
    recipes = {recipe.kind: recipe for recipe in plan.recipes.values()}
    assert recipes["weights"].parameters["archive"] == "torchscript"
    assert "workflow_scripts.models.torchscript_program" in recipes["pretrained_model"].modules
    traced(Path("data/net.pt"), Net())
    _, after = planned()
    assert {r.kind for folder, r in plan.recipes.items() if folder in after.recipes} == {"dataset"}


MISTAKES = [
    ({"weights": None}, "models.small.training: is missing: name an entry of trainings, or give the weights"),
    ({"weights": None, "training": "short"}, "models.small.weights: is missing: torchscript is a finished network in a TorchScript archive: give its file"),
    ({"weights": "net.pt2"}, "models.small.architecture: net.pt2 is not a TorchScript archive (by its name): set it to torch_export"),
    ({"architecture": "torch_export"}, "models.small.architecture: net.pt is not an archive of torch.export (by its name): set it to torchscript, or"),
    ({"architecture": "good_init", "weights": "net.pt2"}, "models.small.architecture: net.pt2 holds a whole network: set it to torch_export"),
    ({"architecture": "torchvision:resnet18", "weights": "net.pt2"}, "models.small.architecture: net.pt2 holds a whole network: set it to torch_export"),
    ({"width": 2}, "models.small.width: has no effect on a TorchScript archive: leave it out"),
    ({"weights_key": "ema"}, "models.small.weights_key: has no effect on a TorchScript archive: leave it out"),
    ({"parameters": {"depth": 2}}, "models.small.parameters.depth: build() of torchscript has no keyword 'depth'"),
    ({"weights": "missing.pt"}, "models.small.weights: "),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), MISTAKES)
def test_a_mistake_in_the_entry_is_one_line(planned, changes, said):
    with pytest.raises(ConfigurationError) as caught:
        planned(**changes)
    assert said in str(caught.value) and "\n" not in str(caught.value)


REFUSALS = [
    ({"weights": "state.pth"}, "models.small.weights: state.pth: is no TorchScript archive ("),
    ({"architecture": "torch_export", "weights": "two.pt2"}, "models.small.weights: two.pt2: "),
    ({"weights": "seven.pt"}, "models.small.architecture: returns 7 logits and datasets.digits has 10 classes"),
    ({"weights": "pair.pt"}, "models.small.architecture: returns a tuple, not logits alone"),
    ({"weights": "frozen.pt"}, "models.small.layers: none are found in the network"),
    ({"layers": ["convs"]}, "models.small.layers: 'convs' matches no submodule; did you mean 'conv'?"),
    ({"architecture": "good_init"}, "models.small.weights: net.pt: it is a TorchScript archive and no state dictionary: set models.small.architecture to torchscript"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), REFUSALS)
def test_an_archive_that_cannot_be_used_is_refused_before_any_job(planned, changes, said):
    with pytest.raises(ConfigurationError) as caught:
        check_weight_files(*planned(**changes))
    assert str(caught.value).startswith(said) and "\n" not in str(caught.value)


@pytest.mark.parametrize(("architecture", "weights"), [("torchscript", "net.pt"), ("torch_export", "net.pt2")])
def test_its_layers_are_shown_and_its_jobs_measure_it(planned, architecture, weights):
    configuration, plan = planned(architecture=architecture, weights=weights)
    check_weight_files(configuration, plan)
    assert "| `act` | ReLU | 4 × 8 × 8 |" in layers_table("small", configuration)
    planner = Planner(configuration)
    model = planner.model("small", 0)
    for recipe in planner.plan.recipes.values():
        path = write_recipe(recipe, Path("results/recipes"))
        source = ["--source", weights] if recipe.kind == "weights" else []
        realise(recipe, parse_arguments([str(path), "--threads", "1", "--device", "cpu", *source]))
    artifact = Artifact(Path("results/store") / model.folder)
    found, x = load_checkpoint(artifact, "best"), torch.rand(3, 1, SIDE, SIDE)
    torch.testing.assert_close(found(x), planned.network((x - 0.5) / 0.5))
    assert artifact.metrics["parameters"] == sum(p.numel() for p in planned.network.parameters())
