"""Names of groups of inputs in an aggregate's arrays and metrics."""

from __future__ import annotations


def group_name(target: str, subset: str) -> str:
    """Name of the group of inputs in `subset` that were made against `target` ("" where there is one set)."""
    return f"{target or 'own'}/{subset}"
