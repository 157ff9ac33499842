"""The pages that people read, as text: README, the guides of the repository, and docs/."""

from __future__ import annotations

import re
from pathlib import Path

from workflow_scripts.recipes.fingerprint import ROOT

DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(ROOT / name for name in ("config/README.md", "results/README.md", "results/reference/README.md")),
    *sorted(DOCS.rglob("*.md")),
]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name(path: Path) -> str:
    """A page's path in the repository, to name tests by."""
    return str(path.relative_to(ROOT))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A page without its code blocks."""
    return _FENCE.sub("", text(path))


def blocks(path: Path, language: str) -> list[str]:
    """The contents of a page's code blocks of one language."""
    return [content for kind, content in _FENCE.findall(text(path)) if kind == language]


def inline_code(path: Path) -> list[str]:
    """What stands between backticks in a page's prose, line breaks as blanks."""
    return [" ".join(found.split()) for found in re.findall(r"`([^`]+)`", prose(path))]
