"""The 48 numbers of each attack on each model, with their intervals and noise, beside those of a control."""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.comparison.depths import relative_depths
from workflow_scripts.analysis.comparison.fingerprints import BLOCKS, fingerprint
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.all_fingerprints import all_fingerprints
from workflow_scripts.papers.atlas.estimates import cell, percentiles
from workflow_scripts.papers.atlas.measures import fingerprint_measures
from workflow_scripts.papers.atlas.pairs import ATTACK_KEY, MODEL_KEY, all_pairs
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table

KEYS = (MODEL_KEY, ATTACK_KEY, Key("block", "Block"), Key("place", "At"))
COLUMNS = (
    Column("value", "Value", 4, optional=True),
    Column("lower", "95% from", 4, optional=True),
    Column("upper", "to", 4, optional=True),
    Column("control", "Control", 4, optional=True),
    Column("deviation", "Split-half deviation", 5, optional=True),
    Column("scaled", "In deviations", 2, optional=True),
)
NOTE = (
    "IIP, OIP: shift beyond chance (nats); responses: ln of the ratio to the control; saliency: shift of the depth's "
    "share; energy: share of the radial band. Deviation: of the value over random halves of the images; in deviations: "
    "over its root mean square of all models and attacks."
)
BLOCK_NAMES = {"iip": "IIP", "oip": "OIP", "responses": "responses", "saliency": "saliency", "energy": "energy"}


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per model, attack and number."""
    found = all_fingerprints(all_pairs(inputs))
    rows = []
    for number, pair in enumerate(found.pairs):
        lower, upper = percentiles(fingerprint(fingerprint_measures(pair), pair.weights))
        values = {"value": found.raw[number], "lower": lower, "upper": upper}
        values |= {"deviation": found.deviations[number], "scaled": found.scaled[number]}
        control = fingerprint(fingerprint_measures(pair, pair.controls[0])) if pair.controls else np.full(48, np.nan)
        values["control"] = control
        for place, (block, at) in enumerate(number_names()):
            cells = {column.key: cell(values[column.key][place], len(pair.rows)) for column in COLUMNS}
            rows.append(Row({"model": pair.model, "attack": pair.attack, "block": block, "place": at}, cells))
    notes = [NOTE, *found.notes()]
    if inputs.parameters["controls"]:
        notes.append(f"Control: {inputs.parameters['controls'][0]}.")
    return paper_table(inputs, "Fingerprints", KEYS, COLUMNS, rows, notes)


def number_names() -> list[tuple[str, str]]:
    """Block and place (a relative depth in percent, or a band) of the numbers of a fingerprint."""
    names = []
    for block, places in BLOCKS.items():
        count = places.stop - places.start
        if block == "energy":
            at = [f"band {band}" for band in range(1, count + 1)]
        else:
            at = [f"{100 * depth:.0f}%" for depth in relative_depths(count)]
        names += [(BLOCK_NAMES[block], each) for each in at]
    return names
