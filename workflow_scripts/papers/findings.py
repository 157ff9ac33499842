"""The findings table: every claim that a paper makes in words, and what was measured.

`config/findings/<study>.yaml` is a list of claims. Each names a statistic, a function that is called with the table's
inputs and the claim's `arguments` and returns `Evidence` whose effect is positive where it supports the claim. The
statistics of a study are listed in `papers/<study>/findings.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table

KEYS = (
    Key("finding", "Finding"),
    Key("claim", "The paper's claim", wide=True),
    Key("statistic", "Effect measured", wide=True),
    Key("verdict", "Verdict", verdict=True),
    Key("resampled", "Interval over", verdict=True),
)
COLUMNS = (Column("effect", "Effect", 4), Column("lower", "95% from", 4), Column("upper", "to", 4))
Statistic = Callable[..., Evidence]


def findings_renderer(*statistics: Statistic) -> Callable[[Inputs, PublishedTable], Table]:
    """The renderer of a study's findings table, whose claims may name these statistics."""
    by_name = {statistic.__name__: statistic for statistic in statistics}

    def table(inputs: Inputs, published: PublishedTable) -> Table:
        """One row per claim, in the file's order; the published effects are part of the claims."""
        return findings_table(inputs, by_name)

    return table


def findings_table(inputs: Inputs, statistics: dict[str, Statistic]) -> Table:
    """Measure every claim; `claims` in the recipe's parameters is the content of the claims' file as JSON.

    Raises LookupError for a claim whose statistic is not one of the study's.
    """
    rows, notes = [], []
    for claim in json.loads(inputs.parameters["claims"]):
        if claim["statistic"] not in statistics:
            raise LookupError(
                f"finding {claim['finding']}: there is no statistic {claim['statistic']!r}; "
                f"known are {', '.join(sorted(statistics))}"
            )
        evidence = statistics[claim["statistic"]](inputs, **claim.get("arguments", {}))
        keys = {
            "finding": claim["finding"],
            "claim": f"{claim['claim']} ({claim['source']})",
            "statistic": claim["effect"],
            "verdict": evidence.verdict,
            "resampled": evidence.resampled,
        }
        rows.append(Row(keys, _cells(evidence, claim.get("published"))))
        if evidence.note:
            notes.append(f"{claim['finding']}: {evidence.note}.")
    return paper_table(inputs, "Findings", KEYS, COLUMNS, rows, notes)


def _cells(evidence: Evidence, published: float | None) -> dict[str, Cell]:
    cells = {}
    for name in ("effect", "lower", "upper"):
        value = getattr(evidence, name)
        seeds = evidence.seeds if value is not None else 0
        cells[name] = Cell(value, None, seeds, evidence.samples, published if name == "effect" else None)
    return cells
