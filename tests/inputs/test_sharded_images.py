"""Shards of adversarial sets: read in any order, quantised, from disk or from memory, with few files open."""

import h5py
import numpy as np
import pytest

from tests.handmade import made
from workflow_scripts.analysis.saliency.image_selection import shuffled_rank
from workflow_scripts.inputs import recognisers, sharded_images
from workflow_scripts.inputs.adversarial_sets import FILE
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.inputs.attacked_images import attacked_batches, attacked_images_of
from workflow_scripts.inputs.recognisers import bytes_in_memory, load_sets
from workflow_scripts.inputs.sharded_images import OpenFiles, ShardedImages, read_shard_columns, shard_files

CLASSES = ["pgd", "patch"]
QUANTISATIONS = ["none", "round", "truncate"]


@pytest.fixture
def world(tmp_path):
    """Clean images, and per victim one configuration of PGD in two shards and two of the patch attack."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (30, 1, 8, 8), dtype=np.uint8)
    (tmp_path / "dataset/test").mkdir(parents=True)
    np.save(tmp_path / "dataset/test/images.npy", images)
    artifacts = [RoleArtifact({"name": "dataset"}, made(tmp_path / "dataset", {}))]
    attacked = {}
    for victim in range(2):
        for attack, configuration, shards in (("pgd", 0, 2), ("patch", 0, 1), ("patch", 1, 1)):
            parts = []
            for index in np.array_split(np.arange(5, 25), shards):
                skipped = index % 7 == victim
                noise = generator.uniform(-0.1, 0.1, (len(index), 1, 8, 8)) * ~skipped[:, None, None, None]
                x_adv = np.clip(images[index] / 255 + noise, 0, 1).astype(np.float32)
                folder = tmp_path / f"{victim}-{attack}-{configuration}-{index[0]}"
                folder.mkdir()
                with h5py.File(folder / FILE, "w") as file:
                    file["x_adv"], file["index"], file["skipped"] = x_adv, index, skipped
                    file["label"], file["predicted_before"] = index % 3, (index + skipped) % 3
                role = {"victim": victim, "class": attack, "configuration": configuration, "start": int(index[0])}
                artifacts.insert(0, RoleArtifact({"name": "shard", **role}, made(folder, {})))  # the last shard first
                parts.append(x_adv)
            attacked[victim, attack, configuration] = np.concatenate(parts)
    return {"images": images, "artifacts": tuple(artifacts), "attacked": attacked}


def inputs_of(world, quantisation="truncate"):
    return Inputs("test", {"classes": CLASSES, "quantisation": quantisation}, world["artifacts"])


def files_of(world, victim, attack, configuration=0):
    files = shard_files(inputs_of(world), lambda role: (role["victim"], role["class"], role["configuration"]))
    return files[victim, attack, configuration]


def quantised(x_adv, quantisation):
    if quantisation == "none":
        return x_adv
    scaled = x_adv.astype(np.float64) * 255
    eighth = np.rint(scaled) if quantisation == "round" else np.floor(scaled + 1e-6)
    return eighth.astype(np.float32) / 255


@pytest.mark.parametrize("quantisation", QUANTISATIONS)
def test_rows_are_read_across_shards_in_any_order(world, quantisation):
    images = ShardedImages(files_of(world, 1, "pgd"), quantisation)
    expected = quantised(world["attacked"][1, "pgd", 0], quantisation)
    assert len(images) == 20
    rows = np.array([19, 3, 3, 11, 0])
    np.testing.assert_array_equal(images[rows], expected[rows])
    held = images.load()
    assert held.dtype == (np.float32 if quantisation == "none" else np.uint8)
    np.testing.assert_array_equal(held if quantisation == "none" else held.astype(np.float32) / 255, expected)


@pytest.mark.parametrize("quantisation", QUANTISATIONS)
def test_groups_on_disk_equal_those_in_memory(world, quantisation):
    inputs = inputs_of(world, quantisation)
    held, read = load_sets(inputs, "test"), load_sets(inputs, "test", memory_limit=0)
    assert bytes_in_memory(held) == 6 * 20 * 64 * (4 if quantisation == "none" else 1) and not bytes_in_memory(read)
    names = [(group.attack, group.victim, group.name) for group in held.groups]
    assert names[:4] == [("clean", 0, "clean"), ("pgd", 0, "0"), ("patch", 0, "0"), ("patch", 0, "1")]
    assert held.classes == ["clean", *CLASSES] and [victim for _, victim, _ in names] == [0] * 4 + [1] * 4
    rows = np.array([19, 3, 3, 11, 0])
    for number, group in enumerate(held.groups):
        np.testing.assert_array_equal(held.attacked_images(number, rows), read.attacked_images(number, rows))
        if not group.is_clean:
            expected = quantised(world["attacked"][group.victim, group.attack, int(group.name)], quantisation)
            np.testing.assert_array_equal(read.attacked_images(number, rows), expected[rows])


def test_groups_are_held_in_their_order_as_long_as_they_fit(world):
    sets = load_sets(inputs_of(world), "test", memory_limit=3 * 20 * 64 - 1)
    assert [isinstance(group.images, np.ndarray) for group in sets.groups] == [False, True, True] + [False] * 5


@pytest.mark.parametrize("memory_limit", [0, 1 << 30])
def test_few_files_are_open_however_many_shards_there_are(world, monkeypatch, memory_limit):
    expected = load_sets(inputs_of(world), "test")
    opened = []

    class Observed(OpenFiles):
        def __init__(self):
            super().__init__()
            opened.append(self)

    monkeypatch.setattr(sharded_images, "MAX_OPEN_FILES", 1)  # fewer than a group has shards
    monkeypatch.setattr(recognisers, "OpenFiles", Observed)
    sets = load_sets(inputs_of(world), "test", memory_limit)
    for number in range(len(sets.groups)):
        rows = np.arange(20)
        np.testing.assert_array_equal(sets.attacked_images(number, rows), expected.attacked_images(number, rows))
        assert len(opened[0]) <= 1
    assert memory_limit == 0 or not len(opened[0])  # images in memory need no file


def test_batches_hold_the_attacked_images_in_the_order_of_their_rank(world):
    files, rank = files_of(world, 0, "pgd"), shuffled_rank(30, 3)
    index = read_shard_columns(files, ("index",))["index"]
    attacked = index[index % 7 != 0]
    for order, expected in ((None, attacked), (rank, np.array(sorted(attacked, key=lambda k: rank[k])))):
        batches = list(attacked_batches(files, "round", 6, order))
        assert [len(batch.index) for batch in batches] == [6, 6, 5]
        assert np.array_equal(np.concatenate([batch.index for batch in batches]), expected)
        for batch in batches:
            x_adv = quantised(world["attacked"][0, "pgd", 0], "round")[batch.index - 5]
            np.testing.assert_array_equal(batch.x.numpy(), x_adv)
            assert batch.label.tolist() == (batch.index % 3).tolist()


def test_images_are_found_by_their_position_in_the_split(world):
    found = attacked_images_of(files_of(world, 1, "pgd"), np.array([2, 6, 20]), "truncate")
    np.testing.assert_array_equal(found, quantised(world["attacked"][1, "pgd", 0], "truncate")[[1, 15]])
