"""Energy by frequency against closed forms, and the restoring radius against trying every radius."""

import numpy as np
import pytest
import torch
from torch import nn

from workflow_scripts.analysis.spectrum import band_energy, low_pass, restoring_radius


def wave(row, column, side=16):
    grid = torch.arange(side, dtype=torch.float64) / side
    return torch.cos(2 * torch.pi * (row * grid[:, None] + column * grid[None]))[None, None]


@pytest.mark.parametrize("row, column", [(0, 0), (1, 0), (0, 3), (4, 5), (8, 8), (2, 7)])
def test_a_wave_lies_in_its_own_band(row, column):
    (shares,) = band_energy(wave(row, column))
    band = int(np.hypot(row, column) / (np.hypot(8, 8) + 1e-9) * 8)
    assert shares[band] == pytest.approx(1) and shares.sum() == pytest.approx(1)


def test_two_waves_share_by_their_squared_amplitudes():
    (shares,) = band_energy(torch.cat([2 * wave(1, 0), wave(6, 6)], 1))
    assert (shares[0], shares[5] + shares[6]) == (pytest.approx(0.8), pytest.approx(0.2))


def test_white_noise_has_as_much_energy_in_a_band_as_it_has_frequencies():
    torch.manual_seed(0)
    found = band_energy(torch.randn(400, 3, 15, 16)).mean(0)
    radius = np.hypot(np.fft.fftfreq(15)[:, None] * 15, np.fft.fftfreq(16)[None] * 16)
    counts = np.histogram(radius, 8, (0, radius.max() + 1e-9))[0]
    np.testing.assert_allclose(found, counts / counts.sum(), atol=0.005)


def test_no_perturbation_has_no_bands():
    assert np.isnan(band_energy(torch.zeros(2, 1, 8, 8))).all()


def test_the_restoring_radius_is_the_largest_of_all_that_restore():
    torch.manual_seed(1)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 3)).eval()
    x, radii = torch.rand(60, 1, 8, 8), [1, 2, 3, 4, 6]
    wanted = torch.randint(0, 3, (60,))
    found = restoring_radius(model, x, wanted, radii)
    with torch.no_grad():
        right = np.stack([model(low_pass(x, radius)).argmax(1).eq(wanted).numpy() for radius in radii])
    for image in range(60):
        possible = [radius for radius, row in zip(radii, right, strict=True) if row[image]]
        assert found[image] == max(possible) if possible else np.isnan(found[image])
    assert 0 < np.isnan(found).sum() < 60
