"""How a group of inputs is called in an aggregate's arrays and metrics."""

from __future__ import annotations


def group_name(target: str, subset: str) -> str:
    """The group of the inputs made against `target` ("" where all are of one set) that belong to `subset`."""
    return f"{target or 'own'}/{subset}"
