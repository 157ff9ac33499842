"""What a plan refuses of a data set's files, one line each, before any job."""

from __future__ import annotations

import numpy as np
import pytest

from workflow_scripts.configuration.load import ConfigurationError
from workflow_scripts.configuration.schema.data import Dataset
from workflow_scripts.planning.source_content import array_names, source_content

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
