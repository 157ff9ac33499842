"""Claims about kernels: both normalisations are measured, and kernels are resampled as images are."""

import numpy as np
import pytest

from tests.papers.local_properties.made_up_measurements import Study
from workflow_scripts.papers.local_properties.kernel_statistics import (
    consistent_hit_smooth_kernels,
    rough_kernels_amplify,
)

IMAGES, FILTERS, CHANNELS = 50, 12, 3
KERNELS = FILTERS * CHANNELS


def kernel_study(root, **arrays):
    made, rng = Study(root), np.random.default_rng(5)
    noise = rng.normal(scale=1e-4, size=(4, IMAGES, KERNELS))
    names = [f"{model}_response{end}" for model in ("standard", "robust") for end in ("", "_same_mean")]
    plain = {name: 0.5 + noise[place] for place, name in enumerate(names)}
    plain |= {"roughness": np.linspace(0, 2, KERNELS), "variance": np.linspace(2, 0, KERNELS)}
    plain |= {"index": np.arange(IMAGES), "kernel_filter": np.arange(KERNELS) // CHANNELS}
    np.savez(made.add({"name": "kernel_responses"}) / "kernel_responses.npz", **{**plain, **arrays})
    return made.job()


def test_each_normalisation_orders_and_measures_its_own_kernels(tmp_path):
    """Under Σ|w| = 1 rough kernels answer less here, and with the same mean those of large variance answer more."""
    roughness, variance = np.linspace(0, 2, KERNELS), np.linspace(2, 0, KERNELS)
    response, same_mean = (np.tile(values, (IMAGES, 1)) for values in (1 - 0.1 * roughness, 1 + 0.2 * variance))
    job = kernel_study(tmp_path, standard_response=response, standard_response_same_mean=same_mean)
    third = KERNELS // 3
    gain, mean = (rough_kernels_amplify(job, normalisation) for normalisation in ("gain", "mean"))
    assert gain.effect == pytest.approx(response[0, -third:].mean() - response[0, :third].mean())
    assert mean.effect == pytest.approx(same_mean[0, :third].mean() - same_mean[0, -third:].mean())
    assert (gain.verdict, mean.verdict) == ("not supported", "supported")
    assert gain.samples == mean.samples == IMAGES and gain.resampled == "images and filters"


def test_one_filter_alone_supports_no_claim_about_kernels(tmp_path):
    """Hundreds of images agree, but only because one rough filter answers: other filters might not."""
    responses = np.full((IMAGES, KERNELS), 0.5)
    responses[:, -CHANNELS:] = 5.0
    found = rough_kernels_amplify(kernel_study(tmp_path, standard_response=responses), "gain")
    assert found.effect > 0 and found.lower == 0 and found.verdict == "undecided"


def test_perturbations_are_compared_on_the_same_kernels(tmp_path):
    responses = np.full((IMAGES, KERNELS), 0.5)
    responses[:, : KERNELS // 2] = 0.9
    found = consistent_hit_smooth_kernels(kernel_study(tmp_path, robust_response=responses), "gain")
    assert found.effect == pytest.approx(0.4, abs=1e-3) and found.lower > 0
    assert found.samples == IMAGES
