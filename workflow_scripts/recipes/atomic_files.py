"""Files that appear under their name only once they are complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomically(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` to write to; it replaces `path` when the block ends without an error.

    Folders are created as needed. The temporary name is hidden, has this process's number, so that two writers do not
    meet, and keeps the suffix, which some writers (NumPy's) would otherwise append. After an error it is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def atomic_write(path: Path, content: str | bytes) -> None:
    """Write text (UTF-8) or bytes to `path`, which is seen with its old content or the new one, never in between."""
    with atomically(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
