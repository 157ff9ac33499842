"""Fingerprints against means by hand, their units against the closed form, their distances against a double loop."""

from dataclasses import replace

import numpy as np
import pytest

from workflow_scripts.analysis.comparison import (
    Measures,
    fingerprint,
    fingerprint_distances,
    in_deviations,
    split_half_deviation,
)
from workflow_scripts.analysis.comparison.fingerprints import BLOCKS, NUMBERS

RNG = np.random.default_rng(5)


def measures(count=12, **changed):
    energy = RNG.random((count, 8))
    made = Measures(
        iip=RNG.normal(size=(count, 3)),
        oip=RNG.normal(size=(count, 3)),
        responses=RNG.random((count, 4)) + 1,
        control_responses=RNG.random((count, 4)) + 0.5,
        saliency=RNG.random((count, 10)),
        clean_saliency=RNG.random((count, 10)),
        energy=energy / energy.sum(1, keepdims=True),
    )
    return replace(made, **changed)


def test_the_numbers_are_means_over_images():
    made = measures()
    made.energy[3] = np.nan
    found = fingerprint(made)
    depths = np.linspace(0, 1, 10)

    def spread(values):
        return np.interp(depths, np.linspace(0, 1, len(values)), values)

    wanted = [
        spread(made.iip.mean(0)),
        spread(made.oip.mean(0)),
        spread(np.log(made.responses.mean(0) / made.control_responses.mean(0))),
        np.mean([a / a.sum() - b / b.sum() for a, b in zip(made.saliency, made.clean_saliency, strict=True)], axis=0),
        np.delete(made.energy, 3, axis=0).mean(0),
    ]
    assert found.shape == (NUMBERS,) == (48,)
    assert found == pytest.approx(np.concatenate(wanted))
    assert found[BLOCKS["saliency"]].sum() == pytest.approx(0)
    assert found[BLOCKS["energy"]].sum() == pytest.approx(1)


def test_weights_are_copies_of_images():
    made = measures()
    weights = RNG.integers(0, 3, (12, 5))
    for column, found in zip(weights.T, fingerprint(made, weights), strict=True):
        rows = np.repeat(np.arange(12), column)
        copies = Measures(*(getattr(made, name)[rows] for name in Measures.__annotations__))
        assert found == pytest.approx(fingerprint(copies))


def missing(made):
    found = fingerprint(made)
    return {name for name, place in BLOCKS.items() if np.isnan(found[place]).all()} | {
        f"part of {name}" for name, place in BLOCKS.items() if 0 < np.isnan(found[place]).sum() < len(found[place])
    }


def test_blocks_that_cannot_be_measured_are_missing_as_a_whole():
    assert missing(measures()) == set()
    assert missing(measures(control_responses=None)) == {"responses"}
    assert missing(measures(responses=np.zeros((12, 4)))) == {"responses"}
    assert missing(measures(energy=np.full((12, 8), np.nan))) == {"energy"}
    assert missing(measures(clean_saliency=np.zeros((12, 10)))) == {"saliency"}


def test_the_unit_is_the_deviation_of_half_the_images():
    # The mean of n/2 independent values of variance 1 has the standard deviation √(2/n).
    made = measures(4000, iip=np.random.default_rng(1).normal(size=(4000, 10)))
    found = split_half_deviation(made, splits=1000)
    assert found[BLOCKS["iip"]] == pytest.approx(np.sqrt(2 / 4000), rel=0.08)
    assert (split_half_deviation(made, splits=20) == split_half_deviation(made, splits=20)).all()


def test_the_deviation_of_two_images_is_exact():
    made = measures(2, iip=np.array([[1.0], [4.0]]))
    assert split_half_deviation(made)[BLOCKS["iip"]] == pytest.approx(3 / np.sqrt(2))
    with pytest.raises(ValueError, match="1 images cannot be halved"):
        split_half_deviation(measures(1))


def test_units_are_shared_by_all_fingerprints():
    raw = np.array([[1.0, 2, 3, 4], [5.0, 6, 7, 8]])
    deviations = np.array([[1.0, 2, 0, np.nan], [7.0, np.nan, 0, np.nan]])
    found = in_deviations(raw, deviations)
    assert found[:, :2] == pytest.approx(raw[:, :2] / [5, 2])
    assert np.isnan(found[:, 2:]).all()


def test_distances_are_over_common_numbers():
    vectors = RNG.normal(size=(5, 48))
    vectors[1, BLOCKS["responses"]] = np.nan
    vectors[4, BLOCKS["energy"]] = np.nan
    found = fingerprint_distances(vectors)
    for a in range(5):
        for b in range(5):
            assert found[a, b] == pytest.approx(np.sqrt(np.nanmean((vectors[a] - vectors[b]) ** 2)))
    vectors[0, 24:], vectors[2, :24] = np.nan, np.nan
    found = fingerprint_distances(vectors)
    assert np.argwhere(np.isnan(found)).tolist() == [[0, 2], [2, 0]]


def test_another_choice_of_images_is_about_one_away():
    def drawn(seed, count=400):
        rng = np.random.default_rng(seed)
        return Measures(*(rng.random((count, width)) + 1 for width in (10, 10, 10, 10, 10, 10, 8)))

    pair = [drawn(seed) for seed in range(8)]
    scaled = in_deviations(np.array([fingerprint(p) for p in pair]), np.array([split_half_deviation(p) for p in pair]))
    found = fingerprint_distances(scaled)[np.triu_indices(8, 1)]
    assert found.mean() == pytest.approx(1, abs=0.12)
