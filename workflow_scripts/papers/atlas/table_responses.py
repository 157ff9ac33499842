"""Local response differences of attacks over those of their controls, by relative depth."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.estimates import VALUE_KEY, depth_columns, estimate, interval_rows
from workflow_scripts.papers.atlas.measures import response_ratio
from workflow_scripts.papers.atlas.pairs import ATTACK_KEY, MODEL_KEY, all_pairs
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Key, Table

KEYS = (MODEL_KEY, ATTACK_KEY, Key("control", "Control"), Key("measure", "Difference"), VALUE_KEY)
COLUMNS = depth_columns(3)
MEASURES = ("maximum", "total")


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Rows by model, attack, control and measure: the ratio of the mean differences on the same images."""
    rows = []
    for pair in all_pairs(inputs):
        for control in pair.controls:
            for measure in MEASURES:
                found = estimate(response_ratio(pair, control, measure), pair.weights)
                keys = {"model": pair.model, "attack": pair.attack, "control": control, "measure": measure}
                rows += interval_rows(keys, COLUMNS, found, "attack / control")
    return paper_table(inputs, "Response differences beside their controls", KEYS, COLUMNS, rows)
