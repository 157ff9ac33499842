"""How many of the most salient pixels two attacks have in common, beside the clean images and chance (Figures 6, 7)."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import all_classes
from workflow_scripts.papers.attack_signatures.similarity_statistics import region_overlaps
from workflow_scripts.papers.bootstrap import bootstrap
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.names import display_name
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table

KEYS = (Key("victim", "Victim"), Key("pair", "Pair"))
COLUMNS = (Column("overlap", "In common", 1, "%"), Column("lower", "95% from", 1), Column("upper", "to", 1))


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per victim and pair of classes; the paper has no such table."""
    rows = []
    for item in inputs.all(name="input_saliency"):
        for pair, shares, images in region_overlaps(inputs, item, all_classes(inputs)):
            found = bootstrap([[100 * shares]], np.mean, images=[[images]])
            values = {"overlap": found.effect, "lower": found.lower, "upper": found.upper}
            cells = {key: Cell(value, None, found.seeds, len(shares)) for key, value in values.items()}
            rows.append(Row({"victim": item.role["victim"], "pair": " – ".join(map(display_name, pair))}, cells))
    region = inputs.all(name="input_saliency")[0].artifact.metrics["region"]
    note = (
        f"The share of the most salient {region:.0%} of pixels that both maps of an image have, over the images that "
        f"the attacks turned; by chance {region:.0%}. Intervals are percentile bootstraps over images, in one training."
    )
    return paper_table(inputs, "Salient pixels in common", KEYS, COLUMNS, rows, [note])
