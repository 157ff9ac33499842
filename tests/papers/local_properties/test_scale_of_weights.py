"""What weight decay and batch norm do to the scale of weights and responses is told apart from what changes shape."""

import numpy as np
import pytest

from tests.papers.local_properties.made_up_measurements import LAYERS, Study, add_model
from workflow_scripts.analysis.responses.conv_kernels import magnitude, roughness, variance
from workflow_scripts.papers.local_properties import response_difference_statistics
from workflow_scripts.papers.local_properties.weight_decay_and_overfitting_statistics import (
    sweep_differences_shrink,
    sweep_kernels_shrink,
)

DECAYS = ("1/2000", "1/200")


@pytest.fixture
def shrunk(tmp_path):
    """A sweep whose larger weight decay halves every weight and every response, and changes nothing else."""
    made, rng = Study(tmp_path), np.random.default_rng(3)
    weight = rng.normal(size=(60, 4, 3, 3))
    maximum, relative = rng.uniform(1, 2, (50, len(LAYERS))), rng.uniform(0.1, 0.2, (50, len(LAYERS)))
    for decay, scale in zip(DECAYS, (1.0, 0.5), strict=True):
        add_model(made, {"name": "sweep_model", "weight_decay": decay})
        statistics = {"magnitude": magnitude, "variance": variance, "roughness": roughness}
        arrays = {f"{name}/a.weight": function(scale * weight) for name, function in statistics.items()}
        folder = made.add({"name": "sweep_kernel_statistics", "weight_decay": decay})
        np.savez(folder / "kernel_statistics.npz", layers=np.array(["a.weight"]), **arrays)
        none, labels = np.zeros(50, bool), np.arange(50) % 10
        predicted = dict.fromkeys(("label", "predicted_before", "predicted_natural", "predicted_adversarial"), labels)
        np.savez(
            made.add({"name": "sweep_responses", "weight_decay": decay}) / "responses.npz",
            layers=np.array(LAYERS), maximum=scale * maximum, total=100 * scale * maximum, relative=relative,
            index=np.arange(50), skipped=none, success=none, **predicted,
        )  # fmt: skip
    return made.job()


def test_a_change_of_scale_alone_is_no_smoothing(shrunk):
    found = {name: sweep_kernels_shrink(shrunk, name) for name in ("magnitude", "variance", "roughness")}
    assert found["magnitude"].effect == pytest.approx(np.log(2)) and found["magnitude"].verdict == "supported"
    assert found["variance"].effect == pytest.approx(np.log(4)) and found["variance"].verdict == "supported"
    assert found["roughness"].effect == pytest.approx(0, abs=1e-9) and found["roughness"].verdict == "undecided"
    assert {evidence.resampled for evidence in found.values()} == {"filters"}


def test_a_change_of_scale_alone_moves_no_relative_difference(shrunk):
    for measure in ("maximum", "total"):
        assert sweep_differences_shrink(shrunk, measure).effect == pytest.approx(np.log(2))
    relative = sweep_differences_shrink(shrunk, "relative")
    assert [relative.effect, relative.lower, relative.upper] == pytest.approx([0, 0, 0], abs=1e-12)
    assert relative.verdict != "supported"
    assert relative.samples == 50 and relative.resampled == "images"


def test_undefined_relative_differences_are_left_out():
    larger = np.array([[2.0, np.nan], [4.0, 6.0]])
    found = response_difference_statistics.log_ratio(larger, np.ones((5, 2)))
    assert found == pytest.approx(np.log([3, 6]))
