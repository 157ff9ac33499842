"""Kernel statistics and perturbation statistics against closed forms and brute force."""

import numpy as np
import pytest

from workflow_scripts.analysis.responses.conv_kernels import (
    equalise_means,
    magnitude,
    normalise_gain,
    perturbation_responses,
    roughness,
    spatial_weights,
    variance,
)
from workflow_scripts.analysis.responses.perturbations import neighbour_correlation, shape_correlation, share_at_bound


def test_statistics_of_known_kernels():
    constant, chequered = np.ones((3, 3)), np.indices((3, 3)).sum(0) % 2 * 2.0 - 1
    weight = np.stack([[constant, constant], [chequered, chequered], [constant, chequered]])
    assert np.allclose(magnitude(weight), 1)
    assert np.allclose(variance(weight), [0, chequered.var(), chequered.var() / 2])
    assert np.allclose(roughness(weight), [0, 2, 1])
    assert np.allclose(roughness(weight * 7), roughness(weight))
    assert np.isnan(roughness(np.zeros((1, 1, 3, 3)))).all()


def test_independent_entries_have_roughness_one():
    noise = np.random.default_rng(0).normal(size=(4, 4000, 3, 3))
    assert np.allclose(roughness(noise), 1, atol=0.03)


def test_only_spatial_weights_are_kernels():
    state = {"a": np.zeros((2, 2, 3, 3)), "b": np.zeros((2, 2, 1, 1)), "c": np.zeros(3), "d": np.zeros((2, 2))}
    assert list(spatial_weights(state)) == ["a"]


def test_responses_equal_a_loop():
    generator = np.random.default_rng(0)
    perturbations, kernels = generator.normal(size=(2, 6, 5)), generator.normal(size=(3, 3, 3))
    found = perturbation_responses(perturbations, kernels)
    assert found.shape == (2, 3, 4, 3)
    for n, k, i, j in np.ndindex(found.shape):
        assert found[n, k, i, j] == pytest.approx((perturbations[n, i : i + 3, j : j + 3] * kernels[k]).sum())


def test_a_kernel_of_unit_gain_responds_with_epsilon_at_most():
    kernels = normalise_gain(np.random.default_rng(0).normal(size=(5, 3, 3)))
    epsilon = 0.1
    worst = epsilon * np.sign(kernels)
    found = perturbation_responses(worst, kernels)
    assert np.allclose(np.diagonal(found[:, :, 0, 0]), epsilon)
    assert np.abs(found).max() <= epsilon + 1e-12


def test_kernels_of_the_same_mean_keep_their_deviations():
    """Section 4.2 assumes the same mean and different variances; dividing by the sum of |w| equalises neither."""
    smooth = np.full((3, 3), 0.2)
    rough = smooth + 0.5 * (np.indices((3, 3)).sum(0) % 2 * 2.0 - 1) - 0.5 * (-1 / 9)
    given = np.stack([smooth, -rough])
    found, by_gain = equalise_means(given), normalise_gain(given)
    assert np.allclose(found.mean(axis=(1, 2)), 1 / 9)
    assert np.allclose(found.std(axis=(1, 2)) * (0.2 * 9), given.std(axis=(1, 2)))
    assert not np.allclose(*np.abs(by_gain.mean(axis=(1, 2))))
    constant = perturbation_responses(np.full((1, 5, 5), 0.1), found)
    assert np.allclose(constant, 0.1)
    with pytest.raises(ValueError, match="mean of zero"):
        equalise_means(np.array([[[1.0, -1.0]]]))


def test_neighbour_correlation_of_known_perturbations():
    ramp = np.add.outer(np.arange(64.0), np.arange(64.0))
    chequered = np.indices((8, 8)).sum(0) % 2 * 2.0 - 1
    assert neighbour_correlation(np.tile(chequered, (1, 3, 1, 1))) == pytest.approx([-1])
    assert neighbour_correlation(ramp[None, None])[0] > 0.95
    noise = np.random.default_rng(0).normal(size=(1, 1, 300, 300))
    assert abs(neighbour_correlation(noise)[0]) < 0.01
    unchanged, half = np.zeros((1, 2, 8, 8)), np.zeros((1, 2, 8, 8))
    half[0, 1] = chequered
    assert np.isnan(neighbour_correlation(unchanged)).all()
    assert neighbour_correlation(half) == pytest.approx([-1])


def test_neighbour_correlation_is_that_of_all_pairs():
    values = np.random.default_rng(1).normal(size=(1, 1, 5, 7))
    centred = values[0, 0] - values[0, 0].mean()
    product = square = 0.0
    for i in range(5):
        for j in range(7):
            for a, b in ((i + 1, j), (i, j + 1)):
                if a < 5 and b < 7:
                    product += centred[i, j] * centred[a, b]
                    square += (centred[i, j] ** 2 + centred[a, b] ** 2) / 2
    assert neighbour_correlation(values)[0] == pytest.approx(product / square)


def test_shape_correlation_of_known_perturbations():
    """A square's own edges, the same square moved away, noise, and nothing."""
    image, elsewhere = np.zeros((1, 3, 40, 40)), np.zeros((1, 3, 40, 40))
    image[..., 5:15, 5:15], elsewhere[..., 22:35, 22:35] = 0.8, 0.8
    noise = np.random.default_rng(0).choice([-0.1, 0.1], (1, 3, 40, 40))
    assert shape_correlation(image, -0.1 * image) == pytest.approx([1])
    assert shape_correlation(image, elsewhere)[0] < 0
    assert abs(shape_correlation(image, noise)[0]) < 0.1
    chequered = np.tile(np.indices((40, 40)).sum(0) % 2 * 0.2 - 0.1, (1, 3, 1, 1))
    rounded = (image + chequered).astype(np.float32) - image.astype(np.float32)
    assert np.isnan(shape_correlation(image, np.zeros_like(image))).all()
    assert np.isnan(shape_correlation(image, rounded)).all(), "edges that differ by rounding alone"


def test_shape_correlation_is_pearson_s_of_gradient_lengths():
    image, moved = np.random.default_rng(4).normal(size=(2, 1, 2, 4, 5))
    lengths = []
    for values in (image[0], moved[0]):
        length = []
        for i in range(3):
            for j in range(4):
                down, right = values[:, i + 1, j] - values[:, i, j], values[:, i, j + 1] - values[:, i, j]
                length.append(np.sqrt((down**2 + right**2).sum()))
        lengths.append(length)
    assert shape_correlation(image, moved)[0] == pytest.approx(np.corrcoef(*lengths)[0, 1])


def test_features_at_the_bound_or_the_box():
    x = np.array([0.0, 0.5, 0.5, 0.98, 0.0, 1.0]).reshape(1, 1, 2, 3)
    x_adv = np.array([0.1, 0.6, 0.55, 1.0, 0.0, 1.0]).reshape(1, 1, 2, 3)
    assert share_at_bound(x, x_adv, 0.1) == pytest.approx([3 / 6])
