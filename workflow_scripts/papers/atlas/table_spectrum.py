"""Where in the spectrum perturbations lie, and which low-pass filter undoes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.comparison.fingerprints import BANDS
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.estimates import VALUE_KEY, estimate, interval_rows
from workflow_scripts.papers.atlas.measures import band_shares, means
from workflow_scripts.papers.atlas.pairs import PAIR_KEYS, Pair, all_pairs, pair_keys
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Row, Table

KEYS = (*PAIR_KEYS, VALUE_KEY)
COLUMNS = (
    *(Column(f"band_{band}", f"Band {band}", 4) for band in range(1, BANDS + 1)),
    Column("restored", "Restored", 3),
    Column("radius", "Radius", 3, "of Nyquist"),
)
NOTE = (
    "Bands: shares of the perturbation's energy in rings of equal width around frequency zero, to the spectrum's "
    "corner. Restored: the share of the images that the attack deceives the model on which get the clean prediction "
    "back under some low-pass filter; radius: the mean over those images of the widest such filter's radius."
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Rows by model, attack and perturbation; those of a control are of the same images."""
    rows: list[Row] = []
    for pair in all_pairs(inputs):
        for perturbation in pair.perturbations:
            found = estimate(band_shares(pair, perturbation), pair.weights)
            restored = estimate(restored_and_radius(pair, perturbation), pair.weights[pair.success])
            made = interval_rows(pair_keys(pair, perturbation), COLUMNS[:BANDS], found, "mean")
            more = interval_rows(pair_keys(pair, perturbation), COLUMNS[BANDS:], restored, "mean")
            rows += [Row(a.keys, {**a.cells, **b.cells}) for a, b in zip(made, more, strict=True)]
    return paper_table(inputs, "Spectra of the perturbations", KEYS, COLUMNS, rows, [NOTE])


def restored_and_radius(pair: Pair, perturbation: str):
    """The share of the images deceived by the attack whose clean prediction a filter restores, and its mean radius."""
    radius: NDArray = pair.values(perturbation, "radius")[pair.success]
    return means(np.stack([np.isfinite(radius).astype(np.float64), radius], axis=1))
