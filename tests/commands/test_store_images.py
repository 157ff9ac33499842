"""Images out of the store: what is written is measured as it was written."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.inputs.splits import read_split
from workflow_scripts.jobs.given_images import read_given_images
from workflow_scripts.store.__main__ import main

IMAGES = {"split": "test", "count": 60, "selection_seed": 0}


@pytest.fixture
def adversarial(make, configuration, here):
    """A set of the attack DeepFool, whose images lie close behind the boundary, so that 8 bits undo some."""
    import yaml

    from workflow_scripts.configuration.load import check
    from workflow_scripts.planning.planner import Planner

    configuration["trainings"]["short"] |= {"epochs": 4, "batch_size": 50, "auxiliary_batch_norm": True}
    configuration["attacks"]["deepfool"]["overshoot"] = "1/10000"
    Path("config/config.yaml").write_text(yaml.safe_dump(configuration))
    planner = Planner(check(configuration))
    wanted = planner.adversarial("deepfool", "small", 0, IMAGES)
    for item in (planner.dataset("digits"), planner.model("small", 0)):
        make(item)
    return make(wanted)


def table() -> list[dict[str, str]]:
    with open("out/images.csv", newline="") as stream:
        return list(csv.DictReader(stream))


def name(artifact) -> str:
    return f"{artifact.path.parent.name}/{artifact.path.name}"


def test_an_adversarial_set_in_every_format(adversarial, capsys):
    columns, x_adv = read_columns(adversarial.file(FILE)), read_images(adversarial.file(FILE))
    attacked = int(columns["success"].sum())
    assert attacked > 10

    assert main(["images", name(adversarial), "--output", "out"]) == 0
    assert capsys.readouterr().out == f"60 images in out: {attacked} successes as stored there\n"
    with np.load("out/images.npz") as arrays:
        np.testing.assert_array_equal(arrays["x_adv"], x_adv)
        np.testing.assert_array_equal(arrays["index"], columns["index"])
    rows = table()
    assert [int(row["success"]) for row in rows] == columns["success"].astype(int).tolist()
    assert np.array([float(row["l2"]) for row in rows]) == pytest.approx(columns["l2"], abs=1e-6)
    given = read_given_images([Path("out/images.npz")])
    assert torch.equal(given[int(columns["index"][7])], torch.from_numpy(x_adv[7])), "from_file reads it back"

    Path("out").rename("arrays")
    assert main(["images", name(adversarial), "--output", "out", "--format", "pt"]) == 0
    assert torch.equal(torch.load("out/images.pt", weights_only=True)["x_adv"], torch.from_numpy(x_adv))

    Path("out").rename("tensors")
    capsys.readouterr()
    assert main(["images", name(adversarial), "--output", "out", "--format", "png"]) == 0
    rows, index = table(), columns["index"]
    for row, image in zip(rows, x_adv, strict=True):
        stored = np.asarray(Image.open(Path("out", row["file"])))
        np.testing.assert_array_equal(stored, (image[0] * 255).round().astype(np.uint8))
    assert [row["file"] for row in rows] == [f"{each}.png" for each in index]
    successes = np.array([row["success"] == "1" for row in rows])
    undone = int((columns["success"] & ~successes).sum())
    assert undone > 0, "DeepFool stops just behind the boundary, nearer than the next grey level"
    assert capsys.readouterr().out == (
        f"60 images in out: {successes.sum()} successes as stored there\n"
        f"8 bits undid {undone} of the {attacked} successes in the store\n"
    )
    assert any(float(row["l2"]) != pytest.approx(l2, abs=1e-6) for row, l2 in zip(rows, columns["l2"], strict=True))


def test_clean_images_have_the_index_that_from_file_reads(make, digits, capsys):
    made = make(digits)
    assert main(["images", name(made), "--output", "out", "--split", "validation"]) == 0
    images, labels = read_split(made.file("validation"))
    with np.load("out/images.npz") as arrays:
        np.testing.assert_array_equal(arrays["x"], images)
    assert [int(row["label"]) for row in table()] == labels.tolist()
    assert [int(row["index"]) for row in table()] == list(range(len(labels)))
    assert capsys.readouterr().out == "200 clean validation images in out\n"


def test_what_cannot_be_written_is_one_line(put, planner, digits, capsys):
    put(planner.model("small", 0), {"best.safetensors": b"w"})
    put(digits, {"a": b"x"})
    Path("full").mkdir()
    Path("full/file").write_text("")
    for words, line in (
        (["model/good_init-s0", "--output", "out"], "has no images to write: name an adversarial set or a data set"),
        (["dataset/sklearn_digits", "--output", "full"], "--output full: is not an empty folder: name another one"),
        (["adversarial/nothing", "--output", "out"], "no such artifact"),
    ):
        assert main(["images", *words]) == 2
        error = capsys.readouterr().err
        assert error.startswith("error: ") and line in error and error.count("\n") == 1, error
