"""Response differences of attacks beside those of their controls: Tables 1 to 5 without what size alone does."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, bootstrap, image_keys
from workflow_scripts.papers.control_measurements import controls_measured
from workflow_scripts.papers.local_properties.response_difference_statistics import log_ratio
from workflow_scripts.papers.local_properties.response_differences import MEASURES, load_response_differences
from workflow_scripts.papers.local_properties.response_differences_table import LAYER_NAMES
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table
from workflow_scripts.store.artifact import Artifact

KEYS = (
    Key("attack", "Attack"),
    Key("victim", "Made against"),
    Key("model", "Measured in"),
    Key("control", "Control"),
    Key("measure", "Difference"),
    Key("value", "Value"),
)
VALUES = ("attack / control", "95% from", "to")


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Rows by set, measured model, control and measure: the ratio of the mean differences by layer, with its interval.

    The ratio is over the images that the attack started from, and pooled over training seeds.
    """
    rows, layers = [], ()
    for keys, pairs in compared(inputs).items():
        loaded = [tuple(load_response_differences(each) for each in pair) for pair in pairs]
        layers = loaded[0][0].layers
        for measure in MEASURES:
            ratios = [ratio(loaded, measure, place) for place in range(len(layers))]
            for value, part in zip(VALUES, ("effect", "lower", "upper"), strict=True):
                cells = {layer: _cell(getattr(each, part), each) for layer, each in zip(layers, ratios, strict=True)}
                rows.append(Row({**dict(keys), "measure": measure, "value": value}, cells))
    columns = [Column(layer, LAYER_NAMES.get(layer, layer), 3) for layer in layers]
    return paper_table(inputs, "Response differences beside their controls", KEYS, columns, rows)


def compared(inputs: Inputs) -> dict[tuple, list[tuple[Artifact, Artifact]]]:
    """Attack, victim, model and control → each training seed's differences under the attack and under the control."""
    found: dict[tuple, list[tuple[Artifact, Artifact]]] = {}
    for item in inputs.all(name="responses"):
        role = item.role
        for kind, control in controls_measured(inputs, role).items():
            names = {**{key: role[key] for key in ("attack", "victim", "model")}, "control": kind}
            found.setdefault(tuple(names.items()), []).append((item.artifact, control))
    return found


def ratio(pairs: list, measure: str, layer: int) -> Evidence:
    """The ratio of the mean differences of an attack and of its control in one layer, on the same images."""
    groups, images = [], []
    for attack, control in pairs:
        if not np.array_equal(attack.index, control.index):
            raise ValueError("an attack and its control come from different images")
        groups.append([each.measure(measure)[attack.attacked, layer] for each in (attack, control)])
        images.append([image_keys(attack.index[attack.attacked])] * 2)
    return bootstrap(
        groups, lambda a, b: float(np.exp(log_ratio(a[:, None], b[:, None])[0])), paired=True, images=images
    )


def _cell(value: float | None, evidence: Evidence) -> Cell:
    return Cell(value, None, 0 if value is None else evidence.seeds, evidence.samples)
