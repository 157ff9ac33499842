"""Percentages and means over images, for the study's tables."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.rendering.table import Cell, pool


def percent(shares: Iterable[float | None]) -> list[float | None]:
    """Shares of one in percent; None stays None."""
    return [None if share is None else 100 * share for share in shares]


def robust_accuracy_rows(items: Iterable[RoleArtifact], quantisation: str) -> list[dict]:
    """The rows of robust_accuracy.csv for one quantisation, of all victims: one per class and configuration."""
    return [row for item in items for row in item.artifact.metrics["sets"] if row["quantisation"] == quantisation]


def percentage(rows: Iterable[dict], part: str, whole: str) -> Cell:
    """Σ part / Σ whole over the rows, in percent."""
    rows = list(rows)
    count = sum(row[whole] for row in rows)
    return pool([100 * sum(row[part] for row in rows) / count if count else None], count)


def mean_over_successes(rows: Iterable[dict], distance: str, factor: float = 1.0) -> Cell:
    """The mean of a distance, times `factor`, over the successful adversarial images of all rows."""
    successful = [row for row in rows if row["successes"]]
    count = sum(row["successes"] for row in successful)
    total = sum(row["successes"] * row[distance] for row in successful)
    return pool([factor * total / count if count else None], count)
