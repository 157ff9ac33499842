"""Files that appear only once they are complete."""

from __future__ import annotations

import numpy as np
import pytest

from workflow_scripts.recipes.atomic_files import atomic_write, atomically


def test_a_file_is_written_with_its_folders_and_nothing_beside_it(tmp_path):
    path = tmp_path / "deep" / "text.json"
    atomic_write(path, "é")
    atomic_write(path, b"second")
    assert path.read_bytes() == b"second" and list(path.parent.iterdir()) == [path]


def test_an_error_leaves_the_old_content_and_no_temporary_file(tmp_path):
    path = tmp_path / "array.npz"
    atomic_write(path, "old")
    with pytest.raises(KeyError), atomically(path) as temporary:
        np.savez(temporary, x=np.arange(3))
        assert temporary.exists() and path.read_text() == "old"
        raise KeyError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_writers_that_append_a_suffix_find_it_there(tmp_path):
    with atomically(tmp_path / "array.npz") as temporary:
        np.savez(temporary, x=np.arange(3))
    assert np.load(tmp_path / "array.npz")["x"].tolist() == [0, 1, 2]
