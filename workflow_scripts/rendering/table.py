"""A table of measured values beside published ones, and its CSV.

Values are never rounded, except in print (`Column.decimals`); the CSV has every digit.
"""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from workflow_scripts.rendering.names import display_name

MISSING = "–"
MAX_NAMES_IN_NOTE = 6


@dataclass(frozen=True)
class Cell:
    """One measured quantity.

    mean: over training seeds, unrounded; None where nothing could be measured (for example the distortion of an
        attack that never succeeded).
    deviation: sample standard deviation over the seeds (n − 1 in the denominator), None with fewer than two.
    seeds: number of trainings that `mean` is taken over.
    samples: number of inputs that it is measured on, of all seeds together; None where that has no meaning (a number
        of parameters).
    published: the paper's value, None where it gives none.

    Raises ValueError for a value that is not finite, or for a deviation without two seeds.
    """

    mean: float | None = None
    deviation: float | None = None
    seeds: int = 0
    samples: int | None = None
    published: float | None = None

    def __post_init__(self) -> None:
        for name in ("mean", "deviation", "published"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValueError(f"Cell.{name} is {value}; a value that is undefined is None")
        if self.deviation is not None and (self.mean is None or self.seeds < 2 or self.deviation < 0):
            raise ValueError(f"Cell.deviation {self.deviation} needs a mean over two seeds or more, not {self.seeds}")
        if (self.mean is None) != (self.seeds == 0):
            raise ValueError(f"Cell.mean {self.mean} does not fit {self.seeds} seeds")


def pool(values: Iterable[float | None], samples: int | None = None, published: float | None = None) -> Cell:
    """The cell of one quantity that was measured once per training seed.

    values: one per seed, in any order; None or NaN for a seed in which the quantity is undefined:
        they are left out of the mean and of `Cell.seeds`.
    samples, published: as in `Cell`.
    Returns the mean and, with two values or more, the sample standard deviation.
    Raises ValueError for an infinity.
    """
    # Converted to float, so that the files do not depend on the caller's types.
    known = [float(value) for value in values if value is not None and not math.isnan(value)]
    return Cell(
        mean=statistics.fmean(known) if known else None,
        deviation=statistics.stdev(known) if len(known) > 1 else None,
        seeds=len(known),
        samples=samples,
        published=None if published is None else float(published),
    )


@dataclass(frozen=True)
class Key:
    """A column of texts that identify a row. key: its name in the CSV; header: the printed name; wide: the texts are
    sentences, which are broken into lines in print; verdict: the texts are a result, not part of the row's name.
    """

    key: str
    header: str
    wide: bool = False
    verdict: bool = False


@dataclass(frozen=True)
class Column:
    """A column of measured values.

    key: its name in the CSV; header: the printed name; decimals: in print; unit: printed in the header; optional: does
    not apply to every row, so that no note says where it is missing.
    """

    key: str
    header: str
    decimals: int
    unit: str = ""
    optional: bool = False

    @property
    def heading(self) -> str:
        """The printed header: with the unit in parentheses where there is one."""
        return f"{self.header} ({self.unit})" if self.unit else self.header


@dataclass(frozen=True)
class Row:
    """One row. keys: texts by `Key.key`; cells: measurements by `Column.key`."""

    keys: Mapping[str, str]
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Table:
    """A whole table.

    study: the paper's short name, such as `information_flow`; number: the paper's, in arabic digits, with a suffix
    where a table is split (`3_cifar10`), or a word (`findings`). Rows are printed in the given order.
    Raises ValueError where a row lacks a key or a cell or has one too many, or where two columns have the same name.
    """

    study: str
    number: str
    title: str
    caption: str
    keys: Sequence[Key]
    columns: Sequence[Column]
    rows: Sequence[Row]
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        keys, columns = [key.key for key in self.keys], [column.key for column in self.columns]
        names = keys + columns
        if len(set(names)) != len(names):
            raise ValueError(f"table {self.study}/{self.number}: two columns share a name in {names}")
        for index, row in enumerate(self.rows):
            for what, found, wanted in (("keys", row.keys, keys), ("cells", row.cells, columns)):
                if set(found) != set(wanted):
                    raise ValueError(
                        f"table {self.study}/{self.number}, row {index}: its {what} are {sorted(found)}, "
                        f"and should be {sorted(wanted)}"
                    )

    @cached_property
    def has_published(self) -> dict[str, bool]:
        """By column key: whether any row has a published value; without one, none is printed."""
        return {
            column.key: any(row.cells[column.key].published is not None for row in self.rows) for column in self.columns
        }


def number_text(value: float | None, decimals: int) -> str:
    """`value` for print: fixed decimals, commas between thousands, a true minus; an en dash for None."""
    if value is None:
        return MISSING
    text = f"{value:,.{decimals}f}"
    # No sign for a value that rounds to zero; a true minus instead of a hyphen for the others.
    return text.removeprefix("-") if not text.strip("-0.,") else text.replace("-", "−")


def measured_text(cell: Cell, column: Column) -> str:
    """`mean ± deviation` for print, the mean alone without a deviation, an en dash without either."""
    mean = number_text(cell.mean, column.decimals)
    return mean if cell.deviation is None else f"{mean} ± {number_text(cell.deviation, column.decimals)}"


def key_texts(table: Table, row: Row) -> list[str]:
    """The row's keys for print, in the table's order, as display names (the CSV has the plain names)."""
    return [display_name(row.keys[key.key]) for key in table.keys]


def row_count(row: Row, what: str) -> int | None:
    """The number of `what` (`seeds` or `samples`) of the row as a whole: the largest among its cells."""
    return max((n for cell in row.cells.values() if (n := getattr(cell, what)) is not None), default=None)


def columns_with_own_counts(table: Table, what: str) -> list[Column]:
    """The columns in which the number of `what` of some measured cell differs from that of its row."""
    return [
        column
        for column in table.columns
        if any(
            cell.mean is not None and getattr(cell, what) not in (None, row_count(row, what))
            for row in table.rows
            for cell in [row.cells[column.key]]
        )
    ]


def _joined_names(names: list[str]) -> str:
    more = len(names) - MAX_NAMES_IN_NOTE
    return "; ".join(names[:MAX_NAMES_IN_NOTE]) + (f"; and {more} more" if more > 0 else "")


def _short_name(table: Table, row: Row) -> str:
    """The row's keys without those that are sentences or results."""
    texts = zip(table.keys, key_texts(table, row), strict=True)
    return ", ".join(text for key, text in texts if not (key.wide or key.verdict))


def _missing_values(table: Table, what: str, columns: Sequence[Column]) -> list[str]:
    gaps = []
    for row in table.rows:
        absent = [column.header for column in columns if getattr(row.cells[column.key], what) is None]
        if absent:
            whole = len(absent) == len(columns) > 1
            gaps.append(f"{_short_name(table, row)}: {'all' if whole else ', '.join(absent)}")
    return gaps


def _count_ranges(table: Table, what: str) -> list[str]:
    spans = []
    for column in columns_with_own_counts(table, what):
        cells = [row.cells[column.key] for row in table.rows]
        known = [getattr(cell, what) for cell in cells if cell.mean is not None]
        known = [count for count in known if count is not None]
        low, high = min(known), max(known)
        spans.append(f"{column.header}: {low}" if low == high else f"{column.header}: {low} to {high}")
    return spans


def all_notes(table: Table) -> list[str]:
    """The table's own notes, followed by notes on how values were pooled, which are missing, and which columns have
    fewer seeds or samples than their row.
    """
    notes = list(table.notes)
    if any(cell.deviation is not None for row in table.rows for cell in row.cells.values()):
        notes.append("Measured values are means ± sample standard deviations over training seeds.")
    if unmeasured := _missing_values(table, "mean", [column for column in table.columns if not column.optional]):
        notes.append(f"No measured value ({MISSING}): {_joined_names(unmeasured)}.")
    printed = [column for column in table.columns if table.has_published[column.key]]
    if ungiven := _missing_values(table, "published", printed):
        notes.append(f"The paper gives no value ({MISSING}): {_joined_names(ungiven)}.")
    if printed and len(printed) < len(table.columns):
        absent = [column.header for column in table.columns if not table.has_published[column.key]]
        notes.append(f"The paper gives no values for: {', '.join(absent)}.")
    for what in ("seeds", "samples"):
        if spans := _count_ranges(table, what):
            notes.append(f"Fewer {what} than their row ({'; '.join(spans)}); the CSV has each number.")
    return notes


def _exact(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def csv_text(table: Table) -> str:
    """The table as CSV, every float in the shortest form that reads back as the same float.

    Columns: the keys; for each column `<key>`, `<key>_deviation`, `<key>_published`; `seeds` and `samples` of the row
    as a whole; and `<key>_seeds`, `<key>_samples` for the columns with other numbers. Missing values are empty.
    """
    own = [(what, column.key) for what in ("seeds", "samples") for column in columns_with_own_counts(table, what)]

    def fields(row: Row) -> Iterator[str]:
        yield from (row.keys[key.key] for key in table.keys)
        for column in table.columns:
            cell = row.cells[column.key]
            yield from (_exact(cell.mean), _exact(cell.deviation), _exact(cell.published))
        for count in (row_count(row, "seeds"), row_count(row, "samples")):
            yield "" if count is None else str(count)
        for what, key in own:
            count = getattr(row.cells[key], what)
            yield "" if count is None else str(count)

    header = [key.key for key in table.keys]
    header += [column.key + end for column in table.columns for end in ("", "_deviation", "_published")]
    header += ["seeds", "samples"] + [f"{key}_{what}" for what, key in own]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(list(fields(row)) for row in table.rows)
    return buffer.getvalue()
