"""Bootstrap evidence against closed forms and against SciPy's own bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap as scipy_bootstrap

from workflow_scripts.papers.bootstrap import (
    Evidence,
    bootstrap,
    difference_of_means,
    image_keys,
    image_weights,
    mean_above_zero,
    not_measured,
    paired_difference,
)

RNG = np.random.default_rng(7)


def test_the_interval_is_that_of_scipy():
    values = RNG.normal(0.3, 1, 80)
    ours = mean_above_zero([values])
    theirs = scipy_bootstrap((values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(1))
    assert ours.effect == pytest.approx(values.mean())
    assert ours.lower == pytest.approx(theirs.confidence_interval.low, abs=0.03)
    assert ours.upper == pytest.approx(theirs.confidence_interval.high, abs=0.03)


def test_the_interval_of_a_mean_has_its_closed_forms_width():
    values = RNG.normal(0, 2, 400)
    found = mean_above_zero([values])
    assert found.upper - found.lower == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.08)


def test_seeds_are_averaged_and_their_intervals_narrow():
    one, other = RNG.normal(1, 1, 60), RNG.normal(2, 1, 60)
    both = mean_above_zero([one, other])
    assert both.effect == pytest.approx((one.mean() + other.mean()) / 2)
    assert both.upper - both.lower < (mean_above_zero([one]).upper - mean_above_zero([one]).lower)
    assert (both.samples, both.seeds) == (120, 2)


def test_pairing_uses_that_inputs_are_the_same():
    base = RNG.normal(0, 10, 100)
    shifted = base + 0.5
    assert paired_difference([shifted], [base]).verdict == "supported"
    assert difference_of_means([shifted], [base]).verdict == "undecided"


def test_inputs_from_one_image_are_resampled_together():
    base = RNG.normal(0, 10, 100)
    numbers, order = np.arange(100), RNG.permutation(100)
    groups = [base + 0.5 + RNG.normal(0, 0.1, 100), base[order]]
    means = lambda a, b: a.mean() - b.mean()  # noqa: E731
    together = bootstrap([groups], means, images=[[numbers, numbers[order]]])
    assert together.verdict == "supported" and together.upper - together.lower == pytest.approx(0.04, rel=0.2)
    assert bootstrap([groups], means).verdict == "undecided"
    apart = bootstrap([groups], means, images=[[numbers, 100 + numbers]])  # no image in common: as if drawn apart
    alone = bootstrap([groups], means)
    assert apart.upper - apart.lower == pytest.approx(alone.upper - alone.lower, rel=0.1)
    own = bootstrap([[groups[0], groups[1]]], means, images=[[numbers, None]])
    assert own.upper - own.lower == pytest.approx(alone.upper - alone.lower, rel=0.1)


def test_inputs_resampled_by_image_come_in_random_order():
    """Copies of one image side by side would make parts of a group differ more than parts of any sample do."""
    group = RNG.normal(size=300)

    def spread(drawn):
        return np.std([drawn[k : k + 10].mean() for k in range(0, len(drawn) - 9, 10)])

    apart, together = bootstrap([[group]], spread), bootstrap([[group]], spread, images=[[np.arange(300)]])
    assert (together.lower, together.upper) == pytest.approx((apart.lower, apart.upper), rel=0.05)


def test_a_small_group_is_resampled_until_it_is_not_empty():
    found = bootstrap(
        [[np.ones(2), np.zeros(50)]], lambda a, b: a.mean() - b.mean(), images=[[np.array([0, 1]), np.arange(50)]]
    )
    assert (found.effect, found.lower, found.upper) == (1, 1, 1)


@pytest.mark.parametrize(
    "interval, verdict", [((0.1, 0.2), "supported"), ((-0.2, -0.1), "not supported"), ((-0.1, 0.1), "undecided"),
                          ((0.0, 0.0), "not supported")]
)  # fmt: skip
def test_verdicts(interval, verdict):
    assert Evidence(sum(interval) / 2, *interval, samples=9).verdict == verdict


def test_too_few_inputs_are_not_measured():
    found = mean_above_zero([np.array([1.0])])
    assert found.verdict == "not measured" and found.effect is None and "1 inputs" in found.note
    assert not_measured("nothing was attacked").verdict == "not measured"


def test_the_same_seed_gives_the_same_interval():
    groups = [[RNG.normal(size=30), RNG.normal(size=40)]]
    assert bootstrap(groups, lambda a, b: a.mean() - b.mean()) == bootstrap(groups, lambda a, b: a.mean() - b.mean())


def test_errors():
    with pytest.raises(ValueError, match="no training seed"):
        bootstrap([], np.mean)
    with pytest.raises(ValueError, match="differ in length"):
        bootstrap([[np.zeros(3), np.zeros(4)]], lambda a, b: 0.0, paired=True)
    with pytest.raises(ValueError, match="two inputs from one image"):
        bootstrap([[np.zeros(3)]], np.mean, images=[[np.array([4, 5, 4])]])


def test_several_seeds_on_the_same_images_have_the_interval_of_one_draw_of_images():
    """Three trainings attack the same images: with a draw for each alone, one interval in four would miss."""
    rng, covered, covered_apart = np.random.default_rng(3), 0, 0
    for _ in range(200):
        of_image = rng.normal(0, 1, 60)
        seeds = [of_image + rng.normal(0, 0.3, 60) for _ in range(3)]
        found = mean_above_zero(seeds, [np.arange(60)] * 3)
        covered += found.lower <= 0 <= found.upper
        apart = mean_above_zero(seeds)
        covered_apart += apart.lower <= 0 <= apart.upper
    assert 0.89 <= covered / 200 <= 0.99 and covered_apart / 200 < 0.85
    assert (found.upper - found.lower) / (apart.upper - apart.lower) == pytest.approx(3**0.5, rel=0.15)


def test_two_statistics_over_the_same_images_have_paired_replicates():
    base = RNG.normal(0, 10, 300)
    numbers = RNG.permutation(10_000)[:300]
    one = mean_above_zero([base + 0.5], [numbers])
    order = RNG.permutation(300)
    other = mean_above_zero([base[order]], [numbers[order]])
    np.testing.assert_allclose(one.replicates - other.replicates, 0.5, atol=1e-9)
    elsewhere = mean_above_zero([base], [image_keys(numbers, "train")])
    assert abs(np.corrcoef(one.replicates, elsewhere.replicates)[0, 1]) < 0.1


def test_image_weights_are_the_draws_of_the_bootstrap():
    values, keys = RNG.normal(size=50), image_keys(RNG.permutation(1000)[:50])
    weights = image_weights(keys).astype(float)
    found = bootstrap([[values]], np.mean, images=[[keys]])
    assert values @ weights / weights.sum(0) == pytest.approx(found.replicates)
    with pytest.raises(ValueError, match="two inputs from one image"):
        image_weights(np.array([4, 5, 4]))
