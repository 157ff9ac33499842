"""Local optimality against areas under robustness curves that are integrated numerically."""

import numpy as np
import pytest

from workflow_scripts.analysis.comparison import best_distances, local_optimality, reach, success_within

DISTANCES = np.array([[1.0, 4, 2, 6], [2.0, 3, 5, np.inf], [np.inf] * 4])


def area(distances, until):
    """Under the share of images that resist, by the midpoint rule."""
    steps = (np.arange(200_000) + 0.5) / 200_000 * until
    return np.mean([np.mean(steps < each) for each in distances]) * until


def test_areas_of_robustness_curves():
    best = best_distances(DISTANCES)
    assert best.tolist() == [1, 3, 2, 6] and reach(best) == 6
    for distances in DISTANCES:
        least, none = area(best, 6), 6
        wanted = 1 - (area(distances, 6) - least) / (none - least)
        assert local_optimality(distances, best, 6.0) == pytest.approx(wanted, abs=1e-4)
    assert local_optimality(best, best, 6.0) == 1
    assert local_optimality(DISTANCES[2], best, 6.0) == 0


def test_by_hand():
    # Areas up to 6: none 24, best 12, the first attack 13, the second 2 + 3 + 5 + 6 = 16 (all in image units).
    best = best_distances(DISTANCES)
    assert local_optimality(DISTANCES[0], best, 6.0) == pytest.approx(1 - 1 / 12)
    assert local_optimality(DISTANCES[1], best, 6.0) == pytest.approx(1 - 4 / 12)


def test_weights_count_images():
    best = best_distances(DISTANCES)
    weights = np.array([[1, 0], [1, 2], [1, 0], [1, 1]])
    repeated = [1, 1, 3]
    found = local_optimality(DISTANCES[1], best, 6.0, weights)
    assert found[0] == local_optimality(DISTANCES[1], best, 6.0)
    assert found[1] == pytest.approx(local_optimality(DISTANCES[1][repeated], best[repeated], 6.0))


def test_images_that_no_attack_deceives_with():
    best = best_distances(np.array([[1.0, np.inf], [2.0, np.inf]]))
    assert reach(best) == 1
    assert local_optimality(np.array([np.inf, np.inf]), best, 2.0) == 0
    assert np.isnan(reach(np.array([np.inf])))
    assert np.isnan(local_optimality(np.array([1.0]), np.array([1.0]), 1.0))


def test_success_within_a_distance():
    assert success_within(DISTANCES[1], np.array([0, 2, 4.9, 5, 100])).tolist() == [0, 1, 2, 3, 3]


def test_mistakes():
    with pytest.raises(ValueError, match="no attack"):
        best_distances(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="negative or no number"):
        best_distances(np.array([[1.0, np.nan]]))
    with pytest.raises(ValueError, match="negative or no number"):
        best_distances(np.array([[1.0, -1.0]]))
