"""What Tables 3 and 5 share: the share of each class that recognisers recognise."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import (
    CLASS_KEY,
    TOTAL,
    all_classes,
    only_dataset,
    published_value,
)
from workflow_scripts.papers.attack_signatures.percentages import percent
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Row, Table, pool


def recognition_table(inputs: Inputs, published: PublishedTable, recognisers: Mapping[str, str], title: str) -> Table:
    """One row per class and one for the total; one column per recogniser (its name → the column's header)."""
    dataset = only_dataset(inputs)
    rows = []
    for position, name in enumerate([*all_classes(inputs), TOTAL]):
        cells = {}
        for recogniser in recognisers:
            evaluations = inputs.all(name="recogniser_evaluation", recogniser=recogniser)
            metrics = [item.artifact.metrics for item in evaluations]
            shares = [m["total"] if name == TOTAL else m["recalls"][position] for m in metrics]
            counts = [
                sum(map(sum, m["confusion"])) if name == TOTAL else sum(m["confusion"][position]) for m in metrics
            ]
            value = published_value(inputs, published, recogniser, dataset, **{"class": name})
            cells[recogniser] = pool(percent(shares), sum(counts), value)
        rows.append(Row({"class": name}, cells))
    columns = [Column(recogniser, header, 1, "%") for recogniser, header in recognisers.items()]
    return paper_table(inputs, title, (CLASS_KEY,), columns, rows, feature_loss_notes(inputs))


def feature_loss_notes(inputs: Inputs) -> list[str]:
    """Which images are counted, and which features the feature loss compares."""
    notes = ["Images that a victim misclassifies before the attack show no attack and are left out."]
    trained = [item.artifact.metrics for item in inputs.all(name="recogniser")]
    if trained and trained[0]["perception"]:
        layers = sorted(set(trained[0]["victims_layers"]))
        where = f" ({', '.join(layers)})" if layers else ""
        notes.append(f"Features of the feature loss: {trained[0]['perception']}{where}.")
    return notes
