"""PERMANOVA against scikit-bio's published values, sums of squares of coordinates, and all permutations."""

import itertools

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from scipy.stats import f_oneway

from workflow_scripts.analysis.comparison import explained_shares, permanova

EQUAL = ["Control", "Control", "Fast", "Fast"]
SCIKIT_BIO = [  # Distances, groups, pseudo-F and p of scikit-bio's tests, which were verified with R's vegan::adonis.
    ([[0, 1, 1, 4], [1, 0, 3, 2], [1, 3, 0, 3], [4, 2, 3, 0]], EQUAL, 2.0, 0.68),
    ([[0, 1, 5, 4], [1, 0, 3, 2], [5, 3, 0, 3], [4, 2, 3, 0]], EQUAL, 4.4, 0.345),
    (
        [
            [0.0, 1.0, 0.1, 0.5678, 1.0, 1.0],
            [1.0, 0.0, 0.002, 0.42, 0.998, 0.0],
            [0.1, 0.002, 0.0, 1.0, 0.123, 1.0],
            [0.5678, 0.42, 1.0, 0.0, 0.123, 0.43],
            [1.0, 0.998, 0.123, 0.123, 0.0, 0.5],
            [1.0, 0.0, 1.0, 0.43, 0.5, 0.0],
        ],
        ["Control", "Treatment1", "Treatment2", "Treatment1", "Control", "Control"],
        0.578848,
        0.655,
    ),
]


@pytest.mark.parametrize(("distances", "groups", "f", "p_value"), SCIKIT_BIO)
def test_scikit_bio_s_examples(distances, groups, f, p_value):
    found = permanova(np.array(distances), {"group": groups})["group"]
    assert found.f == pytest.approx(f, abs=1e-6)
    assert found.p_value == pytest.approx(p_value, abs=0.05)
    assert found.degrees == len(set(groups)) - 1
    # F = (R²/(a − 1)) / ((1 − R²)/(n − a))
    left = len(groups) - len(set(groups))
    assert found.r_squared / found.degrees / (1 - found.r_squared) * left == pytest.approx(f, abs=1e-6)


def crossed(models=3, attacks=4, dimensions=5, seed=0):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(models, attacks, dimensions))
    points += 2 * rng.normal(size=(models, 1, dimensions)) + 5 * rng.normal(size=(1, attacks, dimensions))
    names = [(f"m{m}", f"a{a}") for m, a in itertools.product(range(models), range(attacks))]
    factors = {"model": [m for m, _ in names], "attack": [a for _, a in names]}
    return points, factors


def test_shares_of_two_factors_are_those_of_the_coordinates():
    points, factors = crossed()
    distances = squareform(pdist(points.reshape(12, -1)))
    found = permanova(distances, factors, 99)
    total = ((points - points.mean((0, 1))) ** 2).sum()
    by_model = 4 * ((points.mean(1) - points.mean((0, 1))) ** 2).sum()
    by_attack = 3 * ((points.mean(0) - points.mean((0, 1))) ** 2).sum()
    assert found["model"].r_squared == pytest.approx(by_model / total)
    assert found["attack"].r_squared == pytest.approx(by_attack / total)
    residual = total - by_model - by_attack
    assert explained_shares(np.stack([distances, 3 * distances]), factors) == pytest.approx(
        np.array([[by_model, by_attack, residual]] * 2) / total
    )
    # A permutation of 4 attacks within each model leaves on average the share of 3 of 9 degrees of freedom.
    assert found["attack"].permuted == pytest.approx((1 - by_model / total) * 3 / 9, rel=0.15)
    assert found["attack"].f == pytest.approx(by_attack / 3 / (residual / 6))
    assert (found["model"].degrees, found["attack"].degrees) == (2, 3)
    assert found["attack"].p_value == 0.01


def test_one_dimension_is_analysis_of_variance():
    values = np.random.default_rng(2).normal(size=15) + np.repeat([0, 1, 3], 5)
    groups = np.repeat(["a", "b", "c"], 5).tolist()
    found = permanova(np.abs(values[:, None] - values), {"group": groups}, permutations=0)["group"]
    assert found.f == pytest.approx(f_oneway(values[:5], values[5:10], values[10:]).statistic)
    assert np.isnan(found.p_value)


def test_an_incomplete_design_gives_each_factor_what_the_other_does_not_explain():
    points, factors = crossed()
    kept = [0, 1, 2, 4, 5, 7, 8, 10, 11]
    values = points.reshape(12, -1)[kept]
    factors = {name: [levels[k] for k in kept] for name, levels in factors.items()}
    found = permanova(squareform(pdist(values)), factors, 0)

    def residual(*names):
        """The sum of squares that ordinary least squares leaves."""
        columns = [np.array(factors[name])[:, None] == sorted(set(factors[name])) for name in names]
        design = np.concatenate([np.ones((len(kept), 1)), *columns], axis=1)
        return ((values - design @ np.linalg.lstsq(design, values)[0]) ** 2).sum()

    both, total = residual("model", "attack"), residual()
    assert explained_shares(squareform(pdist(values)), factors)[2] == pytest.approx(both / total)
    assert found["model"].r_squared == pytest.approx((residual("attack") - both) / total)
    assert found["attack"].r_squared == pytest.approx((residual("model") - both) / total)


def test_p_is_the_share_of_permutations_within_the_other_factor():
    points, factors = crossed(2, 3, seed=4)
    points += np.random.default_rng(0).normal(size=points.shape) * 4
    distances = squareform(pdist(points.reshape(6, -1)))
    observed = permanova(distances, factors, 4000)["attack"]
    every = []
    for first, second in itertools.product(itertools.permutations(range(3)), repeat=2):
        rows = [*first, *(3 + k for k in second)]
        every.append(permanova(distances[np.ix_(rows, rows)], factors, 0)["attack"].f)
    assert observed.p_value == pytest.approx(np.mean(np.array(every) >= observed.f * (1 - 1e-9)), abs=0.03)


def test_false_alarms_are_as_frequent_as_their_level():
    alarms = 0
    for seed in range(200):
        points = np.random.default_rng(seed).normal(size=(12, 5))
        found = permanova(squareform(pdist(points)), crossed()[1], 39, seed)
        alarms += found["attack"].p_value <= 0.1
    assert 8 <= alarms <= 34  # 20 ± 3.3 standard deviations


def test_designs_that_cannot_be_tested():
    distances = squareform(pdist(np.random.default_rng(0).normal(size=(3, 2))))
    saturated = permanova(distances, {"attack": ["a", "b", "c"]})["attack"]
    assert saturated.r_squared == pytest.approx(1) and np.isnan(saturated.f) and np.isnan(saturated.p_value)
    with pytest.raises(ValueError, match="model has 1 levels on 3 of 3 things"):
        permanova(distances, {"model": ["m"] * 3})
    with pytest.raises(ValueError, match="model has 2 levels on 2 of 3 things"):
        permanova(distances, {"model": ["m", "n"]})
    with pytest.raises(ValueError, match="the same"):
        permanova(np.zeros((3, 3)), {"attack": ["a", "b", "b"]})
