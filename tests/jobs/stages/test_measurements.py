"""Measuring stages: their payload equals what the model and the library compute directly."""

import csv

import h5py
import numpy as np
import pytest
import torch
import zarr
from safetensors.torch import save_file
from sklearn.metrics import mutual_info_score
from sklearn.metrics.cluster import contingency_matrix as table_of
from sklearn.metrics.cluster import expected_mutual_information as expected_information

from tests.handmade import Made
from workflow_scripts.analysis.information import bucket_ids
from workflow_scripts.analysis.information.aggregate import aggregate_paths
from workflow_scripts.attacks.quantise import quantise
from workflow_scripts.inputs.adversarial_sets import (
    FILE,
    PER_SAMPLE,
    read_columns,
    read_grouping_columns,
    read_images,
)
from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.inputs.splits import select
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.stages import adversarial, aggregate, features, information, information_streaming
from workflow_scripts.models.classifier import build_classifier
from workflow_scripts.models.feature_maps import feature_maps

DESCRIPTION = {
    "architecture": "good_init",
    "in_channels": 1,
    "classes": 10,
    "image_size": 16,
    "parameters": {"width": 0.125, "dropout": 0.0},
    "mean": [0.5],
    "std": [0.5],
}
IMAGES = {"split": "test", "count": 12, "selection_seed": 3}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """An untrained classifier, a data set, and labels that it gets right for three images of four."""
    root = tmp_path_factory.mktemp("world")
    torch.manual_seed(1)
    classifier = build_classifier(DESCRIPTION).eval()
    with torch.no_grad():
        for parameter in classifier.parameters():
            parameter.mul_(2)
    (root / "model").mkdir()
    save_file(classifier.state_dict(), root / "model/best.safetensors")
    (root / "dataset/test").mkdir(parents=True)
    images = np.random.default_rng(0).integers(0, 256, (20, 1, 16, 16), dtype=np.uint8)
    with torch.no_grad():
        labels = classifier(torch.from_numpy(images).float() / 255).argmax(1).numpy()
    labels[::4] = (labels[::4] + 1) % 10
    np.save(root / "dataset/test/images.npy", images)
    np.save(root / "dataset/test/labels.npy", labels)
    return {
        "root": root,
        "classifier": classifier,
        "model": Made(root / "model", {"metrics": {"description": DESCRIPTION}, "recipe": {"kind": "model"}}),
        "dataset": Made(root / "dataset", {"metrics": {}, "recipe": {"kind": "dataset"}}),
    }


def flat(labels):
    return labels.reshape(len(labels), -1)


def job(world, tmp_path, parameters, **inputs):
    out = tmp_path / "out"
    out.mkdir()
    chosen = tuple(RoleArtifact({"name": name}, artifact) for name, artifact in inputs.items())
    return Job("test", parameters, chosen, out, tmp_path / "scratch")


def attacked(world, tmp_path, quantisation="none", **settings):
    parameters = {
        "attack": "fgsm",
        "settings": {"epsilon": "1/5", **settings},
        "pixel_range": ["-1", "1"],
        "quantisation": quantisation,
        "images": IMAGES,
        "checkpoint": "best",
        "seed": 0,
    }
    made = job(world, tmp_path, parameters, model=world["model"], dataset=world["dataset"])
    return made.out, adversarial.realise(made)


