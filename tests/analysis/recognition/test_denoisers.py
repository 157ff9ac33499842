"""Trivial denoisers against SciPy's filters."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from workflow_scripts.analysis.recognition.denoisers import build_denoiser, gaussian_blur, median_filter


@pytest.mark.parametrize("deviation", [0.5, 1.0, 1.7])
def test_the_gaussian_is_scipys(deviation):
    x = torch.rand(2, 3, 12, 10, dtype=torch.float64)
    expected = ndimage.gaussian_filter(x.numpy(), (0, 0, deviation, deviation), mode="mirror")
    np.testing.assert_allclose(gaussian_blur(x, deviation), expected, atol=1e-12)


@pytest.mark.parametrize("side", [3, 5])
def test_the_median_is_scipys(side):
    x = torch.rand(2, 3, 12, 10, dtype=torch.float64)
    expected = ndimage.median_filter(x.numpy(), (1, 1, side, side), mode="mirror")
    np.testing.assert_array_equal(median_filter(x, side), expected)


def test_denoisers_are_built_by_name():
    x = torch.rand(1, 1, 8, 8)
    torch.testing.assert_close(build_denoiser("gaussian", 0.5)(x), gaussian_blur(x, 0.5))
    torch.testing.assert_close(build_denoiser("median", 3.0)(x), median_filter(x, 3))
    with pytest.raises(ValueError, match="no denoiser 'mean'"):
        build_denoiser("mean", 3)
    with pytest.raises(ValueError, match="odd, not 4"):
        median_filter(x, 4)
