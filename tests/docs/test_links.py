"""Links within the repository lead somewhere: files, anchors, pages of the site, and paths that the text names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from pages import DOCS, PAGES, blocks, inline_code, name, prose, text

from workflow_scripts.recipes.fingerprint import ROOT

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FOLDERS = ("workflow_scripts", "config", "tests", "profiles", "rules", "docs", "envs")


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MkDocs make them."""
    headings = re.findall(r"^#{1,6} +(.+?) *$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files_and_headings(page):
    broken = []
    for target in _LINK.findall(prose(page)):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        goal = (page.parent / file).resolve() if file else page
        if not goal.is_file() or (anchor and anchor not in anchors(goal)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=name)
def test_pages_of_the_site_link_only_to_what_is_in_it(page):
    targets = [target.partition("#")[0] for target in _LINK.findall(prose(page)) if not target.startswith("https://")]
    assert all((page.parent / target).resolve().is_relative_to(DOCS) for target in targets if target)


def test_the_navigation_has_every_page():
    def files(entries) -> list[str]:
        found = []
        for entry in entries:
            (value,) = entry.values()
            found += [value] if isinstance(value, str) else files(value)
        return found

    listed = files(yaml.safe_load(text(ROOT / "mkdocs.yml"))["nav"])
    assert sorted(listed) == sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=name)
def test_paths_that_the_text_names_exist(page):
    """Paths with a placeholder, examples of one's own files, and modules that the page itself gives are left out."""
    given = set(re.findall(r"This is\s+the whole of\s+`([^`]+)`", text(page)))
    named = [code for code in inline_code(page) if re.fullmatch(rf"(?:{'|'.join(_FOLDERS)})/[\w./-]+", code)]
    missing = [code for code in named if code not in given and "mine" not in code and not (ROOT / code).exists()]
    assert not missing


def test_readme_fits_its_purpose():
    lines = text(ROOT / "README.md").splitlines()
    assert len(lines) <= 150
    assert blocks(ROOT / "README.md", "sh") and any(line.startswith("![") for line in lines[:20])
