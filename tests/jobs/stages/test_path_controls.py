"""Stages beside the measurement of paths: predictions of a split, and shifts by buckets and sizes of maps."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.handmade import made, run
from workflow_scripts.analysis.information.chance_correction import chance_corrected_paths
from workflow_scripts.analysis.information.sensitivity import paths_by_setting
from workflow_scripts.inputs.adversarial_sets import FILE, PER_SAMPLE, input_hashes, write_set
from workflow_scripts.inputs.splits import select
from workflow_scripts.jobs.stages import path_sensitivity, predictions, random_walk
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
    """An untrained classifier, a data set, and two attacks' sets of the same images, of which some succeed."""
    root = tmp_path_factory.mktemp("world")
    torch.manual_seed(1)
    classifier = build_classifier(DESCRIPTION).eval()
    (root / "model").mkdir()
    save_file(classifier.state_dict(), root / "model/best.safetensors")
    (root / "dataset/test").mkdir(parents=True)
    rng = np.random.default_rng(0)
    np.save(root / "dataset/test/images.npy", rng.integers(0, 256, (20, 1, 16, 16), dtype=np.uint8))
    np.save(root / "dataset/test/labels.npy", rng.integers(0, 10, 20))
    chosen = select(root / "dataset/test", 12, 3)
    sets = {}
    for attack, success in (("fgsm", [0, 2, 3, 11]), ("igsm", [3, 4])):
        (root / attack).mkdir()
        columns = {name: np.zeros(12) for name in PER_SAMPLE}
        columns |= {"index": chosen.index, "label": chosen.labels, "input_sha256": input_hashes(chosen.images)}
        columns |= {"success": np.isin(np.arange(12), success), "skipped": np.zeros(12, bool)}
        write_set(root / attack / FILE, columns, rng.random((12, 1, 16, 16), dtype=np.float32))
        sets[attack] = made(root / attack, {}, {"images": IMAGES}, "adversarial")
    model = made(root / "model", {"description": DESCRIPTION}, kind="model")
    return classifier, [({"name": "model"}, model), ({"name": "dataset"}, made(root / "dataset", {}))], sets, chosen


def test_predictions_are_the_models(world, tmp_path, monkeypatch):
    classifier, inputs, _, _ = world
    monkeypatch.setattr(predictions, "BATCH", 7)
    artifact = run(predictions, tmp_path, "predictions", {"checkpoint": "best", "split": "test"}, inputs)
    images = np.load(inputs[1][1].file("test") / "images.npy")
    with torch.no_grad():
        expected = classifier(torch.from_numpy(images.astype(np.float32) / 255)).argmax(1).numpy()
    with np.load(artifact.file("predictions.npz")) as found:
        assert np.array_equal(found["predicted"], expected)
        assert artifact.metrics == {"images": 20, "accuracy": (expected == found["label"]).mean()}


def test_shifts_by_setting_are_those_of_each_setting_alone(world, tmp_path, monkeypatch):
    classifier, inputs, sets, chosen = world
    monkeypatch.setattr(path_sensitivity, "BATCH", 4)
    inputs = [*inputs, *(({"name": "images", "attack": attack}, made_set) for attack, made_set in sets.items())]
    parameters = {"checkpoint": "best", "inputs": 3, "buckets": [4, 8], "sides": [2]}
    artifact = run(path_sensitivity, tmp_path, "sensitivity", parameters, inputs)
    assert artifact.metrics == {"inputs": {"fgsm": 3, "igsm": 2}}
    with np.load(artifact.file("sensitivity.npz")) as content:
        found = dict(content)
    rows = [0, 2, 3, 3, 4]
    assert found["attack"].tolist() == ["fgsm"] * 3 + ["igsm"] * 2
    assert np.array_equal(found["index"], chosen.index[rows]) and found["sides"].tolist() == [0, 2]

    def paths(image, buckets, side):
        x = torch.from_numpy(image[None])
        maps = {"source": x, **feature_maps(classifier, x)[0]}
        if side:
            maps = {n: torch.nn.functional.adaptive_max_pool2d(m, min(m.shape[-1], side)) for n, m in maps.items()}
        source = maps.pop("source")
        return {name: values.mean() for name, values in chance_corrected_paths(maps, source, buckets).arrays().items()}

    import h5py

    for place, (attack, row) in enumerate(zip(found["attack"], rows, strict=True)):
        with h5py.File(sets[attack].file(FILE)) as file:
            attacked = file["x_adv"][row]
        clean = chosen.images[row].astype(np.float32) / 255
        for b, buckets in enumerate((4, 8)):
            for s, side in enumerate((0, 2)):
                before, after = paths(clean, buckets, side), paths(attacked, buckets, side)
                for name in before:
                    assert found[name][place, b, s] == pytest.approx(after[name] - before[name], abs=1e-6)


