"""Table 2: the attacks' settings by class, in words, beside the paper's."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import CLASS_KEY, STUDY, attack_classes
from workflow_scripts.papers.attack_signatures.settings import RANGE, settings_text
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import MISSING, Column, Key, Row, Table, pool


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a class."""
    rows = []
    for name, attacks in attack_classes(inputs).items():
        keys = {"class": name}
        text = settings_text([inputs.parameters["settings"][attack] for attack in attacks])
        given = published.label(keys, "settings") or MISSING
        rows.append(
            Row({**keys, "settings": text, "published_settings": given}, {"configurations": pool([len(attacks)])})
        )
    return Table(
        study=STUDY,
        number="2",
        title="Attacks",
        caption=inputs.parameters["caption"],
        keys=(
            CLASS_KEY,
            Key("settings", "Settings", wide=True),
            Key("published_settings", "Settings, paper", wide=True),
        ),
        columns=(Column("configurations", "Configurations", 0),),
        rows=rows,
        notes=[RANGE, *inputs.parameters["notes"]],
    )
