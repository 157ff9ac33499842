"""Files of strangers: no pickle of theirs is run on load, and no name of theirs leads out of its folder."""

import ast
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from workflow_scripts.configuration.load import ConfigurationError, check
from workflow_scripts.jobs.realise import main
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.fingerprint import ROOT
from workflow_scripts.recipes.recipe import digest_of, write_recipe

STORE, RAN = Path("results/store"), Path("ran")
IMAGES = {"split": "test", "count": 10, "selection_seed": 0}


class Malicious:
    """Leaves a file behind where it is unpickled."""

    def __reduce__(self):
        return Path.touch, (RAN.absolute(),)


def recipe_file(recipe) -> str:
    return str(write_recipe(recipe, Path("results/recipes")))


def calls(tree: ast.AST):
    """(name as written, keyword → literal or None) of every call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            values = {k.arg: k.value.value if isinstance(k.value, ast.Constant) else None for k in node.keywords}
            yield ast.unparse(node.func), values


def test_no_call_loads_a_pickle():
    for path in (ROOT / "workflow_scripts").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name, keywords in calls(tree):
            if name in ("np.load", "numpy.load"):
                assert keywords.get("allow_pickle", False) is False, path
            if name.endswith("torch.load"):
                assert keywords.get("weights_only") is True, path
            assert name not in ("pickle.load", "pickle.loads", "eval", "exec", "yaml.unsafe_load", "pd.read_pickle"), (
                path
            )
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
        imported = {alias.name for node in imports for alias in node.names}
        # cifar10's unpickler names nothing but arrays; the tests of the sources try it.
        assert path.name == "cifar10.py" or not imported & {"pickle", "dill", "cloudpickle", "joblib", "marshal"}, path


def test_a_malicious_npz_runs_nothing(here, configuration):
    Path("data").mkdir()
    np.savez("data/own.npz", images=np.array([Malicious()], dtype=object), labels=np.zeros(1, np.int64))
    split = {"train": 6, "validation": 3, "test": 3}
    configuration["datasets"]["own"] = {"source": "npz", "path": "own.npz", "split": split}
    with pytest.raises(
        ConfigurationError, match="own.npz: images holds Python objects, which are never loaded"
    ) as error:
        Planner(check(configuration)).dataset("own")
    assert "\n" not in str(error.value) and not RAN.exists()


@pytest.fixture
def model(planner, make, digits):
    """A model's recipe whose data set is there."""
    make(digits)
    return planner.model("small", 7)


def test_a_malicious_checkpoint_runs_nothing_and_a_new_start_fixes_it(model, capsys):
    scratch = Path("results/scratch") / model.digest[:12]
    scratch.mkdir(parents=True)
    for spoil in (lambda path: torch.save({"model": Malicious()}, path), lambda path: path.write_bytes(b"PK\3\4 cut")):
        spoil(scratch / "checkpoint.pt")
        before = (scratch / "checkpoint.pt").read_bytes()
        assert main([recipe_file(model), "--threads", "1", "--device", "cpu"]) == 1
        error = capsys.readouterr().err.splitlines()[-1]
        assert f"{scratch} cannot be continued from (checkpoint.pt: " in error and "remove that folder" in error
        assert "weights_only=False" not in error and not RAN.exists()
        assert (scratch / "checkpoint.pt").read_bytes() == before and not (STORE / model.folder).exists()


def test_malicious_weights_and_parts_run_nothing(put, planner, model, capsys):
    """A stranger's artifact may be sealed as ours are; loading it must still run nothing."""
    description = {"architecture": "good_init", "in_channels": 1, "classes": 10, "image_size": 8}
    description |= {"parameters": {}, "mean": [0.5], "std": [0.5]}
    evil = pickle.dumps(Malicious())
    put(model, {"best.safetensors": evil, "last.safetensors": evil}, {"description": description})
    attack = planner.adversarial("fgsm", "small", 7, IMAGES)
    assert main([recipe_file(attack), "--threads", "1", "--device", "cpu"]) == 1
    assert not RAN.exists() and not (STORE / attack.folder).exists()
    assert recipe_file(attack) in capsys.readouterr().err.splitlines()[-1]


