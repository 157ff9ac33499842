"""Table 2: the attacks' settings by class, beside the paper's."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.attack_settings import RANGE_NOTE, settings_text
from workflow_scripts.papers.attack_signatures.classes_and_victims import CLASS_KEY, attack_classes
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import MISSING, Column, Key, Row, Table, pool

KEYS = (CLASS_KEY, Key("settings", "Settings", wide=True), Key("published_settings", "Settings, paper", wide=True))


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per class."""
    rows = []
    for name, attacks in attack_classes(inputs).items():
        keys = {
            "class": name,
            "settings": settings_text([inputs.parameters["settings"][attack] for attack in attacks]),
            "published_settings": published.label({"class": name}, "settings") or MISSING,
        }
        rows.append(Row(keys, {"configurations": pool([len(attacks)])}))
    columns = (Column("configurations", "Configurations", 0),)
    return paper_table(inputs, "Attacks", KEYS, columns, rows, [RANGE_NOTE])