def test_an_attack_without_successes_has_no_rows(world, tmp_path):
    _, inputs, sets, chosen = world
    columns = {name: np.zeros(12) for name in PER_SAMPLE}
    columns |= {"index": chosen.index, "label": chosen.labels, "input_sha256": input_hashes(chosen.images)}
    columns |= {"success": np.zeros(12, bool), "skipped": np.zeros(12, bool)}
    write_set(tmp_path / FILE, columns, np.zeros((12, 1, 16, 16), np.float32))
    nothing = made(tmp_path, {}, {"images": IMAGES}, "adversarial")
    parameters = {"checkpoint": "best", "inputs": 3, "buckets": [8], "sides": []}
    inputs = [*inputs, ({"name": "images", "attack": "none"}, nothing)]
    artifact = run(path_sensitivity, tmp_path, "nothing", parameters, inputs)
    with np.load(artifact.file("sensitivity.npz")) as found:
        assert found["oip"].shape == (0, 1, 1)


def test_a_walk_takes_the_attacks_steps_without_its_aim(tmp_path):
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 0.001, (5, 3, 4, 4)).astype(np.float32)
    frames = 0.5 + np.cumsum(steps, axis=0, dtype=np.float32)
    edge = np.stack([np.zeros((3, 4, 4)), -np.ones((3, 4, 4))]).astype(np.float32)
    np.savez(tmp_path / "trajectory.npz", images=np.concatenate([frames, edge]), followed=[9] * 5 + [2] * 2,
             iteration=[0, 1, 2, 3, 4, 0, 1])  # fmt: skip
    followed = made(tmp_path, {}, kind="trajectory")
    artifact = run(random_walk, tmp_path, "walk", {}, [({"name": "trajectory"}, followed)])
    with np.load(artifact.file("trajectory.npz")) as found:
        walk, numbers = found["images"], found["followed"].tolist()
    assert numbers == [9] * 5 + [2] * 2 and artifact.metrics == {"followed": 2, "clipped": 0.5}
    assert np.array_equal(walk[0], frames[0]) and not walk[5:].any()
    taken, given = np.diff(walk[:5], axis=0).reshape(4, 3, -1), np.diff(frames, axis=0).reshape(4, 3, -1)
    assert not np.allclose(taken, given, atol=1e-5)
    for step, attack_step in zip(taken, given, strict=True):  # the same pixels, channels together, in another order
        order, original = np.argsort(step[0]), np.argsort(attack_step[0])
        np.testing.assert_allclose(step[:, order], attack_step[:, original], atol=1e-6)


def test_smaller_maps_have_more_by_chance():
    torch.manual_seed(0)
    maps = {"a": torch.relu(torch.randn(3, 4, 16, 16)), "b": torch.relu(torch.randn(3, 5, 16, 16))}
    ((own, pooled),) = paths_by_setting(maps, torch.rand(3, 2, 16, 16), [8], [None, 4])
    assert (pooled.expected.iip > 2 * own.expected.iip).all()
    beyond = pooled.corrected.iip
    assert abs(beyond.mean()) < 3 * beyond.std(ddof=1) / np.sqrt(beyond.size) + 0.02
