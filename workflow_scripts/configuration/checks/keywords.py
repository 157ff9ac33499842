"""Functions of attack and architecture modules: keywords that they do not take, or lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workflow_scripts.configuration.messages import nearest
from workflow_scripts.configuration.modules import Signature


def keyword_mistakes(
    where: str, parameters: Mapping[str, object], found: Signature, function: str, *, reserved: Sequence[str]
) -> Iterator[str]:
    """Mistakes in the `parameters` at the key `where`, which `function` is called with.

    found: the function's signature. reserved: keywords that the workflow sets itself.
    """
    for key in parameters:
        if key in reserved:
            yield f"{where}.{key}: is set by the workflow: leave it out"
        elif not found.takes(key):
            free = [keyword for keyword in found.keywords if keyword not in (*reserved, *found.positional)]
            yield f"{where}.{key}: {function} has no keyword {key!r}{nearest(key, free)}"
    for keyword in found.required:
        if keyword not in (*reserved, *parameters):
            yield f"{where}.{keyword}: is missing: {function} has no default for it"
