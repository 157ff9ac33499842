"""What a run says at its end: what was published, where to look, and the findings' verdicts."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence

from workflow_scripts.publication.records import Publication

_FEW = 3
"""So many publications are named; more are counted."""


def outcome(publications: Sequence[Publication]) -> list[str]:
    """Lines about the publications that a finished run was asked for."""
    if len(publications) <= _FEW:
        return [*map(public_name, publications), *verdicts(publications)]
    counts = Counter(p.folder for p in publications)
    numbered = ((counts[folder], folder) for folder in ("tables", "figures") if counts[folder])
    made = " and ".join(f"{count} {folder if count > 1 else folder[:-1]}" for count, folder in numbered)
    pages = [file for publication in publications if publication.is_page for file in publication.files()]
    places = pages + [f"results/{folder}" for folder in ("tables", "figures") if counts[folder]]
    return [f"{made}: look at {', '.join(places)}", *verdicts(publications)]


def public_name(publication: Publication) -> str:
    """The public files' common path and their suffixes."""
    suffixes = ",".join(publication.suffixes)
    return f"results/{publication.stem}.{f'{{{suffixes}}}' if ',' in suffixes else suffixes}"


def verdicts(publications: Sequence[Publication]) -> list[str]:
    """One line per kind of verdict that the findings tables among the publications give: how many claims have which."""
    counts: dict[str, Counter[str]] = {}
    for publication in publications:
        if publication.name != "findings":
            continue
        (table,) = (name for name in publication.files() if name.endswith(".csv"))
        with open(table, encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                for column in (name for name in row if "verdict" in name):
                    counts.setdefault(column, Counter())[row[column]] += 1
    return [
        f"{column.replace('_', ' ').capitalize()} on {sum(found.values())} claims: "
        + ", ".join(f"{count} {verdict}" for verdict, count in found.most_common())
        for column, found in counts.items()
    ]
