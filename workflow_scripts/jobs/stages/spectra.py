"""Average log-amplitude spectra of attacked images, before and after the attack (local_properties paper, Figure 2).

spectra.npz: index (n,), the images' positions in the split; natural, adversarial (H, W) float64, the means over images
and channels of ln |FFT|, frequency zero in the centre; natural_radial, adversarial_radial (n, R), per image the average
of ln |FFT| over the frequencies at distance [r, r + 1), in cycles per image; natural_energy, adversarial_energy (n, R),
the sum of |FFT|² over them, averaged over channels; ring_sizes (R,), their number.
"""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.spectrum.amplitude import log_amplitudes, radial_average, radial_energy, ring_sizes
from workflow_scripts.inputs.pairs import load_pairs
from workflow_scripts.jobs.job import Job

BATCH = 100
"""Pairs in memory at once."""
KINDS = ("natural", "adversarial")


def realise(job: Job) -> dict:
    """Measure the first `images` of the images that were attacked; return their number."""
    pairs = load_pairs(job)
    rows = np.flatnonzero(~pairs.columns["skipped"])[: job.parameters["images"]]
    if not len(rows):
        raise ValueError("no image of the set was attacked: the model misclassifies all of them")
    sums = {kind: 0.0 for kind in KINDS}
    rings: dict[str, list] = {f"{kind}_{what}": [] for kind in KINDS for what in ("radial", "energy")}
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        for kind, images in zip(KINDS, (pairs.natural(part), pairs.adversarial(part)), strict=True):
            amplitudes = log_amplitudes(images)
            sums[kind] = sums[kind] + amplitudes.sum(0)
            rings[f"{kind}_radial"].append(radial_average(amplitudes))
            rings[f"{kind}_energy"].append(radial_energy(images))
    arrays = {kind: sums[kind] / len(rows) for kind in KINDS}
    arrays |= {name: np.concatenate(parts) for name, parts in rings.items()}
    sizes = ring_sizes(*pairs.images.shape[-2:])
    np.savez(job.out / "spectra.npz", index=pairs.columns["index"][rows], ring_sizes=sizes, **arrays)
    return {"images": len(rows)}