@pytest.mark.parametrize("kind", ["shuffled", "gaussian"])
def test_a_control_is_of_its_attacks_images_and_groups_them_by_its_success(world, tmp_path, kind):
    folder, _ = attacked(world, tmp_path)
    with h5py.File(folder / FILE, "r+") as file:  # as if it had deceived the model wherever it could
        file["success"][:] = ~file["skipped"][:]
    like = Made(folder, {"metrics": {}, "recipe": {"kind": "adversarial"}})
    (tmp_path / kind).mkdir()
    parameters = {
        "attack": kind, "settings": {}, "pixel_range": ["-1", "1"], "quantisation": "none", "images": IMAGES,
        "checkpoint": "best", "seed": 0,
    }  # fmt: skip
    made = job(world, tmp_path / kind, parameters, model=world["model"], dataset=world["dataset"], like=like)
    metrics = adversarial.realise(made)
    ours, theirs = read_columns(made.out / FILE), read_columns(folder / FILE)
    assert np.array_equal(ours["index"], theirs["index"]) and np.array_equal(ours["skipped"], theirs["skipped"])
    assert 0 < metrics["clipped"] < 0.5 and metrics["successes"] == ours["success"].sum() == 0
    assert theirs["success"].any()
    grouping = read_grouping_columns(made.out / FILE, ("index", "success"))
    assert np.array_equal(grouping["success"], theirs["success"])
    assert np.array_equal(read_grouping_columns(folder / FILE, ("success",))["success"], theirs["success"])
    attacked_rows = ~ours["skipped"]
    assert (ours["l2"][attacked_rows] <= theirs["l2"][attacked_rows] * 1.0001).all()


def test_a_stored_set_agrees_with_the_model(world, tmp_path, monkeypatch):
    monkeypatch.setattr(adversarial, "PART", 5)
    out, metrics = attacked(world, tmp_path)
    columns, x_adv = read_columns(out / FILE), read_images(out / FILE)
    chosen = select(world["root"] / "dataset/test", 12, 3)
    x = chosen.images.astype(np.float32) / 255
    with torch.no_grad():
        before = world["classifier"](torch.from_numpy(x)).argmax(1).numpy()
        after = world["classifier"](torch.from_numpy(x_adv)).argmax(1).numpy()
    assert set(columns) == set(PER_SAMPLE)
    assert np.array_equal(columns["skipped"], before != chosen.labels)
    assert columns["skipped"].any() and not columns["skipped"].all()
    assert np.array_equal(columns["success"], (after != chosen.labels) & ~columns["skipped"])
    assert np.array_equal(x_adv[columns["skipped"]], x[columns["skipped"]])
    assert np.abs(x_adv - x).max() <= 0.1 + 1e-6
    assert np.allclose(columns["l2"], 2 * np.sqrt(((x_adv - x) ** 2).sum((1, 2, 3))), rtol=1e-5)
    assert np.allclose(columns["l2_normalised"] * np.linalg.norm((2 * x - 1).reshape(12, -1), axis=1), columns["l2"])
    assert metrics["attacked"] == int((~columns["skipped"]).sum())
    assert metrics["success_rate"] == pytest.approx(columns["success"].sum() / metrics["attacked"])


@pytest.mark.parametrize("method", ["round", "truncate"])
def test_quantised_sets_count_success_after_the_quantisation(world, tmp_path, method):
    out, _ = attacked(world, tmp_path, quantisation=method)
    with h5py.File(out / FILE) as file:
        assert file["x_adv"].dtype == np.uint8
    columns, x_adv = read_columns(out / FILE), read_images(out / FILE)
    with torch.no_grad():
        after = world["classifier"](torch.from_numpy(x_adv)).argmax(1).numpy()
    assert np.array_equal(columns["predicted_after"], after)


def test_quantisation_by_hand():
    x = torch.tensor([0.0, 0.4 / 255, 1.4 / 255, 1.6 / 255, 7 / 255, 1.0])
    assert quantise(x, "round").tolist() == [0, 0, 1, 2, 7, 255]
    assert quantise(x, "truncate").tolist() == [0, 0, 1, 1, 7, 255]
    assert quantise(x, "none") is x


def test_a_flipped_bit_in_a_stored_image_is_an_error(world, tmp_path):
    out, _ = attacked(world, tmp_path)
    with h5py.File(out / FILE) as file:
        offset = file["x_adv"].id.get_chunk_info(0).byte_offset
    content = bytearray((out / FILE).read_bytes())
    content[offset + 100] ^= 4
    (out / FILE).write_bytes(content)
    with pytest.raises(OSError, match="[Ff]letcher32|filter|checksum"):
        read_images(out / FILE)


