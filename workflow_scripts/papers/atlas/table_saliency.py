"""Where along a model the salient filters are, on clean, attacked and control images."""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.saliency.profiles import depth_centroid
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.estimates import VALUE_KEY, estimate, interval_rows
from workflow_scripts.papers.atlas.measures import means
from workflow_scripts.papers.atlas.pairs import CLEAN, PAIR_KEYS, all_pairs, pair_keys
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Table

KEYS = (*PAIR_KEYS, VALUE_KEY)
COLUMNS = (
    Column("clean", "Clean centre", 4),
    Column("centre", "Centre", 4),
    Column("shift", "Shift", 4),
    Column("salience", "Mean salience", 3, "σ"),
)
NOTE = "Centre: mean depth of the saliency, 0 for the first convolution and 1 for the last."


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Rows by model, attack and perturbation: centres of depth, their shift from the clean images', and salience."""
    rows = []
    for pair in all_pairs(inputs):
        clean = depth_centroid(pair.values(CLEAN, "salience"))
        for perturbation in pair.perturbations:
            salience = pair.values(perturbation, "salience")
            centre = depth_centroid(salience)
            values = np.stack([clean, centre, centre - clean, salience.mean(1)], axis=1)
            found = estimate(means(values), pair.weights)
            rows += interval_rows(pair_keys(pair, perturbation), COLUMNS, found, "mean")
    return paper_table(inputs, "Depth of the salient filters", KEYS, COLUMNS, rows, [NOTE])
