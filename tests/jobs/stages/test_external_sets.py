"""Sets by other libraries, by a function of one's own and from a file: planned, made and measured like any other."""

import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from workflow_scripts.attacks.options import AttackError
from workflow_scripts.configuration.load import ConfigurationError, check
from workflow_scripts.inputs.splits import read_split
from workflow_scripts.jobs.given_images import read_given_images
from workflow_scripts.jobs.realise import parse_arguments, realise
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.recipe import write_recipe

IMAGES = {"split": "test", "count": 40, "selection_seed": 0}
OWN = """
import torch
from mylab import steps

def far(model, x, y, *, epsilon, times=1):
    x = x.requires_grad_()
    (gradient,) = torch.autograd.grad(torch.nn.functional.cross_entropy(model(x), y), x)
    return x.detach() + steps.SIZE * times * epsilon * gradient.sign()
"""


@pytest.fixture
def realised(here):
    """Make a recipe, or find it in the store, with the folder `code` and a source below `data`."""

    def run(planner: Planner, recipe):
        for item in recipe.inputs:
            run(planner, planner.plan.recipes[item.folder])
        path = write_recipe(recipe, Path("results/recipes"))
        source = planner.plan.source_paths.get(recipe.folder)
        more = [] if source is None else ["--source", source]
        return realise(recipe, parse_arguments([str(path), "--threads", "1", "--code", "code", *more]))

    return run


@pytest.fixture
def planner_of(here, configuration, monkeypatch):
    """The planner of a configuration with one more attack `mine`, trained long enough to be right about something."""
    Path("code/mylab").mkdir(parents=True)
    Path("code/mylab/__init__.py").write_text("")
    Path("code/mylab/steps.py").write_text("SIZE = 1\n")
    Path("code/mylab/attacks.py").write_text(OWN)
    Path("data").mkdir()
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in [name for name in sys.modules if name.startswith("mylab")]:
        monkeypatch.delitem(sys.modules, name)
    configuration["execution"] = {"code": ["code"], "device": "cpu"}
    configuration["trainings"]["short"] |= {"epochs": 4, "batch_size": 50, "auxiliary_batch_norm": True}

    def make(entry: dict) -> Planner:
        configuration["attacks"]["mine"] = entry
        Path("config/config.yaml").write_text(yaml.safe_dump(configuration))
        return Planner(check(configuration))

    return make


def set_of(planner: Planner):
    return planner.adversarial("mine", "small", 0, IMAGES)


def read(artifact) -> dict[str, np.ndarray]:
    with h5py.File(artifact.file("adversarial.h5")) as file:
        return {name: file[name][:] for name in file}


def test_a_library_a_function_and_a_file_make_sets(planner_of, realised):
    planner = planner_of(
        {"attack": "foolbox:LinfPGD", "epsilon": "0.4", "norm": "linf", "target": "next", "parameters": {"steps": 5}}
    )
    made = realised(planner, set_of(planner))
    columns = read(made)
    attacked = ~columns["skipped"]
    assert attacked.any() and columns["success"].any()
    assert columns["linf"].max() <= 0.4 + 1e-6 and (columns["backwards"][attacked] == 5).all()
    figures = made.metrics
    assert figures["norm"] == "linf" and figures["outside_box"] == figures["outside_ball"] == 0
    reached = columns["predicted_after"] == (columns["label"] + 1) % 10
    assert figures["reached_target"] == pytest.approx(reached[attacked].mean())

    planner = planner_of(
        {"attack": "mylab.attacks:far", "epsilon": "1/4", "norm": "linf", "parameters": {"times": 2}, "clip": True}
    )
    made = realised(planner, set_of(planner))
    assert made.metrics["outside_ball"] == made.metrics["attacked"] and read(made)["linf"].max() <= 0.25 + 1e-6

    # The same images from a file are the same set.
    columns = read(made)
    np.savez("data/theirs.npz", x_adv=columns["x_adv"], index=columns["index"])
    planner = planner_of({"attack": "from_file", "path": "theirs.npz", "epsilon": "1/4", "norm": "linf"})
    again = realised(planner, set_of(planner))
    for name in ("x_adv", "label", "predicted_after", "success", "l2", "linf"):
        np.testing.assert_array_equal(read(again)[name], columns[name])
    assert again.metrics["outside_ball"] == 0 and again.metrics["success_rate"] == made.metrics["success_rate"]
    assert (read(again)["backwards"] == 0).all()

    # In 8 bits from a folder, less those that the model gets wrong.
    Path("data/pngs").mkdir()
    pixels = (columns["x_adv"] * 255).round().astype(np.uint8)
    for index, image, skipped in zip(columns["index"], pixels, columns["skipped"], strict=True):
        if not skipped:
            Image.fromarray(image[0]).save(f"data/pngs/{index}.png")
    planner = planner_of({"attack": "from_file", "path": "pngs"})
    in_8_bits = read(realised(planner, set_of(planner)))
    there = ~columns["skipped"]
    np.testing.assert_array_equal(in_8_bits["x_adv"][there], pixels[there].astype(np.float32) / 255)
    images, _ = read_split(realised(planner, planner.dataset("digits")).file("test"))
    clean = images[columns["index"]].astype(np.float32) / 255
    np.testing.assert_array_equal(in_8_bits["x_adv"][~there], clean[~there])

    missing = min(columns["index"][there])
    Path(f"data/pngs/{missing}.png").unlink()
    planner = planner_of({"attack": "from_file", "path": "pngs"})
    with pytest.raises(AttackError, match=rf"lacks 1 of \d+ images .*index {missing}\): add them"):
        realised(planner, set_of(planner))


