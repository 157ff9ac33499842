"""The values that a paper prints, one YAML file per table, which are shown beside the measured ones.

A file has `study`, `table`, `caption` (ours), `source` (paper and table), `keys` (the fields that name a
row), `columns` (its numbers), optionally `labels` (its texts, such as a norm), and `rows`, a list of flat
mappings. A number that the paper does not give is left out of the row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_REQUIRED = ("study", "table", "caption", "source", "keys", "columns", "rows")
_OPTIONAL = ("labels",)


@dataclass(frozen=True)
class PublishedTable:
    """One table of a paper.

    values: the numbers by column, for each row's keys (texts in the order of `keys`).
    labels: likewise the texts.
    """

    study: str
    table: str
    caption: str
    source: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    values: Mapping[tuple[str, ...], Mapping[str, float]]
    labels: Mapping[tuple[str, ...], Mapping[str, str]]

    def _row(self, row: Mapping[str, object]) -> tuple[str, ...]:
        if set(row) != set(self.keys):
            raise ValueError(f"{self.source}: rows are named by {list(self.keys)}, not by {sorted(row)}")
        return tuple(str(row[key]) for key in self.keys)

    def lookup(self, row: Mapping[str, object], column: str) -> float | None:
        """The published value, or None where the paper has no such row or column (for example a user's own model).

        row: exactly the table's keys; values are compared as texts, so that 3 and "3" name the same layer.
        Raises ValueError where `row` has other keys.
        """
        return self.values.get(self._row(row), {}).get(column)

    def label(self, row: Mapping[str, object], column: str) -> str | None:
        """The published text, such as an attack's norm, or None; `row` as in `lookup`."""
        return self.labels.get(self._row(row), {}).get(column)


def _error(path: Path | str, message: str) -> ValueError:
    return ValueError(f"{path}: {message}")


def _names(path: Path | str, document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = document.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _error(path, f"{key} is {names!r}, and should be a list of names")
    return tuple(names)


def _number(path: Path | str, where: str, value: object) -> float:
    # YAML reads 1e-3 as text and yes as true; both would slip through float().
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _error(path, f"{where} is {value!r}, and should be a number")
    return float(value)


def load(path: Path | str) -> PublishedTable:
    """Read and check one file of published values.

    Raises FileNotFoundError where there is none, and ValueError as `parse` does.
    """
    return parse(yaml.safe_load(Path(path).read_text(encoding="utf-8")), path)


def parse(document: object, path: Path | str) -> PublishedTable:
    """The published table from a file's content; `path` names the file in messages.

    Raises ValueError, in one line that names the file and the place, for unknown or missing fields, a value that is
    not a number, a row that lacks a key, or two rows with the same keys.
    """
    if not isinstance(document, dict):
        raise _error(path, f"is a {type(document).__name__}, and should be a mapping")
    if missing := [key for key in _REQUIRED if key not in document]:
        raise _error(path, f"lacks {', '.join(missing)}")
    if unknown := sorted(set(document) - set(_REQUIRED) - set(_OPTIONAL)):
        raise _error(path, f"has {', '.join(unknown)}; known are {', '.join(_REQUIRED + _OPTIONAL)}")
    keys, columns, labels = (_names(path, document, key) for key in ("keys", "columns", "labels"))
    if not isinstance(document["rows"], list):
        raise _error(path, "rows should be a list")
    values: dict[tuple[str, ...], dict[str, float]] = {}
    texts: dict[tuple[str, ...], dict[str, str]] = {}
    for index, row in enumerate(document["rows"]):
        where = f"rows[{index}]"
        if not isinstance(row, dict):
            raise _error(path, f"{where} is {row!r}, and should be a mapping")
        if missing := [key for key in keys if key not in row]:
            raise _error(path, f"{where} lacks {', '.join(missing)}")
        if unknown := sorted(set(row) - {*keys, *columns, *labels}):
            raise _error(path, f"{where} has {', '.join(unknown)}; known are {', '.join(keys + columns + labels)}")
        name = tuple(str(row[key]) for key in keys)
        if name in values:
            raise _error(path, f"{where} names {', '.join(name)} a second time")
        values[name] = {key: _number(path, f"{where}.{key}", row[key]) for key in columns if key in row}
        texts[name] = {key: str(row[key]) for key in labels if key in row}
    return PublishedTable(
        study=str(document["study"]),
        table=str(document["table"]),
        caption=" ".join(str(document["caption"]).split()),
        source=" ".join(str(document["source"]).split()),
        keys=keys,
        columns=columns,
        values=values,
        labels=texts,
    )


class NothingPublished:
    """The published values of a table that the paper does not have."""

    def lookup(self, row: Mapping[str, object], column: str) -> None:
        """None for every row and column."""
        return None

    label = lookup
