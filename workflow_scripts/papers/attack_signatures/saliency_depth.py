"""Where along a victim the salient filters lie, and how salient they are, for clean images and every attack."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import CLASS_KEY, STUDY, classes_of, only_dataset
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a victim and class; nothing is `published`."""
    rows = []
    for item in inputs.all(measured="saliency"):
        with np.load(item.artifact.file("samples.npz")) as content:
            samples = dict(content)
        for name in classes_of(inputs):
            count = len(samples[f"{name}_index"])
            means = {key: float(samples[f"{name}_{key}"].mean()) if count else None for key in ("salience", "depth")}
            cells = {key: pool([value], count) for key, value in means.items()}
            rows.append(Row({"victim": item.role["victim"], "class": name}, cells))
    return Table(
        study=STUDY,
        number=f"saliency_depth_{only_dataset(inputs)}",
        title="Depth of the salient filters",
        caption=inputs.parameters["caption"],
        keys=(Key("victim", "Victim"), CLASS_KEY),
        columns=(Column("salience", "Mean salience", 3, "σ"), Column("depth", "Centre of depth", 4)),
        rows=rows,
        notes=inputs.parameters["notes"],
    )
