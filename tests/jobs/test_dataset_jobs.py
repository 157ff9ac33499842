"""Data sets from the configuration to the artifact: files of torchvision's sets, changed or not since planning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.data import torchvision_layouts as layouts
from workflow_scripts.configuration.load import check
from workflow_scripts.jobs.realise import main
from workflow_scripts.models.torchvision_operators import import_torchvision
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.recipe import Recipe, write_recipe

import_torchvision()


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def planned(here: Path, entry: dict) -> tuple[Recipe, list[str]]:
    """The recipe of a data set, and the arguments of its job."""
    planner = Planner(check({"execution": {"data": str(here / "data")}, "datasets": {"own": entry}}))
    recipe = planner.dataset("own")
    file = write_recipe(recipe, here / "recipes")
    path = planner.plan.source_paths.get(recipe.folder)
    arguments = [str(file), "--store", "store", "--scratch", "scratch", "--data", "data", "--threads", "1"]
    return recipe, arguments + (["--source", path] if path else [])


def test_torchvisions_files_become_an_artifact(here):
    made = layouts.mnist(here / "data" / "digits", "MNIST")
    entry = {"source": "torchvision:MNIST", "path": "digits", "split": {"validation": 2}}
    recipe, arguments = planned(here, entry)
    assert main(arguments) == 0
    images = np.load(here / "store" / recipe.folder / "test" / "images.npy")
    assert np.array_equal(images, made["test"][0])


def test_files_that_changed_since_planning_are_refused(here, capsys):
    layouts.mnist(here / "data" / "digits", "MNIST")
    _, arguments = planned(here, {"source": "torchvision:MNIST", "path": "digits", "split": {"validation": 2}})
    file = here / "data/digits/MNIST/raw/t10k-labels-idx1-ubyte"
    file.write_bytes(file.read_bytes()[:-1] + b"\1")
    assert main(arguments) == 1
    assert "the files of torchvision:MNIST changed since planning: run snakemake again" in capsys.readouterr().err


def test_a_download_that_fails_is_one_line(here, capsys, monkeypatch):
    from torchvision.datasets import SVHN

    def offline(self):
        raise RuntimeError("no connection")

    monkeypatch.setattr(SVHN, "download", offline)
    _, arguments = planned(here, {"source": "torchvision:SVHN", "download": True})
    assert main([*arguments, "--download"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "torchvision cannot download SVHN (no connection)" in line


def test_a_file_that_is_not_what_its_layout_says_is_one_line(here, capsys):
    layouts.mnist(here / "data" / "digits", "MNIST")
    file = here / "data/digits/MNIST/raw/t10k-images-idx3-ubyte"
    file.write_bytes(file.read_bytes()[:-100])
    _, arguments = planned(here, {"source": "torchvision:MNIST", "path": "digits", "split": {"validation": 2}})
    assert main(arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "data/digits is not what torchvision.datasets.MNIST calls root" in line
