"""Cached values are those of the content, whatever happens to the cache file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workflow_scripts.recipes import content_cache
from workflow_scripts.recipes.content_cache import CONTENT_CACHE, ContentCache
from workflow_scripts.recipes.fingerprint import PACKAGE, ROOT, closure


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "sources.json"


def opened(path: Path) -> ContentCache:
    made = ContentCache()
    made.open(path)
    return made


def test_what_was_worked_out_is_not_worked_out_again(path: Path):
    first = opened(path)
    assert first.get_or_compute("words", b"a b", lambda: ["a", "b"]) == ["a", "b"]
    first.save()
    second = opened(path)
    assert second.get_or_compute("words", b"a b", lambda: pytest.fail("worked out again")) == ["a", "b"]
    assert second.get_or_compute("words", b"a c", lambda: ["a", "c"]) == ["a", "c"]
    assert second.get_or_compute("letters", b"a b", lambda: 2) == 2


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff\xfe", b"null"])
def test_a_broken_file_knows_nothing(path: Path, content: bytes):
    path.parent.mkdir()
    path.write_bytes(content)
    made = opened(path)
    assert made.get_or_compute("words", b"a", lambda: 1) == 1
    made.save()
    assert opened(path).get_or_compute("words", b"a", lambda: 2) == 1


def test_a_folder_that_cannot_be_written_costs_nothing_else(tmp_path: Path):
    (tmp_path / "cache").write_text("a file")
    made = opened(tmp_path / "cache" / "sources.json")
    assert made.get_or_compute("words", b"a", lambda: 1) == 1
    made.save()


def test_what_nobody_asks_for_is_dropped_when_there_is_much(path: Path, monkeypatch):
    monkeypatch.setattr(content_cache, "MAX_ENTRIES", 3)
    made = opened(path)
    for number in range(3):
        made.get_or_compute("number", b"%d" % number, lambda number=number: number)
    made.save()
    later = opened(path)
    later.get_or_compute("number", b"9", lambda: 9)
    later.save()
    assert list(json.loads(path.read_text()).values()) == [9]


def test_fingerprints_are_the_same_with_a_file_and_without(path: Path):
    modules = [f"{PACKAGE}.jobs.stages.adversarial", f"{PACKAGE}.jobs.stages.recogniser"]
    CONTENT_CACHE.open(path)
    here = closure(modules)
    CONTENT_CACHE.save()
    program = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from workflow_scripts.recipes import fingerprint\n"
        "if sys.argv[1]:\n"
        "    fingerprint.CONTENT_CACHE.open(Path(sys.argv[1]))\n"
        "    fingerprint._read = None\n"
        f"print(json.dumps(fingerprint.closure({modules!r})))\n"
    )
    for file in (str(path), ""):
        command = [sys.executable, "-c", program, file]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == here


def test_a_table_imports_what_it_needs_alone(tmp_path: Path):
    program = (
        "import sys\n"
        "from workflow_scripts.jobs import realise\n"
        "from workflow_scripts.recipes.recipe import Recipe\n"
        "from workflow_scripts.recipes.fingerprint import closure\n"
        "renderer = 'workflow_scripts.papers.information_flow.table_3_path_distances'\n"
        "named = ['workflow_scripts.jobs.stages.table', renderer]\n"
        "modules = realise.apply_equivalences(closure(named), realise.load_equivalences())\n"
        "recipe = Recipe('table', 'x', {}, (), modules, '1')\n"
        "options = realise.parse_arguments(['x', '--threads', '1'])\n"
        "realise.choose_device(recipe, options)\n"
        "realise.load_code(recipe, options)\n"
        "assert 'workflow_scripts.analysis.information.numba_kernels' in recipe.modules\n"
        "heavy = {'torch', 'numba', 'gpytorch'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
