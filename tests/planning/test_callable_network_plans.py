"""Networks named as `module:callable`: what plans say of them, and what is refused while planning, in one line."""

# ruff: noqa: E501  (the expected lines stand here as they are shown)

from __future__ import annotations

import copy
import importlib
import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import torch

from workflow_scripts.configuration.load import ConfigurationError, check
from workflow_scripts.jobs import weight_files as program
from workflow_scripts.jobs.realise import changed_code
from workflow_scripts.planning import weight_files
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.planning.weight_files import check_weight_files
from workflow_scripts.recipes.content_cache import ContentCache
from workflow_scripts.recipes.fingerprint import ROOT

NETS = """
import torch
from torch import nn
from lab.parts import head
STRIDES = [1, 2]

class Net(nn.Module):
    def __init__(self, num_classes, width=4, activation="relu", strides=(1, 1), scale=1.0, in_channels=3):
        super().__init__()
        self.first = nn.Conv2d(in_channels, width, 3, strides[0], 1)
        self.second = nn.Conv2d(width, width, 3, strides[1], 1)
        self.act = {"relu": nn.ReLU, "gelu": nn.GELU}[activation]()
        self.head = head(width, num_classes)
        assert isinstance(scale, float)
    def forward(self, x):
        return self.head(self.act(self.second(self.act(self.first(x)))))

def grey_ten():
    return Net(10, in_channels=1)

def pair(num_classes):
    class Pair(Net):
        def forward(self, x):
            return super().forward(x), x
    return Pair(num_classes, in_channels=1)

def dense(num_classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, num_classes))

def text(num_classes):
    return "a network"

def maps(num_classes):
    return nn.Conv2d(1, num_classes, 1)

def large(num_classes):
    return nn.Sequential(nn.Conv2d(1, 2, 11), nn.Flatten(), nn.Linear(2, num_classes))

def half(num_classes):
    return Net(num_classes, in_channels=1).half()

built = Net(10)
"""
PARTS = """
from torch import nn

def head(width, classes):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))
"""
BASE = {
    "datasets": {"digits": {"source": "sklearn_digits", "split": {"test": 300}}},
    "trainings": {"short": {"epochs": 1}},
    "models": {"mine": {"architecture": "lab.nets:Net", "dataset": "digits", "training": "short"}},
    "attacks": {"fgsm": {"attack": "fgsm", "epsilon": 0.1}},
    "studies": {
        "information_flow": {
            "original": "mine",
            "models": ["mine"],
            "attacks": ["fgsm"],
            "path_attacks": ["fgsm"],
            "model_attacks": ["fgsm"],
            "trajectory": {"attacks": ["fgsm"]},
        }
    },
}


@pytest.fixture(autouse=True)
def lab(tmp_path, monkeypatch):
    """A folder of code outside the checkout with the module lab.nets, and the checks in this process."""
    for name, text in {"lab/__init__.py": "", "lab/nets.py": NETS, "lab/parts.py": PARTS, "other.py": "X = 1"}.items():
        path = tmp_path / "code" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(weight_files, "_ask", lambda requests: [program.mistake(each) for each in requests])
    monkeypatch.setattr(weight_files, "CONTENT_CACHE", ContentCache())
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path / "code"
    for name in [name for name in sys.modules if name.split(".")[0] in ("lab", "other")]:
        del sys.modules[name]
    importlib.invalidate_caches()


def planned(lab: Path, **changes) -> tuple:
    content = copy.deepcopy(BASE)
    content["execution"] = {"code": [str(lab)], "data": str(lab)}
    content["models"]["mine"].update(changes)
    configuration = check(content)
    return configuration, make_plan(configuration)


def models_of(plan) -> list:
    return [recipe for recipe in plan.recipes.values() if recipe.kind in ("model", "pretrained_model")]


def refusal(lab: Path, **changes) -> str:
    with pytest.raises(ConfigurationError) as caught:
        check_weight_files(*planned(lab, **changes))
    return str(caught.value)


