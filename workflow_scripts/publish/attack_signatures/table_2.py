"""Table 2: the attacks' settings by class, in words, beside the paper's."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.attack_signatures.rows import CLASS_KEY, STUDY, attack_classes
from workflow_scripts.publish.attack_signatures.settings import RANGE, settings_text
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import MISSING, Column, Key, Row, Table, pool


def table(job: Job, published: PublishedTable) -> Table:
    """One row a class."""
    rows = []
    for name, attacks in attack_classes(job).items():
        keys = {"class": name}
        text = settings_text([job.parameters["settings"][attack] for attack in attacks])
        given = published.label(keys, "settings") or MISSING
        rows.append(
            Row({**keys, "settings": text, "published_settings": given}, {"configurations": pool([len(attacks)])})
        )
    return Table(
        study=STUDY,
        number="2",
        title="Attacks",
        caption=job.parameters["caption"],
        keys=(
            CLASS_KEY,
            Key("settings", "Settings", wide=True),
            Key("published_settings", "Settings, paper", wide=True),
        ),
        columns=(Column("configurations", "Configurations", 0),),
        rows=rows,
        notes=[RANGE, *job.parameters["notes"]],
    )
