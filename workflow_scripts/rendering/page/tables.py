"""What the page takes from the files of a table: its HTML, and the verdicts of the findings."""

from __future__ import annotations

import csv
import html
import io

from workflow_scripts.rendering.page.contents import Claim
from workflow_scripts.rendering.table import MISSING

CONTROL, BEYOND = "control", "beyond"
"""The columns of a table `survival` that stand beside the verdict as published; its rows are named by `finding`."""
_HEADING, _HEADING_END = "<h1>", "</h1>"
_SOURCES = "<details>"


def table_part(page: str) -> tuple[str, str]:
    """The title, as text and without the table's number and study, and the table with its notes, as HTML.

    page: what `rendering.html.html_text` makes, in which every text is escaped. The list of sources is left out.
    """
    before, _, rest = page.partition(_HEADING)
    heading, found, body = rest.partition(_HEADING_END)
    if not found:
        raise ValueError("the page of a table has no heading")
    _, colon, title = html.unescape(heading).partition(": ")
    part = body.partition(_SOURCES)[0].partition("</body>")[0]
    return (title if colon else html.unescape(heading)).rpartition(" (")[0], part.strip()


def claims_of(study: str, findings: str, survival: str = "") -> list[Claim]:
    """The claims of a study, from the CSV of its table `findings`, and of its table `survival` where there is one."""
    controlled = {row["finding"]: (row[BEYOND], row[CONTROL]) for row in csv.DictReader(io.StringIO(survival))}
    return [
        Claim(
            study,
            row["finding"],
            row["claim"],
            short_number(row["effect"]),
            f"{short_number(row['lower'])} … {short_number(row['upper'])}" if row["lower"] else MISSING,
            row["verdict"],
            *controlled.get(row["finding"], ("", "")),
        )
        for row in csv.DictReader(io.StringIO(findings))
    ]


def short_number(text: str) -> str:
    """A number of a CSV for print, with four significant digits and a true minus; an en dash for none."""
    return f"{float(text):.4g}".replace("-", "−") if text else MISSING
