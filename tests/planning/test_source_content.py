"""What a plan refuses of a data set's files, one line each, before any job."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from workflow_scripts.configuration.load import ConfigurationError, check
from workflow_scripts.configuration.schema.data import Dataset
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.source_content import array_names, source_content
from workflow_scripts.recipes.fingerprint import ROOT

IMAGES, LABELS = np.zeros((6, 4, 4), np.uint8), np.arange(6) % 2


def content(folder, **entry) -> str:
    return source_content("datasets.own", Dataset.model_validate(entry), folder, folder / "cache.json")


def refusal(folder, **entry) -> str:
    with pytest.raises(ConfigurationError) as caught:
        content(folder, **entry)
    (line,) = str(caught.value).splitlines()
    return line


def test_arrays_are_checked_by_their_headers(tmp_path):
    own = {"source": "npz", "path": "own.npz"}
    file = tmp_path / "own.npz"
    np.savez(file, images=IMAGES, labels=LABELS)
    assert content(tmp_path, **own, split={"test": 2}).startswith("sha256:")
    assert refusal(tmp_path, **own) == f"datasets.own.split.test: is missing: {file} has no test set of its own"
    np.savez(file, images=IMAGES, labels=LABELS[:5])
    assert refusal(tmp_path, **own).startswith(f"datasets.own: {file}: labels has shape (5,) for 6 images")
    np.savez(file, x_train=IMAGES, y_train=LABELS, x_test=IMAGES)
    assert "no array 'y_test' beside 'x_test'" in refusal(tmp_path, **own)
    np.savez(file, pictures=IMAGES, species=LABELS)
    assert "say which arrays are meant in datasets.<name>.keys" in refusal(tmp_path, **own)
    keys = {"images": "pictures", "labels": "species"}
    assert content(tmp_path, **own, keys=keys, split={"test": 2}).startswith("sha256:")
    assert array_names(Dataset.model_validate({**own, "keys": keys})) == keys
    file.write_bytes(file.read_bytes()[:200])
    assert refusal(tmp_path, **own).startswith(f"datasets.own: {file} is not a readable .npz file")
    file.unlink()
    assert refusal(tmp_path, **own).startswith(f"datasets.own: {file} does not exist")


def test_torchvisions_files_are_looked_for_while_planning(tmp_path):
    own = {"source": "torchvision:SVHN", "path": "svhn"}
    (tmp_path / "svhn").mkdir()
    (tmp_path / "svhn" / "train_32x32.mat").write_bytes(b"x")
    assert "has no test_32x32.mat: give the folder that torchvision.datasets.SVHN calls root" in refusal(
        tmp_path, **own
    )
    (tmp_path / "svhn" / "test_32x32.mat").write_bytes(b"x")
    assert content(tmp_path, **own).startswith("sha256:")
    assert content(tmp_path, source="torchvision:SVHN", download=True).startswith("published:")


def test_nothing_heavy_is_imported_to_look_at_sources(tmp_path):
    np.savez(tmp_path / "own.npz", images=IMAGES, labels=LABELS)
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from workflow_scripts.configuration.schema.data import Dataset\n"
        "from workflow_scripts.planning.source_content import source_content\n"
        "for entry in ({'source': 'torchvision:SVHN', 'download': True}, "
        "{'source': 'npz', 'path': 'own.npz', 'split': {'test': 2}}):\n"
        "    print(source_content('x', Dataset.model_validate(entry), Path(sys.argv[1]), None))\n"
        "print(sorted({'torch', 'torchvision', 'numpy', 'PIL'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True
    )
    published, arrays, heavy = done.stdout.splitlines()
    assert published.startswith("published:") and arrays.startswith("sha256:") and heavy == "[]"


def test_the_recipe_says_all_that_decides_the_images(tmp_path):
    """Class, keywords and names of arrays are parts of it; the folder is not."""
    made = []
    for changed in ({}, {"parameters": {"split": "digits"}}, {"image_size": 14}):
        entry = {"source": "torchvision:EMNIST", "download": True, "parameters": {"split": "letters"}, **changed}
        planner = Planner(check({"datasets": {"own": entry}}), contents={"own": "published:0"})
        made.append(planner.dataset("own"))
    assert made[0].parameters["parameters"] == {"split": "letters"}
    assert made[0].label == "torchvision-emnist"
    assert "workflow_scripts.data.torchvision_sets" in made[0].modules
    assert len({recipe.digest for recipe in made}) == 3
    arrays = {"source": "npz", "path": "own.npz", "keys": {"images": "a", "labels": "b"}}
    planner = Planner(check({"datasets": {"own": arrays}}), contents={"own": "sha256:0"})
    assert planner.dataset("own").parameters["keys"] == {"images": "a", "labels": "b"}
