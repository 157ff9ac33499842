"""Arrays as people have them: taken as they are meant, with a note where something was reinterpreted, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from workflow_scripts.data import npz
from workflow_scripts.data.images import missing_classes, split
from workflow_scripts.data.npz_layout import check_arrays, read_headers

IMAGES = np.random.default_rng(0).integers(0, 256, (60, 8, 8, 3), dtype=np.uint8)
LABELS = np.arange(60) % 3
TEST = np.random.default_rng(1).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)


def load(folder, keys=None, **arrays):
    np.savez(folder / "x.npz", **arrays)
    return npz.load([folder / "x.npz"], keys)


def test_images_of_every_layout_and_labels_that_are_class_numbers(tmp_path):
    source = load(tmp_path, images=IMAGES, labels=LABELS)
    assert np.array_equal(source.pool.images, IMAGES.transpose(0, 3, 1, 2))
    assert source.pool.images.flags.c_contiguous
    assert np.array_equal(source.pool.labels, LABELS) and source.pool.labels.dtype == np.int64
    assert source.class_names == ("0", "1", "2") and source.notes == () and source.test is None
    first = load(tmp_path, images=IMAGES.transpose(0, 3, 1, 2), labels=LABELS)
    assert np.array_equal(first.pool.images, source.pool.images)
    grey = load(tmp_path, images=IMAGES[..., 0], labels=LABELS)
    assert np.array_equal(grey.pool.images, IMAGES[..., 0][:, None])
    whole = load(tmp_path, images=IMAGES.astype(np.int64), labels=LABELS)
    assert np.array_equal(whole.pool.images, source.pool.images) and "taken as uint8" in whole.notes[0]


REINTERPRETED = {
    "a column": (LABELS[:, None], ("0", "1", "2"), "shape (60, 1) is taken as one label per image"),
    "a row": (LABELS[None], ("0", "1", "2"), "shape (1, 60) is taken as one label per image"),
    "one-hot": (np.eye(3)[LABELS], ("0", "1", "2"), "one-hot rows are taken as the classes 0 … 2"),
    "one-hot booleans": (np.eye(3, dtype=bool)[LABELS], ("0", "1", "2"), "one-hot rows"),
    "whole floats": (LABELS.astype(np.float32), ("0", "1", "2"), "float32 values are taken as whole numbers"),
    "from 1": (LABELS + 1, ("1", "2", "3"), "the labels 1, 2, 3 are renumbered 0 … 2"),
    "gaps": (LABELS * 2, ("0", "2", "4"), "the labels 0, 2, 4 are renumbered 0 … 2"),
    "unsigned, from 1": (LABELS.astype(np.uint8) + 1, ("1", "2", "3"), "renumbered"),
    "text": (np.array(["cat", "dog", "eel"])[LABELS], ("cat", "dog", "eel"), "3 texts are taken as the classes"),
    "bytes": (np.array([b"cat", b"dog", b"eel"])[LABELS], ("cat", "dog", "eel"), "3 texts"),
}


@pytest.mark.parametrize("form", REINTERPRETED)
def test_labels_are_taken_as_meant_and_that_is_noted(form, tmp_path):
    labels, names, note = REINTERPRETED[form]
    source = load(tmp_path, images=IMAGES, labels=labels, test_images=IMAGES, test_labels=labels)
    for part in (source.pool, source.test):
        assert np.array_equal(part.labels, LABELS) and part.labels.dtype == np.int64
    assert source.class_names == names
    assert any(note in line and "x.npz: labels" in line for line in source.notes), source.notes


def test_class_names_say_what_labels_mean(tmp_path):
    names = np.array(["cat", "dog", "eel"])
    gap = load(tmp_path, images=IMAGES, labels=LABELS // 2 * 2, class_names=names)
    assert sorted(set(gap.pool.labels.tolist())) == [0, 2] and gap.class_names == ("cat", "dog", "eel")
    parts = split(gap, train=None, validation=9, test=12, seed=0)
    assert missing_classes(parts, gap.class_names) == [
        "no training image of the class dog",
        "no test image of the class dog",
    ]
    from_one = load(tmp_path, images=IMAGES, labels=LABELS + 1, class_names=names)
    assert np.array_equal(from_one.pool.labels, LABELS) and "labels from 1 to 3" in from_one.notes[0]
    text = load(tmp_path, images=IMAGES, labels=names[::-1][LABELS], class_names=names)
    assert np.array_equal(text.pool.labels, 2 - LABELS) and text.notes == ()
    as_bytes = load(tmp_path, images=IMAGES, labels=LABELS, class_names=names.astype("S"))
    assert as_bytes.class_names == ("cat", "dog", "eel")
    one_hot = load(tmp_path, images=IMAGES, labels=np.eye(3)[LABELS], class_names=names)
    assert np.array_equal(one_hot.pool.labels, LABELS) and one_hot.class_names == ("cat", "dog", "eel")


def test_a_class_of_one_image_stays_a_class_and_its_absence_in_a_split_is_noted(tmp_path):
    source = load(tmp_path, images=IMAGES, labels=np.r_[LABELS[:59], 5])
    assert source.class_names == ("0", "1", "2", "5") and np.bincount(source.pool.labels).tolist() == [20, 20, 19, 1]
    assert any("the labels 0, 1, 2, 5 are renumbered 0 … 3" in note for note in source.notes)
    parts = split(source, train=None, validation=9, test=12, seed=0)
    assert missing_classes(parts, source.class_names) == ["no test image of the class 5"]


LAYOUTS = {
    "own": ("images", "labels", "validation_images", "validation_labels", "test_images", "test_labels"),
    "MedMNIST": ("train_images", "train_labels", "val_images", "val_labels", "test_images", "test_labels"),
    "Keras": ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test"),
    "capitals": ("X_train", "y_train", "X_valid", "y_valid", "X_test", "y_test"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_known_layouts_with_their_own_validation_and_test_sets(layout, tmp_path):
    arrays = (IMAGES, LABELS, TEST[:3], LABELS[:3], TEST, LABELS[:6])
    source = load(tmp_path, **dict(zip(LAYOUTS[layout], arrays, strict=True)))
    assert np.array_equal(source.pool.images, IMAGES.transpose(0, 3, 1, 2))
    assert np.array_equal(source.validation.images, TEST[:3].transpose(0, 3, 1, 2))
    assert np.array_equal(source.test.images, TEST.transpose(0, 3, 1, 2))
    parts = split(source, train=None, validation=500, test=None, seed=0)
    assert [len(part.labels) for part in (parts.train, parts.validation, parts.test)] == [60, 3, 6]
    fewer = split(source, train=30, validation=2, test=3, seed=0)
    assert [len(part.labels) for part in (fewer.train, fewer.validation, fewer.test)] == [30, 2, 3]


def test_names_of_arrays_given_by_the_user(tmp_path):
    arrays = {"arr_0": LABELS, "arr_1": IMAGES, "arr_2": LABELS}
    with pytest.raises(ValueError, match=r"no arrays 'images' and 'labels'.*it has arr_0, arr_1, arr_2.*datasets"):
        load(tmp_path, **arrays)
    source = load(tmp_path, {"images": "arr_1", "labels": "arr_0"}, **arrays)
    assert np.array_equal(source.pool.labels, LABELS)
    assert source.notes == (f"{tmp_path / 'x.npz'}: the array arr_2 is not used",)
    with pytest.raises(ValueError, match=r"no array 'arr_7' .*: correct datasets.<name>.keys.labels"):
        load(tmp_path, {"images": "arr_1", "labels": "arr_7"}, **arrays)


REFUSED = {
    "fractions": ({"labels": LABELS + 0.6}, "labels has 0.6 for image 0: labels must be whole numbers"),
    "no number": ({"labels": np.where(LABELS, LABELS, np.nan)}, "labels has nan for image 0"),
    "negative": ({"labels": LABELS - 1}, "labels has the class -1: number from 0"),
    "several classes": ({"labels": np.ones((60, 3))}, r"labels has shape \(60, 3\) and row 0 is not one-hot"),
    "probabilities": ({"labels": np.full((60, 3), 1 / 3)}, "row 0 is not one-hot"),
    "two numbers": ({"labels": np.ones((60, 2), int) * 2}, "row 0 is not one-hot"),
    "lengths": ({"labels": LABELS[:50]}, r"labels has shape \(50,\) for 60 images: give one label per image"),
    "objects": ({"labels": np.array([{}] * 60, dtype=object)}, r"labels holds Python objects.*allow_pickle=False"),
    "floats": ({"images": IMAGES / 255}, r"images is float64 in 0 … 1, expected uint8 .*np\.round\(255 \* images\)"),
    "16 bits": ({"images": IMAGES.astype(np.uint16) * 257}, r"uint16 in 0 … 65535, expected uint8 in 0 … 255: scale"),
    "booleans": ({"images": IMAGES > 100}, "images is bool in 0 … 1, expected uint8"),
    "ambiguous": ({"images": IMAGES[:, :3]}, r"shape \(60, 3, 8, 3\): axis 1 or axis 3 may be the channels"),
    "alpha": ({"images": IMAGES[..., [0, 1, 2, 0]]}, r"drop the transparency, images\[\.\.\., :3\]"),
    "rows": ({"images": IMAGES[..., 0].reshape(60, 64)}, r"reshape to \(N, 8, 8\)"),
    "no image": ({"images": IMAGES[:0], "labels": LABELS[:0]}, "no pixel"),
    "no labels of the test": ({"test_images": TEST}, "no array 'test_labels' beside 'test_images'"),
    "another size": ({"test_images": TEST[:, :4, :4], "test_labels": LABELS[:6]}, "test_images are 4 × 4 .* one size"),
    "grey test": ({"test_images": TEST[..., 0], "test_labels": LABELS[:6]}, "8 × 8 with 1 channel: bring them"),
    "unseen class": (
        {"test_images": TEST, "test_labels": LABELS[:6] + 1},
        "test_labels has the class 3, of which labels",
    ),
    "mixed forms": ({"test_images": TEST, "test_labels": np.eye(3)[LABELS[:6]]}, "are of different forms"),
    "text and numbers": ({"test_images": TEST, "test_labels": LABELS[:6].astype(str)}, "are text and numbers"),
    "two layouts": ({"x_train": IMAGES, "y_train": LABELS}, "several arrays of images .*datasets.<name>.keys"),
    "too few names": ({"class_names": np.array(["a", "b"])}, "labels has the class 2, but there are 2 class names"),
    "one name twice": ({"class_names": np.array(["a", "b", "a"])}, "the class name 'a' is given twice"),
    "table of names": ({"class_names": np.array([["a", "b", "c"]])}, r"the class names have shape \(1, 3\)"),
    "unknown name": (
        {"labels": np.array(["a", "b", "c"])[LABELS], "class_names": np.array(["a", "b"])},
        "labels has the class 'c', which is not among",
    ),
    "columns": (
        {"labels": np.eye(3)[LABELS], "class_names": np.array(["a", "b"])},
        "labels has 3 columns for 2 class names",
    ),
}


@pytest.mark.parametrize("mistake", REFUSED)
def test_what_could_be_meant_otherwise_is_refused_in_one_line(mistake, tmp_path):
    arrays, message = REFUSED[mistake]
    with pytest.raises(ValueError, match=f"x.npz.*{message}") as caught:
        load(tmp_path, **{"images": IMAGES, "labels": LABELS, **arrays})
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_headers_are_numpys(tmp_path):
    arrays = {
        "a": IMAGES,
        "b": LABELS.astype(float),
        "c": np.array(["é", "bc"]),
        "d": np.asfortranarray(IMAGES[0, :, :, 0]),
    }
    np.savez_compressed(tmp_path / "x.npz", **arrays)
    headers = read_headers(tmp_path / "x.npz")
    assert {name: (header.shape, header.kind) for name, header in headers.items()} == {
        name: (array.shape, array.dtype.kind) for name, array in arrays.items()
    }


def test_what_is_no_npz_file_is_refused(tmp_path):
    (tmp_path / "text.npz").write_text("no archive")
    np.save(tmp_path / "one.npy", IMAGES)
    for name in ("text.npz", "one.npy"):
        with pytest.raises(ValueError, match=f"{name} is not a readable .npz file"):
            check_arrays(tmp_path / name)