def test_only_the_format_that_the_workflow_writes_is_opened(world, tmp_path):
    """Zarr 2 stores may name codecs that load pickles."""
    zarr.open_group(tmp_path / "features.zarr", mode="w", zarr_format=2, attributes={"layers": []})
    (tmp_path / "out").mkdir()
    foreign = Made(tmp_path, {"recipe": {"kind": "features"}})
    with pytest.raises(zarr.errors.GroupNotFoundError):
        information.realise(job(world, tmp_path / "out", {"buckets": 8}, features=foreign))


def test_feature_maps_paths_and_aggregates_agree_with_direct_computation(world, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "SHARD", 5)
    monkeypatch.setattr(information, "BATCH", 4)
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir(), (tmp_path / "c").mkdir()
    first = job(
        world, tmp_path / "a", {"checkpoint": "best", "images": IMAGES}, model=world["model"], dataset=world["dataset"]
    )
    assert features.realise(first)["inputs"] == 12
    chosen = select(world["root"] / "dataset/test", 12, 3)
    x = torch.from_numpy(chosen.images).float() / 255
    maps, _ = feature_maps(world["classifier"], x)
    group = zarr.open_group(first.out / "features.zarr", mode="r")
    assert list(group.attrs["layers"]) == list(maps)
    for name, values in maps.items():
        assert np.allclose(group[f"layers/{name}"][:], values.numpy(), rtol=1e-4, atol=1e-5)
    stored = Made(first.out, {"recipe": {"kind": "features"}})
    second = job(world, tmp_path / "b", {"buckets": 8}, features=stored)
    information.realise(second)
    with np.load(second.out / "paths.npz") as paths, h5py.File(second.out / "matrices.h5") as matrices:
        source, layer = group["source"][:], group["layers/conv3"][:]
        for n in (0, 11):
            a, b = bucket_ids(layer[n]), bucket_ids(source[n])
            expected = [[mutual_info_score(m.ravel(), s.ravel()) for s in b] for m in a]
            assert np.allclose(matrices["conv3/S"][n], expected, atol=1e-5)
            assert paths["iip"][n, 2] == pytest.approx(np.mean(expected), abs=1e-6)
            by_chance = [[expected_information(table_of(m, s, sparse=True), m.size) for s in flat(b)] for m in flat(a)]
            assert paths["iip_expected"][n, 2] == pytest.approx(np.mean(by_chance), abs=1e-12)
        means = paths["oip"].mean(0)
    measured = Made(second.out, {"recipe": {"kind": "information"}})
    third = job(world, tmp_path / "c", {}, information=measured)
    assert aggregate.realise(third)["inputs"] == {"own/all": 12}
    with np.load(third.out / "aggregate.npz") as found:
        mean = found["own/all/oip_mean"]
        assert np.all(found["own/all/oip_lower"] <= mean) and np.all(mean <= found["own/all/oip_upper"])
        assert np.abs(mean - means).max() < 0.25 * (means.max() - means.min())


def test_streamed_paths_are_those_of_stored_maps(world, tmp_path, monkeypatch):
    monkeypatch.setattr(information_streaming, "BATCH", 5)
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir(), (tmp_path / "c").mkdir()
    wanted = {"checkpoint": "best", "images": IMAGES}
    maps = job(world, tmp_path / "a", wanted, model=world["model"], dataset=world["dataset"])
    features.realise(maps)
    stored = Made(maps.out, {"recipe": {"kind": "features"}})
    slow = job(world, tmp_path / "b", {"buckets": 8}, features=stored)
    information.realise(slow)
    fast = job(world, tmp_path / "c", {**wanted, "buckets": 8}, model=world["model"], dataset=world["dataset"])
    information_streaming.realise(fast)
    with np.load(slow.out / "paths.npz") as one, np.load(fast.out / "paths.npz") as other:
        assert set(one.files) == set(other.files)
        for name in ("iip", "oip", "iip_expected", "oip_expected"):
            assert np.allclose(one[name], other[name], atol=1e-6)
        for name in ("index", "label", "predicted", "layers"):
            assert np.array_equal(one[name], other[name])


