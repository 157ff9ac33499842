"""Position of the salient filters along the layers of a victim, and how salient they are, by class."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import CLASS_KEY, all_classes
from workflow_scripts.papers.attack_signatures.saliency_samples import raised_deviations_note, read_samples
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per victim and class; the paper has no such table."""
    rows, items = [], inputs.all(name="saliency")
    for item in items:
        samples = read_samples(item)
        for name in all_classes(inputs):
            count = len(samples[f"{name}_index"])
            means = {key: float(samples[f"{name}_{key}"].mean()) if count else None for key in ("salience", "depth")}
            cells = {key: pool([value], count) for key, value in means.items()}
            rows.append(Row({"victim": item.role["victim"], "class": name}, cells))
    columns = (Column("salience", "Mean salience", 3, "σ"), Column("depth", "Depth centroid", 4))
    keys, notes = (Key("victim", "Victim"), CLASS_KEY), [raised_deviations_note(items)]
    return paper_table(inputs, "Depth of the salient filters", keys, columns, rows, notes)
