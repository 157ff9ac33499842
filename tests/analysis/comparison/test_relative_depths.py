"""Values per layer at relative depths."""

import numpy as np
import pytest

from workflow_scripts.analysis.comparison import at_relative_depths, relative_depths


@pytest.mark.parametrize("layers", [1, 2, 3, 7, 10, 19, 53])
def test_it_is_numpy_s_interpolation(layers):
    values = np.random.default_rng(layers).normal(size=(3, layers))
    wanted = [np.interp(np.linspace(0, 1, 10), np.linspace(0, 1, layers), row) for row in values]
    assert at_relative_depths(values) == pytest.approx(np.array(wanted), abs=1e-12)
    assert at_relative_depths(values[0], 4) == pytest.approx(np.interp(
        relative_depths(4), np.linspace(0, 1, layers), values[0]), abs=1e-12)  # fmt: skip


def test_a_layer_that_is_unknown_spoils_its_neighbourhood_only():
    found = at_relative_depths(np.array([1.0, 2, np.nan, 4, 5, 6, 7, 8, 9, 10]))
    assert np.isnan(found).tolist() == [False, False, True] + [False] * 7
    with pytest.raises(ValueError, match="no layer"):
        at_relative_depths(np.zeros((4, 0)))
