"""Which pairs the results page shows, and the rows of measurements that belong to them."""

import numpy as np

from workflow_scripts.inputs.explored_pairs import chosen_rows
from workflow_scripts.inputs.explored_saliency import Saliency
from workflow_scripts.inputs.explored_series import aligned

INDEX = np.arange(100, 140)


def test_preferred_images_come_before_others_and_none_that_was_not_attacked():
    attacked = np.ones(40, bool)
    attacked[[3, 7]] = False
    rows = chosen_rows(INDEX, attacked, [np.array([103, 110]), np.array([107, 110, 120, 999])], 5)
    assert {10, 20} <= set(rows) and not {3, 7} & set(rows) and len(rows) == 5 and (np.diff(rows) > 0).all()


def test_of_many_images_some_at_equal_distances():
    attacked = np.ones(40, bool)
    assert chosen_rows(INDEX, attacked, [], 4).tolist() == [0, 13, 26, 39]
    assert chosen_rows(INDEX, attacked, [INDEX[10:20]], 2).tolist() == [10, 19]
    assert chosen_rows(INDEX, attacked, [], 100).tolist() == list(range(40))
    assert chosen_rows(INDEX, ~attacked, [INDEX], 5).tolist() == []


def test_every_choice_is_of_the_size_asked_for_without_repetition():
    random = np.random.default_rng(0)
    for _ in range(200):
        attacked = random.random(40) < random.random()
        known = [random.choice(INDEX, random.integers(0, 30), replace=False) for _ in range(random.integers(0, 3))]
        count = int(random.integers(1, 45))
        rows = chosen_rows(INDEX, attacked, known, count)
        assert len(set(rows.tolist())) == len(rows) == min(count, attacked.sum()) and attacked[rows].all()
        if known:
            first = np.flatnonzero(attacked & np.isin(INDEX, known[0]))
            assert len(np.intersect1d(first, rows)) == min(count, len(first))


def test_measurements_are_found_by_the_images_position():
    values = np.array([[1.0, 2], [3, 4], [5, 6]])
    found = aligned(np.array([9, 4, 6]), values, np.array([4, 5, 9]))
    assert np.array_equal(found, [[3, 4], [np.nan, np.nan], [1, 2]], equal_nan=True)


def test_the_most_salient_filters_are_named_by_layer_and_rank():
    profiles = np.array([[5.0, 1.0, 9.0, 4.0, 0.5]], np.float32)
    saliency = Saliency(
        ["a", "b"], np.array([2, 3]), np.array([8]), np.zeros((1, 2)), np.zeros(2), np.array([8]), profiles
    )
    assert saliency.most_salient(8, 3) == [("b", 1, 9.0), ("a", 1, 5.0), ("b", 2, 4.0)]
    assert saliency.most_salient(7, 3) == []
