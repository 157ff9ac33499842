"""A results folder of its own for each test, with a configuration on scikit-learn's digits."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from workflow_scripts.configuration.load import check
from workflow_scripts.jobs.realise import parse_arguments, realise
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.recipe import Recipe, write_recipe
from workflow_scripts.store.artifact import Artifact
from workflow_scripts.store.commit import commit, new_staging_folder, write_manifest
from workflow_scripts.store.integrity import payload_table

CONFIGURATION = {
    "datasets": {
        "digits": {
            "source": "sklearn_digits",
            "split": {"train": 1200, "validation": 200, "test": 300},
        }
    },
    "trainings": {"short": {"epochs": 1, "learning_rate": "1/20"}},
    "models": {
        "small": {"architecture": "good_init", "width": "1/8", "dataset": "digits", "training": "short"},
    },
    "attacks": {
        "random_signs": {"attack": "random_signs", "epsilon": "8/255"},
        "fgsm": {"attack": "fgsm", "epsilon": "8/255"},
        "igsm": {"attack": "igsm", "epsilon": "8/255", "alpha": "1/255", "steps": 5},
        "pgd": {"attack": "pgd", "epsilon": "8/255", "alpha": "1/255", "steps": 5},
        "jsma": {"attack": "jsma", "theta": 1, "gamma": "0.1"},
        "deepfool": {"attack": "deepfool"},
        "carlini_wagner_l2": {"attack": "carlini_wagner_l2"},
        "carlini_wagner_linf": {"attack": "carlini_wagner_linf", "epsilon": "8/255"},
        "patch": {"attack": "patch", "epsilon": 1, "size": 2},
    },
    "studies": {
        "information_flow": {
            "original": "small",
            "models": ["small"],
            "attacks": ["fgsm"],
            "path_attacks": ["fgsm"],
            "model_attacks": ["fgsm"],
            "trajectory": {"attacks": ["fgsm"]},
            "images": 10,
            "profile_images": 10,
            "controls": [],
        }
    },
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with `config/config.yaml`."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text(yaml.safe_dump(CONFIGURATION))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def configuration() -> dict:
    """The content of `config/config.yaml`."""
    return copy.deepcopy(CONFIGURATION)


@pytest.fixture
def planner(configuration: dict) -> Planner:
    """A planner of the configuration."""
    return Planner(check(configuration))


@pytest.fixture
def digits(planner: Planner) -> Recipe:
    """The recipe of the digits' data set: made in a second, without torch."""
    return planner.dataset("digits")


@pytest.fixture
def make(here: Path) -> Callable[[Recipe], Artifact]:
    """Realise a recipe in this process."""

    def run(recipe: Recipe) -> Artifact:
        path = write_recipe(recipe, Path("results/recipes"))
        return realise(recipe, parse_arguments([str(path), "--threads", "1"]))

    return run


@pytest.fixture
def put(here: Path) -> Callable[..., Artifact]:
    """Put an artifact of invented content into the store, without its stage."""

    def run(recipe: Recipe, files: dict[str, bytes], metrics: dict | None = None, title: str = "") -> Artifact:
        store = Path("results/store")
        write_recipe(recipe, Path("results/recipes"))
        folder = new_staging_folder(store, recipe)
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        write_manifest(folder, {"title": title, **invented_manifest(recipe, folder, metrics or {})})
        return commit(folder, store, recipe)

    return run


def invented_manifest(recipe: Recipe, folder: Path, metrics: dict) -> dict:
    run = {"started": "2026-01-02T03:04:05+00:00", "seconds": 1.5}
    content = {"format": 1, "label": recipe.label, "digest": recipe.digest, "recipe": recipe.content}
    there = [Artifact(Path("results/store") / i.folder) for i in recipe.inputs]
    inputs = {each.path.name: each.manifest["payload"] for each in there if each.path.exists()}
    return {**content, "payload": payload_table(folder), "inputs": inputs, "metrics": metrics, "run": run}
