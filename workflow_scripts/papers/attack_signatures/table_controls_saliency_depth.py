"""Depth of the salient filters beside its controls: images before the attack, and images misclassified without one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.saliency.matching import match_losses
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.attack_signatures.classes_and_victims import (
    CLASS_KEY,
    CLEAN,
    MISCLASSIFIED,
    attack_classes,
    image_numbers,
)
from workflow_scripts.papers.attack_signatures.saliency_samples import (
    common_images,
    pairs_text,
    raised_deviations_note,
    read_samples,
)
from workflow_scripts.papers.bootstrap import Evidence, bootstrap, not_measured
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table

KEYS = (Key("victim", "Victim"), CLASS_KEY, Key("pairs", "Matched pairs"))
COLUMNS = (
    Column("clean", "Minus clean", 4),
    Column("clean_lower", "95% from", 4),
    Column("clean_upper", "to", 4),
    Column("misclassified", "Minus misclassified clean", 4),
    Column("misclassified_lower", "95% from", 4),
    Column("misclassified_upper", "to", 4),
)
NOTE = "Intervals are percentile bootstraps over images, in one training of each victim."


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per victim and class of attack; the paper has no such table."""
    items = inputs.all(name="saliency")
    rows = []
    for item in items:
        for name in attack_classes(inputs):
            clean, (matched, pairs) = minus_clean(inputs, item, name), minus_misclassified(inputs, item, name)
            keys = {
                "victim": item.role["victim"],
                "class": name,
                "pairs": pairs_text(pairs, item.artifact.metrics["min_pairs"]),
            }
            rows.append(Row(keys, {**_cells("clean", clean), **_cells("misclassified", matched, pairs)}))
    metrics = items[0].artifact.metrics
    matching = (
        f"Matched pairs: an attacked and a misclassified clean image whose losses differ by a factor of up to "
        f"{metrics['loss_ratio']}; fewer than {metrics['min_pairs']} are too few."
    )
    notes = [NOTE, matching, raised_deviations_note(items)]
    return paper_table(inputs, "Depth of the salient filters and its controls", KEYS, COLUMNS, rows, notes)


def minus_clean(inputs: Inputs, item: RoleArtifact, name: str) -> Evidence:
    """The depth centroid under an attack minus that of the same images before it."""
    common = common_images(inputs, item, "depth", [name, CLEAN])
    if common is None:
        return not_measured("fewer than two images")
    attacked, clean = common.groups
    return _mean(attacked - clean, common.images)


def minus_misclassified(inputs: Inputs, item: RoleArtifact, name: str) -> tuple[Evidence, int]:
    """The depth centroid under an attack minus that of misclassified clean images of the same loss; number of pairs."""
    samples, metrics = read_samples(item), item.artifact.metrics
    a, b = match_losses(samples[f"{name}_loss"], samples[f"{MISCLASSIFIED}_loss"], metrics["loss_ratio"])
    if len(a) < metrics["min_pairs"]:
        return not_measured("too few pairs"), len(a)
    difference = samples[f"{name}_depth"][a] - samples[f"{MISCLASSIFIED}_depth"][b]
    return _mean(difference, image_numbers(inputs, item.role["dataset"], samples[f"{name}_index"][a])), len(a)


def _mean(difference: NDArray, images: NDArray) -> Evidence:
    return bootstrap([[difference]], np.mean, images=[[images]])


def _cells(name: str, evidence: Evidence, pairs: int | None = None) -> dict[str, Cell]:
    values = {name: evidence.effect, f"{name}_lower": evidence.lower, f"{name}_upper": evidence.upper}
    samples = evidence.samples if pairs is None else pairs
    return {key: Cell(value, None, evidence.seeds, samples) for key, value in values.items()}
