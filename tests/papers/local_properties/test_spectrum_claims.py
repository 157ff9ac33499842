"""Claims about spectra weigh frequencies once each, or by their energy, and never rings."""

import numpy as np
import pytest

from tests.papers.local_properties.made_up_measurements import Study
from workflow_scripts.analysis.spectrum.amplitude import radial_average, radial_energy, ring_sizes
from workflow_scripts.papers.local_properties.spectrum_statistics import (
    amplitude_surplus,
    amplitude_surplus_differs,
    amplitude_surplus_is_high,
)

SIDE, IMAGES = 32, 30


@pytest.fixture
def corners(tmp_path):
    """Images whose amplitudes grow fivefold beyond the Nyquist frequency, in the corners, and shrink elsewhere."""
    made, rng = Study(tmp_path), np.random.default_rng(2)
    rows, columns = np.abs(np.fft.fftfreq(SIDE, 1 / SIDE))[:, None], np.abs(np.fft.fftfreq(SIDE, 1 / SIDE))
    factor = np.where(np.hypot(rows, columns) >= 17, 5.0, 0.95)
    made.add({"name": "dataset"}, {"classes": 10, "image_size": SIDE})
    natural = rng.normal(size=(IMAGES, 1, SIDE, SIDE))
    adversarial = np.fft.ifft2(np.fft.fft2(natural) * factor).real
    adversarial += 1e-3 * rng.normal(size=natural.shape)
    arrays = {"index": np.arange(IMAGES), "ring_sizes": ring_sizes(SIDE, SIDE)}
    for kind, images in (("natural", natural), ("adversarial", adversarial)):
        spectrum = np.fft.fftshift(np.log(np.abs(np.fft.fft2(images))).mean(1), axes=(-2, -1))
        arrays |= {f"{kind}_radial": radial_average(spectrum), f"{kind}_energy": radial_energy(images)}
    np.savez(made.add({"name": "spectra", "model": "standard"}) / "spectra.npz", **arrays)
    half = {**arrays, "adversarial_radial": (arrays["natural_radial"] + arrays["adversarial_radial"]) / 2}
    half["adversarial_energy"] = np.sqrt(arrays["natural_energy"] * arrays["adversarial_energy"])
    np.savez(made.add({"name": "spectra", "model": "robust"}) / "spectra.npz", **half)
    return made.job(), natural, adversarial


def test_a_ring_counts_by_its_number_of_frequencies(corners):
    """Seven of the fifteen rings above half of the Nyquist frequency lie in the corners, with few frequencies each."""
    job, natural, adversarial = corners
    ratio = np.log(np.abs(np.fft.fft2(adversarial))) - np.log(np.abs(np.fft.fft2(natural)))
    frequencies = np.fft.fftfreq(SIDE, 1 / SIDE)
    high = np.hypot(frequencies[:, None], frequencies) >= 8
    found = amplitude_surplus(job, "standard", "1/2", "coefficients")
    assert found.effect == pytest.approx(ratio[:, 0, high].mean())
    with np.load(job.one(name="spectra", model="standard").file("spectra.npz")) as content:
        by_ring = (content["adversarial_radial"] - content["natural_radial"])[:, 8:].mean()
    assert by_ring > 1.8 * found.effect, "rings that count alike overstate the corners"


def test_energy_is_summed_before_it_is_compared(corners):
    job, natural, adversarial = corners
    frequencies = np.fft.fftfreq(SIDE, 1 / SIDE)
    radius = np.hypot(frequencies[:, None], frequencies)
    energies = [(np.abs(np.fft.fft2(images[:, 0])) ** 2) for images in (natural, adversarial)]
    high, low = (
        np.log(energies[1][:, part].sum(1) / energies[0][:, part].sum(1)) / 2
        for part in (radius >= 8, (radius >= 1) & (radius < 8))
    )
    assert amplitude_surplus(job, "standard", "1/2", "energy").effect == pytest.approx(high.mean())
    found = amplitude_surplus_is_high(job, "standard", "1/2", "energy")
    assert found.effect == pytest.approx((high - low).mean()) and found.verdict == "supported"


@pytest.mark.parametrize("weighting", ["coefficients", "energy"])
def test_models_are_compared_on_the_same_images(corners, weighting):
    found = amplitude_surplus_differs(corners[0], "1/2", weighting)
    assert found.samples == IMAGES and found.lower > 0
    with pytest.raises(ValueError, match="weighting"):
        amplitude_surplus_differs(corners[0], "1/2", "rings")


def test_rings_hold_every_frequency_once():
    assert ring_sizes(32, 32).sum() == 1024 and list(ring_sizes(4, 4)) == [1, 8, 7]
    images = np.random.default_rng(0).normal(size=(2, 3, 6, 7))
    energy = radial_energy(images)
    assert np.allclose(energy.sum(1), 6 * 7 * (images**2).mean(1).sum((1, 2))), "Parseval"
    assert np.allclose(energy[:, 0], (images.sum((2, 3)) ** 2).mean(1))
