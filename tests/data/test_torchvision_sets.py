"""torchvision's data sets by name, on made-up files in the layouts in which they are published."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data import torchvision_layouts as layouts
from workflow_scripts.configuration.schema.sources import SOURCES, TORCHVISION
from workflow_scripts.data import torchvision_sets
from workflow_scripts.data.image_files import to_array
from workflow_scripts.data.source_files import MissingData
from workflow_scripts.data.torchvision_files import FILES, PREFIX, content_hash, is_torchvision, roots
from workflow_scripts.models.torchvision_operators import import_torchvision

import_torchvision()

MADE = {
    "MNIST": lambda root, patch: layouts.mnist(root, "MNIST"),
    "FashionMNIST": lambda root, patch: layouts.mnist(root, "FashionMNIST"),
    "KMNIST": lambda root, patch: layouts.mnist(root, "KMNIST"),
    "CIFAR100": layouts.cifar100,
    "FER2013": layouts.fer2013,
    "SVHN": layouts.svhn,
    "STL10": layouts.stl10,
    "USPS": layouts.usps,
    "GTSRB": layouts.gtsrb,
    "Imagenette": lambda root, patch: layouts.imagenette(root),
    "EuroSAT": lambda root, patch: layouts.eurosat(root),
    "Flowers102": layouts.flowers102,
}
SIZE = 16


def expected(images, name):
    """The images as a source holds them: as they are, or brought to SIZE where they differ in size."""
    if SOURCES[f"{TORCHVISION}{name}"].size is not None:
        return np.stack(list(images))
    from PIL import Image

    return np.stack([to_array(Image.fromarray(image.transpose(1, 2, 0)), SIZE) for image in images])


@pytest.mark.parametrize("name", MADE)
def test_a_data_set_is_what_its_files_hold(name, tmp_path, monkeypatch):
    made = MADE[name](tmp_path / "root", monkeypatch)
    source = torchvision_sets.load([tmp_path / "root"], name, size=SIZE)
    facts = SOURCES[f"{TORCHVISION}{name}"]
    for part, (images, labels) in made.items():
        read = getattr(source, part)
        index = np.arange(len(read.labels))
        if name == "GTSRB" and part == "pool":
            index = np.flatnonzero(np.isin(read.labels, (0, 1, 42)))
        assert np.array_equal(read.images[index], expected(images, name)), part
        assert np.array_equal(read.labels[index], labels), part
        assert read.images.shape[1] == facts.channels
        assert facts.size is None or read.images.shape[2:] == (facts.size, facts.size)
    assert (source.test is not None) == facts.own_test == ("test" in made)
    assert (source.validation is not None) == (facts.validation is not None) == ("validation" in made)
    assert source.classes == facts.classes or name == "EuroSAT"


def test_class_names_are_torchvisions_own(tmp_path, monkeypatch):
    layouts.imagenette(tmp_path / "a")
    named = torchvision_sets.load([tmp_path / "a"], "Imagenette", size=SIZE)
    assert named.class_names[:3] == ("tench", "English springer", "cassette player")
    layouts.svhn(tmp_path / "b", monkeypatch)
    assert torchvision_sets.load([tmp_path / "b"], "SVHN").class_names == tuple("0123456789")


def test_parameters_are_the_classs_keywords(tmp_path):
    made = layouts.imagenette(tmp_path, "-160")
    source = torchvision_sets.load([tmp_path], "Imagenette", {"size": "160px"}, SIZE)
    assert np.array_equal(source.pool.images, expected(made["pool"][0], "Imagenette"))
    with pytest.raises(ValueError, match=r"is not what torchvision.datasets.Imagenette calls root \(Dataset not found"):
        torchvision_sets.load([tmp_path], "Imagenette", size=SIZE)


def test_damaged_files_and_images_of_several_sizes_are_refused(tmp_path, monkeypatch):
    layouts.svhn(tmp_path / "svhn", monkeypatch)
    content = bytearray((tmp_path / "svhn" / "test_32x32.mat").read_bytes())
    content[500] ^= 1
    (tmp_path / "svhn" / "test_32x32.mat").write_bytes(content)
    with pytest.raises(
        ValueError, match="svhn is not what torchvision.datasets.SVHN calls root .*not found or corrupted"
    ):
        torchvision_sets.load([tmp_path / "svhn"], "SVHN")
    layouts.imagenette(tmp_path / "imagenette")
    with pytest.raises(ValueError, match="images of Imagenette differ in size: set datasets.<name>.image_size"):
        torchvision_sets.load([tmp_path / "imagenette"], "Imagenette")
    for path in (tmp_path / "imagenette" / "imagenette2" / "val" / "n01440764").iterdir():
        path.unlink()
    path.parent.rmdir()
    with pytest.raises(ValueError, match="the test images of Imagenette have other classes than the training images"):
        torchvision_sets.load([tmp_path / "imagenette"], "Imagenette", size=SIZE)


def test_identity_is_that_of_the_data_sets_own_files(tmp_path):
    layouts.imagenette(tmp_path / "a")
    source = {"name": "torchvision:Imagenette", "path": "a"}
    before = content_hash(source, tmp_path)
    (tmp_path / "a" / "imagenette2.tgz").write_bytes(b"the archive, kept")
    (tmp_path / "a" / "other.txt").write_text("x")
    assert content_hash(source, tmp_path) == before
    layouts.saved(tmp_path / "a/imagenette2/val/n01440764/0.jpeg", (9, 9))
    assert content_hash(source, tmp_path) != before
    assert roots(source, tmp_path) == [tmp_path / "a"]
    with pytest.raises(
        MissingData, match=r"b has no MNIST/raw: give the folder that torchvision.datasets.MNIST calls root"
    ):
        content_hash({"name": "torchvision:MNIST", "path": "b"}, tmp_path)


def test_a_download_is_identified_by_the_published_checksums(tmp_path):
    names = [name for name, facts in SOURCES.items() if is_torchvision(name) and facts.downloadable]
    hashes = {name: content_hash({"name": name, "path": None}, tmp_path) for name in names}
    assert len(set(hashes.values())) == len(names)
    assert all(each.startswith("published:") for each in hashes.values())
    nothing = "published:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert nothing not in hashes.values()


def test_nothing_is_fetched_into_a_folder_of_the_users(tmp_path):
    """SEMEION's own default is to download."""
    with pytest.raises(
        ValueError, match="is not what torchvision.datasets.SEMEION calls root .*not found or corrupted"
    ):
        torchvision_sets.load([tmp_path], "SEMEION")
    assert list(tmp_path.iterdir()) == []