def test_editing_the_function_or_what_it_imports_makes_another_set_and_nothing_else(planner_of):
    def digests() -> tuple[str, ...]:
        planner = planner_of({"attack": "mylab.attacks:far", "epsilon": "1/4", "norm": "linf"})
        others = (planner.adversarial("fgsm", "small", 0, IMAGES), planner.model("small", 0))
        return set_of(planner).digest, *(recipe.digest for recipe in others)

    before = digests()
    for file in ("attacks.py", "steps.py"):
        path = Path("code/mylab", file)
        path.write_text(path.read_text() + "MORE = 1\n")
        after = digests()
        assert after[0] != before[0] and after[1:] == before[1:]
        before = after


def test_another_version_of_the_library_makes_another_set(planner_of, monkeypatch):
    from importlib import metadata

    def digests() -> tuple[str, ...]:
        planner = planner_of({"attack": "foolbox:L2DeepFoolAttack"})
        return set_of(planner).digest, planner.adversarial("fgsm", "small", 0, IMAGES).digest

    before, version = digests(), metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "99" if name == "foolbox" else version(name))
    after = digests()
    assert after[0] != before[0] and after[1] == before[1]


def test_a_function_of_an_installed_package_has_its_version(planner_of):
    planner = planner_of({"attack": "foolbox.zoo:get_model"})
    assert set_of(planner).modules["package:foolbox"] and set_of(planner).label.endswith("foolbox.zoo-get_model")


def test_files_that_changed_are_another_set(planner_of):
    np.savez("data/theirs.npz", x_adv=np.zeros((1, 1, 8, 8), np.uint8), index=np.array([0]))
    entry = {"attack": "from_file", "path": "theirs.npz"}
    before = set_of(planner_of(entry)).digest
    np.savez("data/theirs.npz", x_adv=np.ones((1, 1, 8, 8), np.uint8), index=np.array([0]))
    assert set_of(planner_of(entry)).digest != before


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({}, "attacks.mine.path: data/given does not exist: give an .npz file"),
        ({"given/a.txt": b""}, "attacks.mine.path: data/given has no .png: give an .npz file"),
        ({"given/first.png": b""}, "attacks.mine.path: data/given/first.png is not named by its index, such as 17.png"),
        ({"given": b"no zip"}, "attacks.mine.path: data/given cannot be read as .npz (File is not a zip file)"),
    ],
)
def test_files_that_cannot_be_given_images_are_refused_while_planning(planner_of, files, line):
    planner = planner_of({"attack": "from_file", "path": "given"})
    for name, content in files.items():
        Path("data", name).parent.mkdir(exist_ok=True)
        Path("data", name).write_bytes(content)
    with pytest.raises(ConfigurationError) as error:
        set_of(planner)
    assert str(error.value).startswith(line) and "\n" not in str(error.value)


def test_an_archive_without_its_arrays_is_refused_while_planning(planner_of):
    np.savez("data/given.npz", images=np.zeros(1), index=np.zeros(1))
    with pytest.raises(ConfigurationError, match=r"given.npz has no x_adv: give an .npz file of x_adv and index"):
        set_of(planner_of({"attack": "from_file", "path": "given.npz"}))


IMAGE = np.zeros((2, 1, 8, 8), np.float32)


@pytest.mark.parametrize(
    ("arrays", "line"),
    [
        ({"x_adv": IMAGE * 255 + 200, "index": np.arange(2)}, r"ranges over \[200, 200\]: scale it to \[0, 1\]"),
        ({"x_adv": IMAGE * np.nan, "index": np.arange(2)}, "ranges over"),
        ({"x_adv": IMAGE[0], "index": np.arange(2)}, r"x_adv has the shape \(1, 8, 8\)"),
        ({"x_adv": IMAGE, "index": np.arange(3)}, r"and index \(3,\)"),
        ({"x_adv": IMAGE, "index": np.zeros(2, int)}, "each given once"),
        ({"x_adv": IMAGE, "index": np.arange(2.0)}, "whole numbers"),
        ({"x_adv": IMAGE.astype(np.int32), "index": np.arange(2)}, "x_adv is int32: give uint8"),
    ],
)
def test_arrays_that_are_no_images_are_refused(tmp_path, arrays, line):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(AttackError, match=line):
        read_given_images([tmp_path / "a.npz"])


@pytest.mark.parametrize("mode", ["P", "RGBA", "I;16", "1"])
def test_pngs_that_are_not_plain_are_refused(tmp_path, mode):
    Image.new(mode, (8, 8)).save(tmp_path / "3.png")
    with pytest.raises(AttackError, match=f"3.png: is a PNG of mode {mode}: save it as 8-bit grey"):
        read_given_images([tmp_path / "3.png"])


def test_a_png_keeps_its_pixels(tmp_path):
    pixels = np.arange(192, dtype=np.uint8).reshape(8, 8, 3)
    Image.fromarray(pixels).save(tmp_path / "3.png")
    Image.fromarray(pixels[..., 0]).save(tmp_path / "03.png")
    (image,) = read_given_images([tmp_path / "3.png"]).values()
    assert torch.equal(image, torch.from_numpy(pixels.transpose(2, 0, 1).astype(np.float32) / 255))
    with pytest.raises(AttackError, match="another file has the index 3 too"):
        read_given_images([tmp_path / "03.png", tmp_path / "3.png"])