def test_a_class_in_a_folder_of_code_is_named_with_all_that_it_imports(lab):
    parameters = {"width": 2, "activation": "gelu", "strides": [1, 2], "scale": 0.5}
    configuration, plan = planned(lab, parameters=parameters, initialisation="kaiming")
    (model,) = models_of(plan)
    assert {"lab", "lab.nets", "lab.parts"} <= model.modules.keys() and "other" not in model.modules
    assert model.content["parameters"]["build"] == {**parameters, "scale": "1/2"}
    assert model.parameters["initialisation"] == "kaiming" and model.label == "net-s0"
    check_weight_files(configuration, plan)


@pytest.mark.parametrize("file", ["lab/nets.py", "lab/parts.py", "lab/__init__.py"])
def test_an_edit_of_the_module_or_its_imports_remakes_what_uses_the_network_and_nothing_else(lab, file):
    _, before = planned(lab)
    (lab / "other.py").write_text("X = 2")
    (lab / file).write_text((lab / file).read_text() + "\n# a comment\n")
    assert planned(lab)[1].recipes.keys() == before.recipes.keys()
    (lab / file).write_text((lab / file).read_text() + "\nANOTHER = 1\n")
    _, after = planned(lab)
    kept = {recipe.kind for folder, recipe in after.recipes.items() if folder in before.recipes}
    assert kept == {"dataset"}


def test_another_version_of_an_installed_package_remakes_what_uses_it(lab, monkeypatch):
    _, before = planned(lab, architecture="torchvision:resnet18")
    (model,) = models_of(before)
    assert model.modules["package:torchvision"] == metadata.version("torchvision") and model.label == "resnet18-s0"
    assert model.parameters["build"] == {}
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "99" if name == "torchvision" else real(name))
    _, after = planned(lab, architecture="torchvision:resnet18")
    assert {r.kind for folder, r in after.recipes.items() if folder in before.recipes} == {"dataset"}


MISTAKES = [
    ({"architecture": "lab.nets:Nett"}, "architecture: lab.nets has no class or function 'Nett'; did you mean 'Net'?"),
    ({"architecture": "lab.netz:Net"}, "architecture: there is no module lab.netz in "),
    ({"architecture": "nowhere.nets:Net"}, "architecture: there is no module nowhere: pip install nowhere, or add its folder to execution.code"),
    ({"architecture": "lab.nets:"}, "architecture: 'lab.nets:' is not of the form module:callable"),
    ({"architecture": "torchvision:resnet81"}, "architecture: torchvision has no network 'resnet81'; did you mean 'resnet18'?"),
    ({"parameters": {"widht": 3}}, "parameters.widht: lab.nets:Net has no keyword 'widht'; did you mean 'width'?"),
    ({"width": 2}, "width: is for the project's own architectures: give lab.nets:Net its sizes in models.mine.parameters"),
    ({"training": None, "pretrained_weights": "a.pth"}, "training: is missing: name an entry"),
    ({"pretrained_weights": "a.pth"}, "pretrained_weights: lab.nets:Net cannot start from weights (architectures that can: "),
    ({"weights": "a.pth", "training": None, "initialisation": "own"}, "initialisation: applies to a network trained from scratch"),
    ({"parameters": {"width": {"a": 1}}}, "parameters.width: {'a': 1} is not a number, true or false, text or null"),
    ({"architecture": "good_init", "parameters": {"dropout": "much"}}, "parameters.dropout: 'much' is not a number, true or false"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), MISTAKES)
def test_a_mistake_that_the_source_shows_is_one_line(lab, changes, said):
    with pytest.raises(ConfigurationError) as caught:
        planned(lab, **changes)
    line = str(caught.value)
    assert f"models.mine.{said}" in line and "\n" not in line


def test_timm_without_timm_is_one_line(lab):
    if importlib.util.find_spec("timm") is not None:
        pytest.skip("timm is installed")
    with pytest.raises(ConfigurationError, match="there is no module timm: pip install timm"):
        planned(lab, architecture="timm:resnet18")


