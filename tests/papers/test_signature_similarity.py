"""Claims that attacks are alike, or distinct, with known distances and overlaps."""

import h5py
import numpy as np
import pytest

from tests.handmade import made
from tests.papers.signature_artifacts import job
from workflow_scripts.papers.attack_signatures import similarity_statistics, table_controls_input_saliency
from workflow_scripts.papers.attack_signatures.similarity_statistics import profile_pairs
from workflow_scripts.papers.published_table import NothingPublished

CLASSES = {"pgd": ["pgd"], "patch": ["patch"], "deepfool": ["deepfool"]}
FLAT = np.ones(10)
STEEP = np.array([1.5] * 5 + [0.5] * 5)
"""Half a mean salience from FLAT."""


def profiles(tmp_path, shapes, noise=0.02, images=40):
    """Profiles of the attacks' shapes, each image with a level of its own, in random orders of images."""
    generator, folder = np.random.default_rng(0), tmp_path / "saliency"
    folder.mkdir()
    with h5py.File(folder / "image_profiles.h5", "w") as file:
        for k, (name, shape) in enumerate(shapes.items()):
            index = np.arange(k, images)
            level = 1 + generator.random((len(index), 1))
            file[name] = level * shape * (1 + noise * generator.normal(size=(len(index), len(shape))))
            file[f"{name}_index"] = index
    return {"name": "saliency", "dataset": "mine", "victim": "first"}, made(folder, {})


def test_profiles_of_one_shape_are_similar_whatever_their_magnitude(tmp_path):
    asked = job(tmp_path, profiles(tmp_path, {"pgd": FLAT, "patch": 9 * FLAT, "deepfool": STEEP}), classes=CLASSES)
    alike = similarity_statistics.profiles_similar(asked, ["pgd", "patch"], 0.2)
    assert alike.effect == pytest.approx(0.2, abs=0.02) and alike.verdict == "supported" and alike.samples == 39
    apart = similarity_statistics.profiles_similar(asked, ["pgd", "deepfool"], 0.2)
    assert apart.effect == pytest.approx(0.2 - 0.5, abs=0.02) and apart.verdict == "not supported"
    assert "pgd and deepfool on first" in apart.note
    closer = similarity_statistics.profiles_closer(asked, ["pgd", "patch"])
    assert closer.effect == pytest.approx(0.5, abs=0.02) and closer.verdict == "supported"
    assert similarity_statistics.profiles_closer(asked, ["pgd", "deepfool"]).verdict == "not supported"
    assert similarity_statistics.profiles_similar(asked, ["pgd", "jsma"], 0.2).verdict == "not measured"


def test_distances_by_products_are_those_of_mean_profiles(tmp_path):
    role, artifact = profiles(tmp_path, {"pgd": FLAT, "deepfool": STEEP}, noise=0.3)
    (pair,) = profile_pairs(job(tmp_path, (role, artifact)), ["pgd", "deepfool"])
    with h5py.File(artifact.file("image_profiles.h5")) as file:
        first, second = file["pgd"][1:], file["deepfool"][:]
    difference = first / first.mean(1, keepdims=True) - second / second.mean(1, keepdims=True)
    rows = np.random.default_rng(1).integers(0, len(difference), len(difference))
    expected = np.sqrt((difference[rows].mean(0) ** 2).mean())
    assert pair.distance(rows) == pytest.approx(expected, rel=1e-6)


def test_regions_are_distinct_where_the_closest_pair_shares_less_than_the_margin(tmp_path):
    """PGD and patch share 4 of 5 pixels, DeepFool none; the attack fails on the last image, which does not count."""
    regions = np.zeros((3, 6, 5, 5), bool)
    regions[0, :, 0], regions[1, :, 0, :4], regions[1, :, 1, 0], regions[2, :, 4] = True, True, True, True
    regions[0, -1], regions[1, -1] = regions[2, -1], regions[2, -1]
    arrays = {"index": np.arange(6), "clean_region": regions[2], "clean_success": np.zeros(6, bool)}
    for name, region in zip(("pgd", "patch", "deepfool"), regions, strict=True):
        arrays |= {f"{name}_region": region, f"{name}_success": np.arange(6) < 5}
    folder = tmp_path / "input_saliency"
    folder.mkdir()
    np.savez(folder / "regions.npz", **arrays)
    item = {"name": "input_saliency", "dataset": "mine", "victim": "first"}, made(folder, {"region": 0.2})
    asked = job(tmp_path, item, classes=CLASSES)
    found = similarity_statistics.regions_distinct(asked, "cifar10", 0.5)
    assert found.effect == pytest.approx(0.5 - 0.8) and found.verdict == "not supported" and found.samples == 5
    assert found.note == "largest of 3 pairs: pgd and patch 0.80, by chance 0.20"
    assert similarity_statistics.regions_distinct(asked, "tiny_imagenet", 0.5).verdict == "not measured"
    rows = table_controls_input_saliency.table(asked, NothingPublished()).rows
    shares = {row.keys["pair"]: row.cells["overlap"].mean for row in rows}
    assert shares == {
        "clean – PGD": 0, "clean – patch": 0, "clean – DeepFool": 100,
        "PGD – patch": pytest.approx(80), "PGD – DeepFool": 0, "patch – DeepFool": 0,
    }  # fmt: skip
