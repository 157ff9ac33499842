"""Cache of values derived from files, keyed by content hash, so that no modification time can deceive."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

MAX_ENTRIES = 5_000
"""Entries of the file; beyond them, those that the last run did not ask for are dropped."""


class ContentCache:
    """JSON values, keyed by what they are (a name with its version) and the SHA-256 of the content they derive from.

    In memory until `open` names a file, which `save` writes. A missing or unreadable file counts as empty.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._known: dict[str, Any] = {}
        self._asked: set[str] = set()
        self._changed = False

    def open(self, path: Path) -> None:
        """Add the file's entries to those in memory."""
        self._path = path
        try:
            known = json.loads(path.read_bytes())
        except (OSError, ValueError):
            known = {}
        if isinstance(known, dict):
            self._known = {**known, **self._known}

    def get_or_compute(self, what: str, content: bytes, compute: Callable[[], Any]) -> Any:
        """The value for `content`, from `compute()` where it is not cached: JSON values, which must not be modified."""
        key = f"{what}:{hashlib.sha256(content).hexdigest()}"
        if key not in self._known:
            self._known[key], self._changed = compute(), True
        self._asked.add(key)
        return self._known[key]

    def save(self) -> None:
        """Write the file if entries were added; a folder that cannot be written only costs time."""
        if self._path is None or not self._changed:
            return
        kept = self._asked if len(self._known) > MAX_ENTRIES else self._known
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps({key: self._known[key] for key in kept}))
            os.replace(temporary, self._path)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
        self._changed = False


CONTENT_CACHE = ContentCache()
"""The cache of this process; planning and jobs open `results/cache/sources.json`, which planning alone writes."""
