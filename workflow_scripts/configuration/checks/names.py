"""Names in a configuration that have no entry, or are given twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from workflow_scripts.configuration.messages import nearest


def no_entry(section: str, name: str, entries: Iterable[str]) -> str:
    """The message for a name that is no entry of a section, with the nearest one."""
    return f"{section} has no entry {name!r}{nearest(name, entries)}"


def repeated(where: str, values: Sequence) -> Iterator[str]:
    """One message for each value that stands in the list a second time."""
    for index, value in enumerate(values):
        if value in values[:index]:
            yield f"{where}[{index}]: {value!r} is given twice"