REFUSALS = [
    ({"architecture": "lab.nets:pair"}, "architecture: returns a tuple, not logits alone"),
    ({"architecture": "lab.nets:text"}, "architecture: lab.nets:text cannot be built (ValueError: lab.nets:text returns str, which is no torch.nn.Module)"),
    ({"architecture": "lab.nets:maps"}, "architecture: returns a tensor of shape ('N', 10, 8, 8), not logits (N, classes)"),
    ({"architecture": "lab.nets:large"}, "architecture: fails for images of 1 × 8 × 8 (RuntimeError: "),
    ({"architecture": "lab.nets:built"}, "architecture: lab.nets:built cannot be built (ValueError: Net is a network already"),
    ({"parameters": {"num_classes": 7}}, "architecture: returns 7 logits and datasets.digits has 10 classes: give it their number"),
    ({"parameters": {"in_channels": 3}}, "architecture: fails for images of 1 × 8 × 8 (RuntimeError: "),
    ({"parameters": {"activation": "elu"}}, "architecture: lab.nets:Net cannot be built (KeyError: 'elu'): correct models.mine.parameters"),
    ({"architecture": "torchvision:resnet18", "parameters": {"widht": 2}}, "architecture: torchvision:resnet18 cannot be built (TypeError: "),
    ({"layers": ["third"]}, "layers: 'third' matches no submodule"),
    ({"layers": ["act"]}, "layers: 'act' runs 2 times in a forward pass: name modules that run once"),
    ({"architecture": "good_init", "layers": ["features.conv99"]}, "layers: 'features.conv99' matches no submodule; did you mean "),
    ({"architecture": "lab.nets:dense"}, "layers: none are found in the network: name submodules of it"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), REFUSALS)
def test_a_network_that_cannot_be_used_is_refused_before_any_job(lab, changes, said):
    line = refusal(lab, **changes)
    assert line.startswith(f"models.mine.{said}") and "\n" not in line


@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": "lab.nets:half"},
        {"architecture": "lab.nets:grey_ten"},
        {"architecture": "torchvision:resnet18", "parameters": {"norm_layer": None}},
        {"layers": ["f*", "second"]},
        {"architecture": "good_init", "layers": ["features.conv*"]},
    ],
)
def test_a_network_that_can_be_used_is_taken(lab, changes):
    check_weight_files(*planned(lab, **changes))


def test_finished_weights_of_a_callable_are_compared_with_it(lab):
    sys.path.insert(0, str(lab))
    nets = importlib.import_module("lab.nets")
    finished = {"training": None, "weights": "mine.pth", "parameters": {"width": 2}}
    torch.save({"net": nets.Net(10, width=2, in_channels=1).state_dict()}, lab / "mine.pth")
    check_weight_files(*planned(lab, **finished))
    torch.save(nets.Net(10, width=3, in_channels=1).state_dict(), lab / "mine.pth")
    line = refusal(lab, **finished)
    assert line.startswith("models.mine.weights: mine.pth: the weights are not those of the configured network")


def test_planning_and_costs_import_neither_torch_nor_the_library(lab):
    content = copy.deepcopy(BASE)
    content["execution"] = {"code": [str(lab)], "data": str(lab)}
    content["models"]["mine"]["parameters"] = {"width": 10, "strides": [1, 2]}
    content["models"]["theirs"] = {"architecture": "torchvision:resnet18", "dataset": "digits", "training": "short"}
    content["studies"]["information_flow"]["models"].append("theirs")
    (lab / "mine.json").write_text(json.dumps(content))
    text = (
        "import json, sys\nfrom workflow_scripts.configuration.load import check\n"
        "from workflow_scripts.commands.cost_estimate import tasks_of\n"
        "from workflow_scripts.planning.studies import make_plan\n"
        "plan = make_plan(check(json.load(open(sys.argv[1]))))\n"
        "assert all(task.seconds > 0 for task in tasks_of(plan).values())\n"
        "print([name for name in ('torch', 'torchvision', 'lab') if name in sys.modules])\n"
    )
    command = [sys.executable, "-c", text, str(lab / "mine.json")]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert told.stdout == "[]\n"


def test_a_job_notices_another_version_of_the_networks_package(lab, monkeypatch):
    (model,) = models_of(planned(lab, architecture="torchvision:resnet18")[1])
    assert changed_code(model) == []
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "99" if name == "torchvision" else real(name))
    assert changed_code(model) == ["package:torchvision"]
