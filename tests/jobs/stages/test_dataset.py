"""The data set's stage on sources of every kind: what it writes, says in the log and refuses."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.data import torchvision_layouts as layouts
from tests.handmade import run
from workflow_scripts.jobs.stages import dataset
from workflow_scripts.models.torchvision_operators import import_torchvision

import_torchvision()

RNG = np.random.default_rng(0)
SPLIT = {"train": None, "validation": 4, "test": 6, "seed": 0}


def made(tmp_path, source, files, **parameters):
    parameters = {"source": source, "image_size": None, "split": SPLIT, **parameters}
    return run(dataset, tmp_path, "made", parameters, [], source_files=tuple(files))


def test_what_was_reinterpreted_is_said_in_the_log(tmp_path, capsys):
    images, labels = RNG.integers(0, 256, (30, 8, 8, 3), dtype=np.uint8), np.arange(30) % 3 + 1
    np.savez(tmp_path / "own.npz", pictures=images, species=labels)
    result = made(tmp_path, "npz", [tmp_path / "own.npz"], keys={"images": "pictures", "labels": "species"})
    log = capsys.readouterr().out
    assert "note: " in log and "own.npz: species: the labels 1, 2, 3 are renumbered 0 … 2" in log
    metrics = result.manifest["metrics"]
    assert metrics["class_names"] == ["1", "2", "3"] and (metrics["train"], metrics["test"]) == (20, 6)
    assert np.load(result.path / "train/labels.npy").min() == 0


def test_classes_without_images_are_said_in_the_log(tmp_path, capsys):
    images, names = RNG.integers(0, 256, (30, 8, 8), dtype=np.uint8), np.array(["cat", "dog", "eel"])
    np.savez(tmp_path / "own.npz", images=images, labels=np.r_[np.zeros(29, int), 2], class_names=names)
    made(tmp_path, "npz", [tmp_path / "own.npz"])
    assert "note: no test image of the classes dog, eel" in capsys.readouterr().out


def test_oblong_images_need_a_size(tmp_path):
    np.savez(tmp_path / "own.npz", images=np.zeros((30, 8, 6), np.uint8), labels=np.arange(30) % 3)
    for name in "ab":
        (tmp_path / name).mkdir()
    with pytest.raises(ValueError, match="the images are 6 × 8, networks take squares: set datasets.<name>.image_size"):
        made(tmp_path / "a", "npz", [tmp_path / "own.npz"])
    result = made(tmp_path / "b", "npz", [tmp_path / "own.npz"], image_size=8)
    assert np.load(result.path / "test/images.npy").shape == (6, 1, 8, 8)


def test_a_folder_says_what_it_left_out(tmp_path, capsys):
    files = []
    for name in ("cat", "dog"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for index in range(8):
            files.append(tmp_path / "own" / name / f"{index}.png")
            Image.fromarray(RNG.integers(0, 256, (9, 7, 3), dtype=np.uint8)).save(files[-1])
    (tmp_path / "own" / "cat" / "notes.txt").write_text("x")
    result = made(tmp_path, "folder", files, image_size=8)
    assert result.manifest["metrics"]["class_names"] == ["cat", "dog"]
    assert f"note: {tmp_path / 'own/cat/notes.txt'} is left out" in capsys.readouterr().out


def test_torchvisions_sets_come_from_their_root(tmp_path):
    layouts.imagenette(tmp_path / "root", "-160")
    given = {"parameters": {"size": "160px"}, "image_size": 24, "split": {**SPLIT, "test": None}}
    result = made(tmp_path, "torchvision:Imagenette", [tmp_path / "root"], **given)
    metrics = result.manifest["metrics"]
    assert (metrics["train"], metrics["validation"], metrics["test"]) == (16, 4, 10)
    assert metrics["class_names"][0] == "tench" and metrics["image_size"] == 24


def test_a_download_begins_anew_in_the_scratch_folder(tmp_path, monkeypatch):
    """torchvision would take an interrupted download's folder for the whole."""
    from torchvision.datasets import EuroSAT

    seen = []

    def download(self):
        seen.append(sorted((tmp_path / "made-scratch").iterdir()))
        layouts.eurosat(tmp_path / "made-scratch")

    monkeypatch.setattr(EuroSAT, "download", download)
    (tmp_path / "made-scratch" / "eurosat").mkdir(parents=True)
    result = made(tmp_path, "torchvision:EuroSAT", [])
    assert seen == [[]] and result.manifest["metrics"]["test"] == 6
