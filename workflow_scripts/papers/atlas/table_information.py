"""How far attacks and their controls move information paths, by relative depth."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.estimates import VALUE_KEY, depth_columns, estimate, interval_rows
from workflow_scripts.papers.atlas.measures import ESTIMATORS, PATHS, information_shift
from workflow_scripts.papers.atlas.pairs import PAIR_KEYS, all_pairs, pair_keys
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Key, Table

KEYS = (*PAIR_KEYS, Key("path", "Path"), Key("estimator", "Estimator"), VALUE_KEY)
COLUMNS = depth_columns(4)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Rows by model, attack, perturbation, path and estimator: the shift from the clean images, with its interval.

    "plug-in": mutual information as the paper estimates it; "beyond chance": without what maps share by chance.
    """
    rows = []
    for pair in all_pairs(inputs):
        for perturbation in pair.perturbations:
            for path in PATHS:
                for estimator in ESTIMATORS:
                    found = estimate(information_shift(pair, path, perturbation, estimator), pair.weights)
                    keys = {**pair_keys(pair, perturbation), "path": path.upper(), "estimator": estimator}
                    rows += interval_rows(keys, COLUMNS, found, "shift (nats)")
    return paper_table(inputs, "Shifts of information paths", KEYS, COLUMNS, rows)
