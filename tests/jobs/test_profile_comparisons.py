"""Comparisons of saliency profiles whose difference is the loss, the level, or the shape."""

import h5py
import numpy as np
import pytest

from workflow_scripts.jobs.profile_comparisons import compare_classes, compare_with_controls

SHAPE = np.linspace(2, 1, 20)


def write_profiles(path, classes):
    """Profiles that are proportional to each image's loss; classes: name → (shape, losses)."""
    generator = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for name, (shape, losses) in classes.items():
            noise = 1 + 0.05 * generator.normal(size=(len(losses), len(shape)))
            file[name] = (losses[:, None] * shape * noise).astype(np.float32)
            file[f"{name}_index"], file[f"{name}_loss"] = np.arange(len(losses)), losses


def rows_of(path):
    rows = compare_with_controls(path, ["pgd", "deepfool"], "misclassified", 199, 0)
    return {(row["first"], row["second"], row["images"], row["divided"]): row for row in rows}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "image_profiles.h5"


def test_a_difference_of_the_loss_alone_is_gone_at_matched_loss_and_in_divided_profiles(path):
    """PGD drives the loss twice as high as DeepFool; the profiles have the same shape."""
    losses = np.linspace(1, 4, 120)
    write_profiles(path, {"pgd": (SHAPE, 2 * losses), "deepfool": (SHAPE, losses), "misclassified": (SHAPE, losses)})
    (published,) = compare_classes(path, ["pgd", "deepfool"], 199, 0)
    assert published["excess"][1] > 1 and published["pairs"] == 120
    found = rows_of(path)
    assert found["pgd", "deepfool", "same", True]["p_value"] > 0.01
    matched = found["pgd", "deepfool", "matched loss", False]
    assert 30 <= matched["pairs"] < 120 and matched["distance"] < published["distance"] / 10
    assert found["deepfool", "misclassified", "matched loss", False]["p_value"] > 0.01


def test_a_difference_of_the_shape_stays(path):
    losses = np.linspace(1, 4, 60)
    write_profiles(
        path, {"pgd": (SHAPE, 1.5 * losses), "deepfool": (SHAPE[::-1], losses), "misclassified": (SHAPE, losses[:29])}
    )
    found = rows_of(path)
    assert all(
        found["pgd", "deepfool", images, divided]["excess"][1] > 0
        for images, divided in (("same", True), ("matched loss", False), ("matched loss", True))
    )
    few = found["deepfool", "misclassified", "matched loss", True]
    assert few["pairs"] == 29 and "distance" not in few, "fewer than 30 pairs are not compared"