def test_malicious_arrays_of_an_artifact_run_nothing(put, planner, capsys):
    features = planner.features("small", 7, IMAGES)
    for name, content in {"inputs.npz": {"label": np.array([Malicious()], dtype=object)}}.items():
        path = Path("evil.npz")
        np.savez(path, **content)
        put(features, {name: path.read_bytes(), "features.zarr/zarr.json": b"{}"})
    information = planner.information(features, 10)
    assert main([recipe_file(information), "--threads", "1"]) == 1
    assert not RAN.exists() and not (STORE / information.folder).exists()
    assert "error: " in capsys.readouterr().err


ESCAPES = ["../escaped", "/tmp/escaped", "a/../../escaped", "a/b", "..", "", ".hidden", "A", "a\nb", "a b", "a" * 81]


@pytest.mark.parametrize("field", ["label", "kind"])
@pytest.mark.parametrize("name", ESCAPES)
def test_a_recipe_whose_name_escapes_is_refused(here, digits, capsys, field, name):
    path = Path(recipe_file(digits))
    document = json.loads(path.read_text())
    (document if field == "label" else document["recipe"])[field] = name
    document["digest"] = digest_of(document["recipe"])
    path.write_text(json.dumps(document))
    assert main([str(path)]) == 1
    error = capsys.readouterr().err
    assert "is not a readable recipe" in error and "delete it and plan again" in error and error.count("\n") == 1
    assert not STORE.exists()


@pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped", "a/b", "..", "Upper", "a.b", "a\n"])
@pytest.mark.parametrize("section", ["datasets", "trainings", "models", "attacks"])
def test_a_name_that_escapes_is_refused(configuration, section, name):
    configuration[section][name] = next(iter(configuration[section].values()))
    with pytest.raises(ConfigurationError) as caught:
        check(configuration)
    assert section in str(caught.value)


@pytest.mark.parametrize("path", ["../x", "/etc", "~/x", "a/../../x", ".", "./"])
def test_a_path_that_leaves_the_data_folder_is_refused(configuration, path):
    split = {"train": 6, "validation": 3, "test": 3}
    configuration["datasets"]["own"] = {"source": "folder", "path": path, "split": split}
    with pytest.raises(ConfigurationError, match="datasets.own.path"):
        check(configuration)


@pytest.mark.parametrize("name", ["w.pth", "w.pt", "w.safetensors"])
@pytest.mark.parametrize("protocol", [2, None])
def test_malicious_weights_of_a_stranger_run_nothing(here, planner, capsys, name, protocol):
    """A pickle in torch's zip, a bare pickle, and either under a name that promises safetensors."""
    path = Path("data") / name
    path.parent.mkdir()
    if protocol is None:
        torch.save({"state_dict": {"conv1.weight": Malicious()}}, path)
    else:
        path.write_bytes(pickle.dumps({"conv1.weight": Malicious()}, protocol=protocol))
    recipe = planner.weights("models.small.pretrained_weights", name)
    assert main([recipe_file(recipe), "--source", name]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and f"data/{name} cannot be used" in error and "fix or replace it" in error
    assert "weights_only=False" not in error and not RAN.exists() and not (STORE / recipe.folder).exists()


@pytest.mark.parametrize("path", ["../w.pth", "/etc/w.pth", "~/w.pth", "a/../../w.pt", "x/../w.safetensors"])
def test_weights_that_leave_the_data_folder_are_refused(configuration, path):
    configuration["models"]["small"]["pretrained_weights"] = path
    with pytest.raises(ConfigurationError, match="models.small.pretrained_weights: .* must lie below execution.data"):
        check(configuration)


@pytest.mark.parametrize("key", ["__proto__", "a: {b: 1}", "$(touch ran)", "`touch ran`", "a;b", "a b", "é"])
def test_no_name_of_a_section_reaches_a_shell(configuration, key):
    """Rules and files are named after entries; a name has nothing that a shell or a path could read otherwise."""
    configuration["models"][key] = configuration["models"]["small"]
    with pytest.raises(ConfigurationError, match="a name starts with a lower-case letter"):
        check(configuration)
