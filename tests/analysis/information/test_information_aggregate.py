"""Aggregated paths against scikit-learn's Gaussian-process regression."""

import warnings

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern

from workflow_scripts.analysis.information.aggregate import aggregate_paths, collapse


def sample(count=40, layers=14, seed=0, noise=0.02):
    """Paths like those of a network: a smooth decay in nats and every input's own deviation."""
    rng = np.random.default_rng(seed)
    k = np.arange(layers)
    trend = 0.05 + 0.4 * np.exp(-k / 4) + 0.03 * np.sin(k)
    return trend + noise * rng.normal(size=(count, layers)) * (1 + k / layers)


def same_process(fitted, alpha, optimizer=None):
    base = (
        RBF(fitted.lengthscale, (0.1, 1000))
        if fitted.kernel == "rbf"
        else Matern(fitted.lengthscale, (0.1, 1000), nu=2.5)
    )
    kernel = ConstantKernel(fitted.outputscale, (fitted.outputscale * 1e-4, fitted.outputscale * 1e4)) * base
    restarts = 4 if optimizer else 0
    return GaussianProcessRegressor(
        kernel, alpha=alpha, optimizer=optimizer, n_restarts_optimizer=restarts, random_state=0
    )


@pytest.mark.parametrize("kernel", ["rbf", "matern52"])
@pytest.mark.parametrize(
    "count, layers, noise", [(40, 14, 0.02), (200, 13, 0.1), (5, 4, 0.01), (3, 2, 0.02), (1, 9, 0)]
)
def test_posterior_equals_scikit_learn(kernel, count, layers, noise):
    paths = sample(count, layers, noise=noise)
    found = aggregate_paths(paths, kernel)
    process = found.hyperparameters
    k = np.arange(layers)[:, None]
    regressor = same_process(process, process.noise).fit(k, paths.mean(0) - process.constant)
    mean, deviation = regressor.predict(k, return_std=True)
    np.testing.assert_allclose(found.mean, mean + process.constant, rtol=0, atol=1e-6)
    half = norm.ppf(0.975) * deviation
    np.testing.assert_allclose(found.upper - found.mean, half, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.mean - found.lower, half, rtol=0, atol=1e-6)
    likelihood = regressor.log_marginal_likelihood_value_
    assert process.log_marginal_likelihood == pytest.approx(likelihood, abs=1e-4)


@pytest.mark.parametrize("kernel", ["rbf", "matern52"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_hyperparameters_are_as_likely_as_scikit_learns(kernel, seed):
    paths = sample(seed=seed, noise=0.1)
    process = aggregate_paths(paths, kernel).hyperparameters
    k = np.arange(paths.shape[1])[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's note of a parameter near its bound
        rival = same_process(process, process.noise, "fmin_l_bfgs_b").fit(k, paths.mean(0) - process.constant)
    assert process.log_marginal_likelihood >= rival.log_marginal_likelihood_value_ - 1e-3


def test_collapsed_regression_equals_the_regression_on_all_points():
    paths = sample(count=12, layers=9, noise=0.05)
    found = aggregate_paths(paths)
    process = found.hyperparameters
    means, noise = collapse(paths)
    np.testing.assert_allclose(process.noise, noise)
    k = np.arange(9)[:, None]
    every = np.tile(k, (12, 1))
    values = paths.ravel() - process.constant
    full = same_process(process, np.tile(12 * noise, 12)).fit(every, values)
    mean, deviation = full.predict(k, return_std=True)
    np.testing.assert_allclose(found.mean, mean + process.constant, rtol=0, atol=1e-8)
    np.testing.assert_allclose(found.upper - found.mean, norm.ppf(0.975) * deviation, rtol=0, atol=1e-8)
    # the likelihoods differ by what no hyperparameter changes, so they have one maximum
    small = same_process(process, noise).fit(k, means - process.constant)
    thetas = [full.kernel_.theta + shift for shift in ([0, 0], [1, 0], [0, 1], [-1, -0.5])]
    differences = [full.log_marginal_likelihood(t) - small.log_marginal_likelihood(t) for t in thetas]
    np.testing.assert_allclose(differences, differences[0], rtol=0, atol=1e-6)


def test_units_and_determinism():
    paths = sample()
    found = aggregate_paths(paths)
    again = aggregate_paths(paths)
    np.testing.assert_array_equal(found.mean, again.mean)
    scaled = aggregate_paths(100 * paths + 7)
    np.testing.assert_allclose(scaled.mean, 100 * found.mean + 7, rtol=1e-6)
    np.testing.assert_allclose(scaled.upper - scaled.lower, 100 * (found.upper - found.lower), rtol=1e-3)
    lengthscale = found.hyperparameters.lengthscale
    assert scaled.hyperparameters.lengthscale == pytest.approx(lengthscale, rel=1e-3)


def test_band_narrows_with_inputs():
    few, many = aggregate_paths(sample(8)), aggregate_paths(sample(800))
    assert (many.upper - many.lower).mean() < 0.3 * (few.upper - few.lower).mean()


def test_band_covers_the_truth():
    rng = np.random.default_rng(0)
    k = np.arange(14)
    covariance = np.exp(-((k[:, None] - k) ** 2) / (2 * 2.5**2))
    inside = []
    for _ in range(12):
        truth = 0.1 * rng.multivariate_normal(np.zeros(14), covariance)
        found = aggregate_paths(truth + 0.1 * rng.normal(size=(60, 14)))
        inside.append((found.lower <= truth) & (truth <= found.upper))
    assert 0.88 < np.mean(inside) <= 1


def test_one_path_is_its_own_aggregate():
    path = sample(1)
    found = aggregate_paths(path)
    np.testing.assert_allclose(found.mean, path[0], rtol=0, atol=2e-3 * path.std())
    np.testing.assert_allclose(found.hyperparameters.noise, 1e-6 * path.var())


def test_no_variance_between_inputs():
    paths = np.repeat(sample(1), 5, axis=0)
    np.testing.assert_allclose(aggregate_paths(paths).mean, paths[0], rtol=0, atol=2e-3 * paths[0].std())


@pytest.mark.parametrize("value", [0.0, 0.1, -3e5])
@pytest.mark.parametrize("count", [1, 4])
def test_flat_and_known(value, count):
    found = aggregate_paths(np.full((count, 6), value))
    for line in (found.mean, found.lower, found.upper):
        np.testing.assert_allclose(line, value, rtol=1e-12)
    assert found.hyperparameters.outputscale == 0


def test_flat_means_with_scatter():
    paths = np.array([[1.0, 3.0, 1.0], [3.0, 1.0, 3.0]])
    found = aggregate_paths(paths)
    np.testing.assert_allclose(found.mean, 2, atol=1e-6)
    assert (found.upper > 2).all() and (found.lower < 2).all()


def test_some_layers_without_scatter():
    paths = sample()
    paths[:, 3] = 0.2
    found = aggregate_paths(paths)
    assert np.isfinite(found.mean).all() and abs(found.mean[3] - 0.2) < 1e-3


def test_errors():
    for bad, message in (
        (np.zeros(4), "layout"),
        (np.zeros((0, 4)), "layout"),
        (np.zeros((4, 1)), "K ≥ 2"),
        (np.full((2, 3), np.nan), "NaN"),
    ):
        with pytest.raises(ValueError, match=message):
            aggregate_paths(bad)
    with pytest.raises(ValueError, match="rbf, matern52, not 'cubic'"):
        aggregate_paths(sample(), "cubic")
