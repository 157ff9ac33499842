"""Table 4: accuracy of every victim before and after the reconstructor, by class."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import (
    CLASS_KEY,
    STUDY,
    classes_of,
    only_dataset,
    paper_value,
    victims_of,
)
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a victim and class, over all its configurations; every test image counts."""
    dataset = only_dataset(inputs)
    made = [item.artifact.metrics["groups"] for item in inputs.all(recogniser="redrl")]
    rows = []
    for number, victim in enumerate(victims_of(inputs)[dataset]):
        for name in classes_of(inputs):
            own = [[g for g in groups if (g["victim"], g["class"]) == (number, name)] for groups in made]
            cells = {}
            for column in ("before", "after"):
                shares = [
                    100 * sum(g["images"] * g[f"accuracy_{column}"] for g in groups) / sum(g["images"] for g in groups)
                    for groups in own
                ]
                given = paper_value(inputs, published, column, dataset, architecture=victim, **{"class": name})
                cells[column] = pool(shares, sum(g["images"] for groups in own for g in groups), given)
            rows.append(Row({"victim": victim, "class": name}, cells))
    return Table(
        study=STUDY,
        number=f"4_{dataset}",
        title="Accuracy before and after reconstruction",
        caption=inputs.parameters["caption"],
        keys=(Key("victim", "Victim"), CLASS_KEY),
        columns=(Column("before", "I", 1, "%"), Column("after", "G(I)", 1, "%")),
        rows=rows,
        notes=[*inputs.parameters["notes"], "I: the images as they come; G(I): after the reconstructor."],
    )
