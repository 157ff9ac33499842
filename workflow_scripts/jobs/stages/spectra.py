"""Average log-amplitude spectra of attacked images and of what the attack made of them (Figure 2)."""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.spectrum.amplitude import log_amplitudes, radial_average
from workflow_scripts.inputs.pairs import read_pairs
from workflow_scripts.jobs.job import Job

BATCH = 100
KINDS = ("natural", "adversarial")


def realise(job: Job) -> dict:
    """Write spectra.npz: for natural and adversarial images the mean map (H, W) of ln |FFT| and rings (N, R).

    Images that were not attacked are left out, and of the others the first `images` are taken.
    """
    pairs = read_pairs(job.one(name="images"), job.one(name="dataset"))
    rows = np.flatnonzero(~pairs.columns["skipped"])[: job.parameters["images"]]
    if not len(rows):
        raise ValueError("no image of the set was attacked: the model is wrong about all of them")
    sums = {kind: 0.0 for kind in KINDS}
    ringed: dict[str, list] = {kind: [] for kind in KINDS}
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        for kind, images in zip(KINDS, (pairs.natural(part), pairs.adversarial(part)), strict=True):
            found = log_amplitudes(images)
            sums[kind] = sums[kind] + found.sum(0)
            ringed[kind].append(radial_average(found))
    arrays = {kind: sums[kind] / len(rows) for kind in KINDS}
    arrays |= {f"{kind}_rings": np.concatenate(ringed[kind]) for kind in KINDS}
    np.savez(job.out / "spectra.npz", index=pairs.columns["index"][rows], **arrays)
    return {"images": len(rows)}