def test_groups_are_the_inputs_that_their_names_say(tmp_path):
    rng = np.random.default_rng(0)
    columns = {
        "iip": rng.random((8, 3)),
        "oip": rng.random((8, 3)),
        "iip_expected": rng.random((8, 3)),
        "oip_expected": rng.random((8, 3)),
        "layers": np.array(["a", "b", "c"]),
        "target": np.array(["one"] * 4 + ["two"] * 4),
        "index": np.array([1, 2, 3, 4] * 2),
        "label": np.zeros(8, int),
        "skipped": np.array([0, 0, 0, 1, 0, 0, 0, 0], bool),
        "success": np.array([1, 1, 0, 0, 1, 1, 1, 1], bool),
        "predicted": np.array([5, 0, 5, 5, 5, 0, 0, 5]),
    }
    np.savez(tmp_path / "paths.npz", **columns)
    chosen = {
        "one/attacked": [0, 1, 2], "one/success": [0, 1], "one/common": [0, 1], "one/transferred": [0],
        "one/stopped": [1], "two/attacked": [4, 5, 6, 7], "two/success": [4, 5, 6, 7], "two/common": [4, 5],
        "two/transferred": [4], "two/stopped": [5],
    }  # fmt: skip
    made = job(None, tmp_path, {}, information=Made(tmp_path, {"recipe": {"kind": "information_streaming"}}))
    assert aggregate.realise(made)["inputs"] == {name: len(rows) for name, rows in chosen.items()}
    with np.load(made.out / "aggregate.npz") as found:
        for name, rows in chosen.items():
            for path in ("oip", "oip_expected"):
                assert np.array_equal(found[f"{name}/{path}_inputs"], columns[path][rows])
            corrected = columns["oip"][rows] - columns["oip_expected"][rows]
            assert np.array_equal(found[f"{name}/oip_corrected_inputs"], corrected)
            assert np.array_equal(found[f"{name}/oip_corrected_mean"], aggregate_paths(corrected).mean)


def test_a_group_without_inputs_is_not_measured_rather_than_an_error(tmp_path):
    columns = {"success": [False] * 2, "skipped": [True] * 2, "index": [0, 1], "label": [1, 1], "predicted": [1, 1]}
    paths = {f"{path}{chance}": np.ones((2, 3)) for path in ("iip", "oip") for chance in ("", "_expected")}
    np.savez(tmp_path / "paths.npz", layers=["a", "b", "c"], **paths, **columns)
    made = job(None, tmp_path, {}, information=Made(tmp_path, {"recipe": {"kind": "information"}}))
    assert set(aggregate.realise(made)["inputs"].values()) == {0}
    with np.load(made.out / "aggregate.npz") as found:
        assert np.isnan(found["own/success/iip_mean"]).all()
        assert np.isnan(found["own/success/iip_corrected_mean"]).all()


def test_histories_are_readable_tables(tmp_path):
    from workflow_scripts.jobs.training import finish
    from workflow_scripts.training.evaluation import LabelledTensors
    from workflow_scripts.training.loop import Hyperparameters, Trainer

    torch.manual_seed(0)
    y = torch.arange(20) % 10
    images = LabelledTensors(torch.randint(0, 256, (20, 1, 16, 16), dtype=torch.uint8), y)
    hyper = Hyperparameters(2, 10, 0.01, {"name": "constant", "warmup": 0.0})
    trainer = Trainer(build_classifier(DESCRIPTION), hyper, images, images, seed=0)
    for _ in trainer.steps():
        pass
    metrics = finish(trainer, images, tmp_path, DESCRIPTION)
    rows = list(csv.DictReader((tmp_path / "history.csv").open()))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert metrics["parameters"] == sum(layer["parameters"] for layer in metrics["layers"])
