"""Distances between saliency profiles beside their controls: at matched loss, and of profiles divided by their mean."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.attack_signatures.classes_and_victims import MISCLASSIFIED, attack_classes
from workflow_scripts.papers.attack_signatures.saliency_samples import pairs_text, raised_deviations_note
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.names import display_name
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

KEYS = (
    Key("victim", "Victim"),
    Key("pair", "Pair"),
    Key("images", "Images"),
    Key("profiles", "Profiles"),
    Key("pairs", "Pairs"),
)
COLUMNS = (
    Column("distance", "Distance", 4),
    Column("permuted", "Swapped, mean", 4),
    Column("excess", "Excess", 3),
    Column("lower", "95% from", 3),
    Column("upper", "to", 3),
    Column("p_value", "p", 4),
)
NOTES = (
    "Excess: distance over its mean under random swaps, minus 1; its interval is that of the swaps, and lies above 0 "
    "where the distance exceeds 97.5% of them. p: share of swaps with at least this distance.",
    "Distances of profiles as measured are in standard deviations of a filter's saliency, of divided ones in mean "
    "saliences. Each image's profile is divided by its own mean.",
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per victim, pair of classes and comparison; the paper has no such table.

    The parameter `misclassified` says whether each attack is compared with the clean images that the victim
    misclassifies, or with the other attacks.
    """
    items = inputs.all(name="saliency")
    rows = [row for item in items for row in rows_of_victim(inputs, item)]
    metrics = items[0].artifact.metrics
    matching = (
        f"Matched loss: pairs of images, one of either class, whose losses differ by a factor of up to "
        f"{metrics['loss_ratio']}; fewer than {metrics['min_pairs']} pairs are too few."
    )
    notes = [*NOTES, matching, raised_deviations_note(items)]
    return paper_table(inputs, "Distances of saliency profiles and their controls", KEYS, COLUMNS, rows, notes)


def rows_of_victim(inputs: Inputs, item: RoleArtifact) -> list[Row]:
    """A victim's rows, all comparisons of a pair one after the other."""
    metrics = item.artifact.metrics
    published = [{**row, "images": "same", "divided": False} for row in metrics["comparisons"]]
    others = {MISCLASSIFIED} if inputs.parameters["misclassified"] else set(attack_classes(inputs))
    found = [
        row
        for row in [*published, *metrics["controls"]]
        if row["first"] in attack_classes(inputs) and row["second"] in others
    ]
    order = [(row["first"], row["second"]) for row in found]
    found.sort(key=lambda row: order.index((row["first"], row["second"])))
    return [_row(row, item.role["victim"], metrics["min_pairs"]) for row in found]


def _row(row: dict, victim: str, min_pairs: int) -> Row:
    least = 2 if row["images"] == "same" else min_pairs
    keys = {
        "victim": victim,
        "pair": f"{display_name(row['first'])} – {display_name(row['second'])}",
        "images": row["images"],
        "profiles": "divided by mean" if row["divided"] else "as measured",
        "pairs": pairs_text(row["pairs"], least),
    }
    excess = dict(zip(("excess", "lower", "upper"), row.get("excess", (None,) * 3), strict=True))
    return Row(keys, {column.key: _cell({**row, **excess}, column.key) for column in COLUMNS})


def _cell(row: dict, key: str) -> Cell:
    return pool([row.get(key)], row["pairs"])