def test_a_download_asks_torchvision_for_every_part(tmp_path, monkeypatch):
    import torchvision.datasets

    asked = []

    class Offline(torchvision.datasets.SVHN):
        def download(self):
            asked.append((self.root, self.split))
            raise RuntimeError("no connection\nand more")

    monkeypatch.setattr(torchvision.datasets, "SVHN", Offline)
    with pytest.raises(ValueError, match=r"^torchvision cannot download SVHN \(no connection\)$"):
        torchvision_sets.load([tmp_path], "SVHN", download=True)
    assert asked == [(str(tmp_path), "train")]


def test_the_tables_name_the_same_sets_and_torchvision_has_them_all():
    import inspect

    import torchvision.datasets

    known = {name.removeprefix(TORCHVISION): facts for name, facts in SOURCES.items() if is_torchvision(name)}
    assert PREFIX == TORCHVISION
    assert known.keys() == torchvision_sets.SETS.keys() == FILES.keys()
    for name, facts in known.items():
        arguments = torchvision_sets.SETS[name]
        keywords = inspect.signature(getattr(torchvision.datasets, name)).parameters
        takes_more = any(each.kind is each.VAR_KEYWORD for each in keywords.values())
        given = {*arguments.pool, *facts.parameters, *(["download"] if arguments.fetches else [])}
        assert takes_more or given <= keywords.keys(), name
        assert (arguments.test is not None) == facts.own_test, name
        assert (arguments.validation is not None) == (facts.validation is not None), name
        assert arguments.grey == (facts.channels == 1) and arguments.one_size == (facts.size is not None), name
        assert arguments.classes in (None, facts.classes), name


def test_images_without_labels_are_refused(tmp_path, monkeypatch):
    from torchvision.datasets import FER2013

    layouts.fer2013(tmp_path, monkeypatch)
    everything = tmp_path / "fer2013" / "fer2013.csv"
    rows = [line.split(",") for line in everything.read_text().splitlines()[1:]]
    everything.unlink()
    for name, key, columns in (("train", "emotion,pixels", 2), ("test", "pixels", 1)):
        path = tmp_path / "fer2013" / f"{name}.csv"
        path.write_text("\n".join([key, *(",".join(row[2 - columns : 2]) for row in rows)]))
        monkeypatch.setitem(FER2013._RESOURCES, name, (path.name, layouts.md5(path)))
    with pytest.raises(ValueError, match="FER2013 has images without labels in its files: give the files that have"):
        torchvision_sets.load([tmp_path], "FER2013")
