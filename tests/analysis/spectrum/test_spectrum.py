"""Filters are exact partitions that agree with numpy.fft; spectra agree with closed forms."""

import numpy as np
import pytest
import torch

from workflow_scripts.analysis.spectrum.amplitude import log_amplitudes, radial_average
from workflow_scripts.analysis.spectrum.filters import high_pass, low_pass, swap_frequencies
from workflow_scripts.analysis.spectrum.radii import largest_radius, shifted_radii

SIZES = [(8, 8), (7, 7), (9, 6), (6, 9), (32, 32), (1, 5)]


def images(height, width, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(2, 3, height, width, generator=generator)


def reference(low, high, radius):
    """The paper's procedure in numpy: FFT, fftshift, mask around the centre, and back."""
    height, width = low.shape[-2:]
    i, j = np.indices((height, width))
    mask = np.sqrt((i - height // 2) ** 2 + (j - width // 2) ** 2) < radius
    shifted = [np.fft.fftshift(np.fft.fft2(x.astype(np.float64)), axes=(-2, -1)) for x in (low, high)]
    merged = np.where(mask, *shifted)
    return np.fft.ifft2(np.fft.ifftshift(merged, axes=(-2, -1)))


@pytest.mark.parametrize("size", SIZES)
def test_filters_agree_with_numpy_and_partition_the_image_at_every_radius(size):
    x, other = images(*size), images(*size, seed=1)
    for radius in np.arange(0, largest_radius(*size) + 0.5, 0.5):
        low, high, merged = low_pass(x, radius), high_pass(x, radius), swap_frequencies(x, other, radius)
        assert torch.allclose(low + high, x, atol=1e-6)
        zero = np.zeros_like(x.numpy())
        expectations = ((low, x.numpy(), zero), (high, zero, x.numpy()), (merged, x.numpy(), other.numpy()))
        for made, below, above in expectations:
            expected = reference(below, above, radius)
            assert np.abs(expected.imag).max() < 1e-12
            assert np.abs(made.numpy() - expected.real).max() < 1e-6
        assert torch.allclose(swap_frequencies(other, x, radius) + merged, x + other, atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_the_smallest_radius_keeps_nothing_and_the_largest_everything(size):
    x, radius = images(*size), largest_radius(*size)
    assert torch.equal(low_pass(x, 0), torch.zeros_like(x))
    assert torch.allclose(low_pass(x, radius), x, atol=1e-6)
    assert torch.equal(high_pass(x, radius), torch.zeros_like(x))
    assert not torch.allclose(low_pass(x, shifted_radii(*size).max()), x, atol=1e-6)


def test_a_wave_passes_where_its_frequency_is():
    i, j = torch.meshgrid(torch.arange(15.0), torch.arange(15.0), indexing="ij")
    wave = torch.cos(2 * torch.pi * (3 * i + 4 * j) / 15)[None, None]
    assert torch.allclose(low_pass(wave, 5.001), wave, atol=1e-5)
    assert low_pass(wave, 5).abs().max() < 1e-5
    assert torch.allclose(high_pass(wave, 5), wave, atol=1e-5)


def test_images_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match="must have the same shape"):
        swap_frequencies(images(8, 8), images(7, 7), 2)


def test_the_spectrum_of_a_constant_and_of_a_wave():
    constant = np.full((1, 2, 6, 8), 0.5, dtype=np.float32)
    found = log_amplitudes(constant)[0]
    assert found[3, 4] == pytest.approx(np.log(0.5 * 48))
    found[3, 4] = np.log(1e-6)
    assert np.allclose(found, np.log(1e-6))
    wave = np.cos(2 * np.pi * 2 * np.arange(8) / 8)[None, None, None, :].repeat(6, axis=2)
    found = np.exp(log_amplitudes(wave)[0])
    assert found[3, 4 + 2] == pytest.approx(24) and found[3, 4 - 2] == pytest.approx(24)
    assert found.sum() == pytest.approx(48, abs=1e-3)


@pytest.mark.parametrize("size", [(8, 8), (7, 5)])
def test_radial_averages_count_each_frequency_once(size):
    values = np.random.default_rng(0).normal(size=(3, *size))
    radii = shifted_radii(*size)
    found = radial_average(values)
    assert found.shape == (3, largest_radius(*size))
    for ring in range(found.shape[1]):
        chosen = (radii >= ring) & (radii < ring + 1)
        assert np.allclose(found[:, ring], values[:, chosen].mean(1))
