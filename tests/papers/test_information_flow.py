"""What the information_flow findings measure, on paths whose answer is known."""

import json

import h5py
import numpy as np
import pytest

from tests.handmade import made
from workflow_scripts.analysis.information.group_names import group_name
from workflow_scripts.inputs.adversarial_sets import FILE
from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.jobs.job import Job
from workflow_scripts.papers.information_flow import (
    figure_transferability,
    path_distances,
    path_statistics,
    table_6_transferability,
    transferability,
)
from workflow_scripts.papers.published_table import parse
from workflow_scripts.planning.studies.published_values import published_values

PATHS = ("iip", "oip")
PARTS = ("mean", "lower", "upper")


def trajectory_job(tmp_path, oip):
    """A job with two inputs followed under JSMA, whose OIP at each of two layers is `oip` (n + 1,)."""
    paths = np.tile(np.repeat(np.array(oip, float)[:, None], 2, axis=1), (2, 1))
    followed, iteration = np.divmod(np.arange(len(paths)), len(oip))
    expected = {f"{path}_expected": np.zeros_like(paths) for path in PATHS}
    np.savez(tmp_path / "paths.npz", iip=paths, oip=paths, **expected, followed=followed, iteration=iteration)
    return Job(
        "test", {}, (RoleArtifact({"name": "trajectory", "attack": "jsma"}, made(tmp_path, {})),), tmp_path, tmp_path
    )


@pytest.mark.parametrize(("oip", "effect"), [([0, 5, 3, 1], -1.0), ([0, 1, 2, 9], 1.0), ([0, 4, 4, 4], 0.0)])
def test_the_first_step_alone_does_not_count_as_growth(tmp_path, oip, effect):
    found = path_statistics.deviation_grows(trajectory_job(tmp_path, oip), "jsma", "oip")
    assert found.effect == pytest.approx(effect)


def test_growth_is_not_measured_without_steps_or_under_another_attack(tmp_path):
    job = trajectory_job(tmp_path, [0, 1, 2])
    assert path_statistics.deviation_grows(job, "jsma", "oip").verdict == "not measured"
    assert "igsm" in path_statistics.deviation_grows(job, "igsm", "oip").note


def test_distances_at_equal_size_are_not_larger_for_the_smaller_group():
    """Two samples of one distribution: whole, the small one looks further away; in parts of its size it does not."""
    rng = np.random.default_rng(0)
    normal = rng.normal(size=(400, 6))
    small = [rng.normal(size=(10, 6)) for _ in range(300)]
    large = [rng.normal(size=(100, 6)) for _ in range(300)]
    whole = np.mean(
        [
            path_distances.mean_path_distance(normal, a) - path_distances.mean_path_distance(normal, b)
            for a, b in zip(small, large, strict=True)
        ]
    )
    parts = [
        path_distances.equal_size_distance(10, normal, a) - path_distances.equal_size_distance(10, normal, b)
        for a, b in zip(small, large, strict=True)
    ]
    assert whole > 0.1 and abs(np.mean(parts)) < 0.02


def test_groups_too_small_for_a_gaussian_process_are_not_drawn(tmp_path):
    inputs = []
    for attack, target, counts in [("normal", "", {"all": 3}), ("jsma", "vgg_like", {"transferred": 9, "stopped": 10})]:
        folder = tmp_path / attack
        folder.mkdir()
        names = {subset: group_name(target, subset) for subset in counts}
        paths = {f"{n}/{p}_{part}": np.ones(2) for n in names.values() for p in PATHS for part in PARTS}
        np.savez(folder / "aggregate.npz", layers=["conv1", "conv2"], **paths)
        metrics = {"inputs": {names[subset]: count for subset, count in counts.items()}}
        for subset in counts:
            role = {
                "name": "aggregated_paths",
                "model": "good_init",
                "attack": attack,
                "target": target,
                "subset": subset,
                "seed": 0,
            }
            inputs.append(RoleArtifact(role, made(folder, metrics)))
    _, frame = figure_transferability.figure(Job("test", {"models": ["good_init"]}, tuple(inputs), tmp_path, tmp_path))
    assert list(dict.fromkeys(frame["attack"])) == ["normal", "VGG like, stopped"]


def transfer_job(tmp_path, own_success, predicted, skipped=(0, 0, 0, 0)):
    """Four images of label 0 attacked on `small`, by inputs made for `large` (which all deceive it) and by its own."""
    index, label = np.arange(4), np.zeros(4, np.int64)
    (tmp_path / "seen").mkdir()
    (tmp_path / "own").mkdir()
    np.savez(
        tmp_path / "seen/paths.npz", target=np.full(4, "large"), index=index, label=label, success=np.ones(4, bool),
        predicted=np.array(predicted), skipped=np.array(skipped, bool),
    )  # fmt: skip
    with h5py.File(tmp_path / "own" / FILE, "w") as file:
        columns = {"index": index, "label": label, "predicted_before": label, "skipped": np.zeros(4, bool)}
        for name, values in (columns | {"success": np.array(own_success, bool)}).items():
            file[name] = values
    inputs = (
        RoleArtifact(
            {"name": "transfer", "model": "small", "target": "large", "attack": "fgsm", "seed": 0},
            made(tmp_path / "seen", {}),
        ),
        RoleArtifact(
            {"name": "adversarial_set", "model": "small", "attack": "fgsm", "seed": 0}, made(tmp_path / "own", {})
        ),
    )
    parameters = {
        "roles": {"large": "original", "small": "compressed"},
        "notes": [],
        "caption": "",
        "study": "information_flow",
        "name": "table_6",
    }
    return Job("test", parameters, inputs, tmp_path, tmp_path)


def test_an_attack_weaker_than_a_transfer_gets_a_warning(tmp_path):
    job = transfer_job(tmp_path, own_success=[1, 0, 0, 1], predicted=[3, 3, 3, 0], skipped=[0, 0, 1, 0])
    moved, images = transferability.transferred(job, "fgsm", "large", "small", 0)
    assert (moved.tolist(), images.tolist()) == ([True, True, True, False], [0, 1, 2, 3])
    assert transferability.stronger_transfer(job, "fgsm", "large", "small", 0) is None  # two of three each
    (tmp_path / "more").mkdir()
    job = transfer_job(tmp_path / "more", own_success=[1, 0, 0, 0], predicted=[3, 3, 0, 0])
    assert transferability.stronger_transfer(job, "fgsm", "large", "small", 0) == (0.5, 0.25)
    made_of = table_6_transferability.table(
        job, parse(json.loads(published_values("information_flow", "table_6")), "table_6")
    )
    (note,) = made_of.notes
    assert note.startswith("FGSM on the compressed model (seed 0) is weaker") and "25.0%" in note and "50.0%" in note


def test_rows_are_named_by_the_entries_that_play_the_papers_roles(tmp_path):
    job = transfer_job(tmp_path, own_success=[1, 0, 0, 1], predicted=[3, 3, 3, 0])
    published = parse(json.loads(published_values("information_flow", "table_6")), "table_6")
    (row,) = table_6_transferability.table(job, published).rows
    assert (row.keys["target"], row.keys["measured_on"]) == ("large", "small")
    assert row.cells["transferability"].published == published.lookup(
        {"attack": "fgsm", "target": "original", "measured_on": "compressed"}, "transferability"
    )
