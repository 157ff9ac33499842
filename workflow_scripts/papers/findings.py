"""The findings table: every claim that a paper states in words, and what was measured of it.

`config/findings/<study>.yaml` is a list of claims. Each names a function of `publish/<study>/statistics.py`, which is
called with the job and the claim's `arguments` and returns `Evidence` whose effect is positive where it speaks for
the claim.
"""

from __future__ import annotations

import json
from types import ModuleType

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.evidence import Evidence
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table

KEYS = (
    Key("finding", "Finding"),
    Key("claim", "The paper's claim", wide=True),
    Key("statistic", "Effect measured", wide=True),
    Key("verdict", "Verdict"),
)
COLUMNS = (Column("effect", "Effect", 4), Column("lower", "95% from", 4), Column("upper", "to", 4))


def findings_table(inputs: Inputs, statistics: ModuleType) -> Table:
    """One row a claim, in the file's order; `claims` in the job's parameters is the file's content as JSON."""
    rows, notes = [], list(inputs.parameters["notes"])
    for claim in json.loads(inputs.parameters["claims"]):
        evidence: Evidence = getattr(statistics, claim["statistic"])(inputs, **claim.get("arguments", {}))
        keys = {
            "finding": claim["finding"],
            "claim": f"{claim['claim']} ({claim['source']})",
            "statistic": claim["effect"],
            "verdict": evidence.verdict,
        }
        rows.append(Row(keys, _cells(evidence, claim.get("published"))))
        if evidence.note:
            notes.append(f"{claim['finding']}: {evidence.note}.")
    return Table(
        study=inputs.parameters["study"],
        number="findings",
        title="Findings",
        caption=inputs.parameters["caption"],
        keys=KEYS,
        columns=COLUMNS,
        rows=rows,
        notes=notes,
    )


def _cells(evidence: Evidence, published: float | None) -> dict[str, Cell]:
    cells = {}
    for name in ("effect", "lower", "upper"):
        value = getattr(evidence, name)
        given = published if name == "effect" else None
        seeds = evidence.seeds if value is not None else 0
        cells[name] = Cell(mean=value, seeds=seeds, samples=evidence.samples, published=given)
    return cells
