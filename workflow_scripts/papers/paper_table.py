"""A table of one of the papers, from its renderer's inputs."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.rendering.table import Column, Key, Row, Table


def paper_table(
    inputs: Inputs,
    title: str,
    keys: Sequence[Key],
    columns: Sequence[Column],
    rows: Sequence[Row],
    notes: Sequence[str] = (),
) -> Table:
    """The table whose study, public name, caption and general notes are the recipe's; `notes` are added to those.

    Where the recipe says which entries of the configuration play the paper's roles, rows are named by the entries.
    """
    parameters = inputs.parameters
    entries = {role: entry for entry, role in parameters.get("roles", {}).items()}
    return Table(
        study=parameters["study"],
        number=parameters["name"].removeprefix("table_"),
        title=title,
        caption=parameters["caption"],
        keys=keys,
        columns=columns,
        rows=[
            Row({key: entries.get(text, text) for key, text in row.keys.items()}, row.cells) if entries else row
            for row in rows
        ],
        notes=[*parameters["notes"], *notes],
    )
