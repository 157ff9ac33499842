"""What was worked out of files' content and need not be worked out again: by content, so that no date can deceive."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

MOST = 5_000
"""Entries of the file; beyond them, those that the last run did not ask for are dropped."""


class ContentCache:
    """JSON values by what they are (a name with its version) and the SHA-256 of the content that they come from.

    In memory until `open` names a file, which `save` writes. A file that is missing or broken holds nothing.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._known: dict[str, Any] = {}
        self._asked: set[str] = set()
        self._fresh = False

    def open(self, path: Path) -> None:
        """Know what the file knows, beside what is known already."""
        self._path = path
        try:
            known = json.loads(path.read_bytes())
        except (OSError, ValueError):
            known = {}
        if isinstance(known, dict):
            self._known = {**known, **self._known}

    def get_or_compute(self, what: str, content: bytes, work_out: Callable[[], Any]) -> Any:
        """The value of `content`, or what `work_out()` returns: JSON values, which nobody may change."""
        key = f"{what}:{hashlib.sha256(content).hexdigest()}"
        if key not in self._known:
            self._known[key], self._fresh = work_out(), True
        self._asked.add(key)
        return self._known[key]

    def save(self) -> None:
        """Write the file where something is new; a folder that cannot be written costs time and nothing else."""
        if self._path is None or not self._fresh:
            return
        kept = self._asked if len(self._known) > MOST else self._known
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps({key: self._known[key] for key in kept}))
            os.replace(temporary, self._path)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
        self._fresh = False


CONTENT_CACHE = ContentCache()
"""This process's; planning and jobs open `results/cache/sources.json`, which planning alone writes."""
