"""Weight files are compared with the configured networks while planning, in one line per file that names the entry."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from workflow_scripts.analysis.recognition.perception import BLOCKS, make_layers
from workflow_scripts.configuration.load import ConfigurationError, check
from workflow_scripts.jobs import weight_files as program
from workflow_scripts.models.classifier import Classifier, architecture
from workflow_scripts.planning import weight_files
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.planning.weight_files import check_weight_files
from workflow_scripts.recipes.content_cache import ContentCache
from workflow_scripts.recipes.fingerprint import ROOT

BASE = {
    "datasets": {"digits": {"source": "sklearn_digits", "split": {"test": 300}}},
    "trainings": {"short": {"epochs": 1}},
    "models": {"mine": {"architecture": "good_init", "width": "1/8", "dataset": "digits", "weights": "mine.pth"}},
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
def in_this_process(monkeypatch) -> list[list]:
    """The program answers here instead of in a process of its own; returns the requests of each run of it."""
    runs: list[list] = []

    def ask(requests: list) -> list:
        runs.append(requests)
        return [None if request is None else program.mistake(request) for request in requests]

    monkeypatch.setattr(weight_files, "_ask", ask)
    monkeypatch.setattr(weight_files, "CONTENT_CACHE", ContentCache())
    return runs


def configured(data: Path, changes: dict[str, dict] | None = None) -> tuple:
    """Configuration and plan of BASE with some keys of its models and data sets replaced."""
    content = copy.deepcopy(BASE)
    content["execution"] = {"data": str(data)}
    for key, value in (changes or {}).items():
        section, name = key.split(".")
        content[section].setdefault(name, {}).update(value)
    configuration = check(content)
    return configuration, make_plan(configuration)


def state(name: str = "good_init", channels: int = 1, classes: int = 10, side: int = 8, **build) -> dict:
    torch.manual_seed(0)
    network = architecture(name).build(
        in_channels=channels, classes=classes, image_size=side, **{"width": 1 / 8} | build
    )
    return network.state_dict()


def refusal(*planned) -> str:
    with pytest.raises(ConfigurationError) as caught:
        check_weight_files(*planned)
    return str(caught.value)


def test_weights_that_fit_are_accepted_and_remembered_by_content(tmp_path, in_this_process):
    torch.save(state(), tmp_path / "mine.pth")
    check_weight_files(*configured(tmp_path))
    check_weight_files(*configured(tmp_path))
    assert len(in_this_process) == 1
    torch.save(state(width=1 / 4), tmp_path / "mine.pth")
    assert refusal(*configured(tmp_path)).startswith("models.mine.weights: mine.pth: the weights are not those of")
    assert len(in_this_process) == 2
    check_weight_files(*configured(tmp_path, {"models.mine": {"width": "1/4"}}))
    assert len(in_this_process) == 3


def test_weights_of_this_project_bring_their_normalisation(tmp_path):
    network = architecture("good_init").build(in_channels=1, classes=10, image_size=8, width=1 / 8)
    torch.save(Classifier(network, [0.25], [0.5]).state_dict(), tmp_path / "mine.pth")
    line = refusal(*configured(tmp_path))
    assert line.endswith("of a network with the mean 0.25: set models.mine.mean to that")
    check_weight_files(*configured(tmp_path, {"datasets.digits": {"mean": ["1/4"]}}))
    check_weight_files(*configured(tmp_path, {"models.mine": {"mean": ["1/4"]}}))


def test_weights_of_a_network_for_other_classes_are_refused(tmp_path):
    torch.save(state(classes=12), tmp_path / "mine.pth")
    assert refusal(*configured(tmp_path)) == (
        "models.mine.weights: mine.pth: the weights are not those of the configured network: they have in another "
        "shape head.6.bias, head.6.weight: correct models.mine.weights, architecture, width or parameters"
    )


def test_weights_of_another_architecture_and_channels_are_refused(tmp_path):
    torch.save(state("deep_conv"), tmp_path / "mine.pth")
    line = refusal(*configured(tmp_path))
    assert line.startswith("models.mine.weights: mine.pth: ") and "they lack" in line and "\n" not in line
    torch.save(state(channels=3), tmp_path / "mine.pth")
    assert "have in another shape" in refusal(*configured(tmp_path))


@pytest.mark.parametrize("content", [b"", b"no weights"])
def test_a_file_that_holds_no_weights_is_one_line(tmp_path, content):
    (tmp_path / "mine.pth").write_bytes(content)
    line = refusal(*configured(tmp_path))
    assert line.startswith("models.mine.weights: mine.pth: cannot be read as weights (") and "\n" not in line
    assert line.endswith("give a .safetensors or .pth file of a state dictionary")


def test_a_file_with_several_state_dictionaries_needs_a_key(tmp_path, in_this_process):
    torch.save({"model": state(width=1 / 4), "ema": {"module": state()}, "epoch": 3}, tmp_path / "mine.pth")
    assert refusal(*configured(tmp_path)) == (
        "models.mine.weights: mine.pth: it has several state dictionaries (ema.module, model): set weights_key to one "
        "of them"
    )
    check_weight_files(*configured(tmp_path, {"models.mine": {"weights_key": "ema.module"}}))
    line = refusal(*configured(tmp_path, {"models.mine": {"weights_key": "emma"}}))
    assert line.endswith("no state dictionary 'emma' (it has: ema.module, model): correct weights_key")
    assert "have in another shape" in refusal(*configured(tmp_path, {"models.mine": {"weights_key": "model"}}))


def test_the_key_of_the_state_dictionary_is_in_the_recipe_where_there_is_one(tmp_path):
    torch.save(state(), tmp_path / "mine.pth")
    for key, also in (({}, {}), ({"weights_key": "ema"}, {"key": "ema"})):
        _, plan = configured(tmp_path, {"models.mine": key})
        (made,) = (recipe for recipe in plan.recipes.values() if recipe.kind == "weights")
        assert made.parameters == {"content": made.parameters["content"], **also}


def test_no_code_in_a_file_is_run(tmp_path):
    class Runs:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"a": Runs()}, tmp_path / "mine.pth")
    line = refusal(*configured(tmp_path))
    assert (
        line.startswith("models.mine.weights: mine.pth: it holds a pickled object (getattr)") and "is not run" in line
    )
    assert not (tmp_path / "ran").exists()


def test_the_classes_of_a_users_own_arrays_are_those_of_the_weights(tmp_path):
    np.savez(tmp_path / "mine.npz", images=np.zeros((4, 8, 8), np.uint8), labels=np.zeros(4, int))
    own = {"datasets.own": {"source": "npz", "path": "mine.npz", "split": {"test": 300}, "image_size": 8}}
    for channels in (1, 3):
        torch.save(state(channels=channels, classes=7), tmp_path / "mine.pth")
        check_weight_files(*configured(tmp_path, {**own, "models.mine": {"dataset": "own"}}))
    torch.save(state(classes=7, width=1 / 4), tmp_path / "mine.pth")
    assert "models.mine.weights" in refusal(*configured(tmp_path, {**own, "models.mine": {"dataset": "own"}}))


def test_the_classes_of_folders_are_counted(tmp_path):
    for name in ("cat", "dog", "owl"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / "pets" / name / "1.png")
    own = {
        "datasets.own": {"source": "folder", "path": "pets", "split": {"test": 300}},
        "models.mine": {"dataset": "own"},
    }
    torch.save(state(channels=3, classes=3), tmp_path / "mine.pth")
    check_weight_files(*configured(tmp_path, own))
    torch.save(state(channels=3, classes=4), tmp_path / "mine.pth")
    assert "have in another shape head.6.bias" in refusal(*configured(tmp_path, own))


def test_weights_to_start_from_may_have_other_classes_and_nothing_else(tmp_path):
    small = {"width": 1 / 16, "depth": 1 / 4, "cifar_stem": True}
    tuned = {
        "models.mine": {
            "architecture": "resnet50", "width": "1/16", "weights": None, "training": "short",
            "pretrained_weights": "start.safetensors", "parameters": {"depth": "1/4", "cifar_stem": True},
        },
    }  # fmt: skip
    network = architecture("resnet50").build(in_channels=1, classes=1000, image_size=8, **small)
    save_file(network.network.state_dict(), tmp_path / "start.safetensors")
    check_weight_files(*configured(tmp_path, tuned))
    network = architecture("resnet50").build(in_channels=1, classes=10, image_size=8, **{**small, "width": 1 / 8})
    save_file(network.network.state_dict(), tmp_path / "start.safetensors")
    line = refusal(*configured(tmp_path, tuned))
    assert line.startswith("models.mine.pretrained_weights: start.safetensors: the initial weights do not fit ")


def test_the_perceptual_network_is_vgg16s(tmp_path):
    content = {**copy.deepcopy(BASE), "execution": {"data": str(tmp_path)}}
    content["attacks"]["pgd"] = {"attack": "pgd", "epsilon": 0.1, "alpha": 0.1, "steps": 2}
    content["studies"] = {
        "attack_signatures": {
            "datasets": [{"dataset": "digits", "victims": ["mine"], "train": 10, "test": 10}],
            "classes": {"fgsm": ["fgsm"], "pgd": ["pgd"]},
            "redrl": {"perceptual_weights": "vgg.pth"},
        }
    }
    torch.save(state(), tmp_path / "mine.pth")
    features = {f"features.{name}": each for name, each in make_layers(BLOCKS).state_dict().items()}
    torch.save(features, tmp_path / "vgg.pth")
    configuration = check(content)
    check_weight_files(configuration, make_plan(configuration))
    torch.save(
        {name: each for name, each in features.items() if not name.startswith("features.0.")}, tmp_path / "vgg.pth"
    )
    entry = (
        "studies.attack_signatures.redrl.perceptual_weights: vgg.pth: the perceptual network's weights lack features.0"
    )
    assert refusal(configuration, make_plan(configuration)).startswith(entry)


def test_the_program_answers_in_a_process_of_its_own(tmp_path):
    """As planning runs it: and planning imports no torch."""
    torch.save(state(classes=12), tmp_path / "mine.pth")
    content = {**copy.deepcopy(BASE), "execution": {"data": str(tmp_path)}}
    (tmp_path / "mine.json").write_text(json.dumps(content))
    program = (
        "import json, sys\nfrom workflow_scripts.configuration.load import ConfigurationError, check\n"
        "from workflow_scripts.planning.studies import make_plan\n"
        "from workflow_scripts.planning.weight_files import check_weight_files\n"
        "configuration = check(json.load(open(sys.argv[1])))\n"
        "try: check_weight_files(configuration, make_plan(configuration))\n"
        "except ConfigurationError as error: print(error)\n"
        "print('torch' in sys.modules)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "mine.json")]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(told) == 2 and told[0].startswith("models.mine.weights: mine.pth: the weights are not those")
    assert told[1] == "False"


def test_a_program_that_fails_is_one_line(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setattr(weight_files, "PROGRAM", "workflow_scripts.no_such_module")
    with pytest.raises(
        ConfigurationError, match="could not be checked: .*No module named workflow_scripts.no_such_module"
    ):
        weight_files._ask([{}])
