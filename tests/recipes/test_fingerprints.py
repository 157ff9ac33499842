"""Fingerprints of code: they change with what is computed, and with nothing else."""

import ast
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workflow_scripts.configuration.load import check
from workflow_scripts.planning import planner
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.fingerprint import PACKAGE, ROOT, MissingModule, closure, tree_text

SOURCE = '''"""Module."""
import numpy as np

LIMIT = 3
"""Attribute."""


class Thing(Base, metaclass=Meta):
    """Class."""

    size: int = 1


async def walk(a, /, b=1, *c, d: int | None = None, **e) -> "text":
    """Function."""
    async with a as b, c:
        yield [x async for x in c if x] or {**e, "k": not -1.5e300}
    try:
        return f"{a!r:>{b}}{b=}{d:.3f}{{}}{c:}" f"{a:{b}}" "…\U0001fae8" f""
    except* ValueError as error:
        raise Error(1j, b"x", ...) from error


match LIMIT:
    case {"a": 1, **rest} | [1, *_] if rest:
        del rest
    case Thing(size=None):
        type_ = lambda *a: (yield)
'''
FINGERPRINT = "c4ce331240042387c9c3955e881d84a6b6b1e7f76e5f9960aa69b8626b66ad54"


def fingerprint(source: str) -> str:
    return hashlib.sha256(tree_text(ast.parse(source)).encode()).hexdigest()


def test_fixed_source_has_its_fingerprint():
    assert fingerprint(SOURCE) == FINGERPRINT


def other_pythons() -> list[str]:
    """Interpreters of other supported versions: on the path, and beside this one."""
    names = [f"python3.{minor}" for minor in range(11, 16) if minor != sys.version_info.minor]
    beside = sorted(Path(sys.base_prefix).parent.glob("*/bin/python3.1[1-9]"))
    found = [shutil.which(name) for name in names] + [str(path) for path in beside if path.name in names]
    working = {}
    for path in filter(None, found):
        done = subprocess.run([path, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True)
        if done.returncode == 0:
            working.setdefault(done.stdout, path)
    return list(working.values())


def test_other_pythons_agree(tmp_path: Path):
    pythons = other_pythons()
    if not pythons:
        pytest.skip("no other supported Python on the path or beside this one")
    source = tmp_path / "source.py"
    source.write_text(SOURCE, encoding="utf-8")
    script = (
        "import ast, hashlib, pathlib, sys\n"
        "from workflow_scripts.recipes.fingerprint import tree_text\n"
        "for path in sys.argv[1:]:\n"
        "    print(hashlib.sha256(tree_text(ast.parse(pathlib.Path(path).read_bytes())).encode()).hexdigest())\n"
    )
    files = [source, *sorted((ROOT / PACKAGE).rglob("*.py"))]
    expected = [fingerprint(path.read_text(encoding="utf-8")) for path in files]
    for python in pythons:
        command = [python, "-c", script, *map(str, files)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={"PYTHONDONTWRITEBYTECODE": "1"})
        assert done.stdout.split() == expected, f"{python}: {done.stderr}"


BEFORE = "def f(x, y=1):\n    return x + y * 2\n"


@pytest.mark.parametrize(
    "after",
    [
        "# a comment\n\n\ndef f(x, y=1):  # more\n    return x + y * 2\n",
        '"""Module."""\ndef f(x, y=1):\n    """Docstring."""\n    return x + y * 2\n',
        "def f(\n    x,\n    y = 1,\n):\n\n    return (x + (y * 2))\n",
        'def f(x, y=1):\n    "a"\n    "note"\n    return x + y * 2\n',
    ],
)
def test_what_computes_the_same_keeps_its_fingerprint(after: str):
    assert fingerprint(after) == fingerprint(BEFORE)


@pytest.mark.parametrize(
    "after",
    [
        "def f(x, y=2):\n    return x + y * 2\n",
        "def f(x, y=1):\n    return (x + y) * 2\n",
        "def f(x, y=1):\n    return x + y * 2.0\n",
        "def f(x, y=True):\n    return x + y * 2\n",
        "def f(x, *, y=1):\n    return x + y * 2\n",
        "@cache\ndef f(x, y=1):\n    return x + y * 2\n",
        "def f(x, y=1):\n    x + y * 2\n",
        "def f(x, y=1):\n    return x - y * 2\n",
        "def f(x, y=1):\n    return x + y * 2\nf('effect')\n",
        "def f(x, y=1):\n    return x + y * -2\n",
    ],
)
def test_what_computes_something_else_changes_it(after: str):
    assert fingerprint(after) != fingerprint(BEFORE)


@pytest.mark.parametrize(
    ("one", "other"),
    [('"1"', "1"), ("b'a'", "'a'"), ("None", "..."), ("f'{x}'", "f'{x!r}'"), ("f'{x:3}'", "f'{x}3'"), ("''", "f''")],
)
def test_constants_are_told_apart(one: str, other: str):
    assert fingerprint(f"a = {one}") != fingerprint(f"a = {other}")


def write(root: Path, module: str, text: str = "") -> None:
    path = root.joinpath(*module.split("."))
    path = path / "__init__.py" if not module.rpartition(".")[2].startswith("m_") else path.with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small package whose modules are named m_*; everything else is a package."""
    for package in ("", ".a", ".b", ".b.c"):
        write(tmp_path, PACKAGE + package)
    write(tmp_path, f"{PACKAGE}.m_leaf", "X = 1")
    write(tmp_path, f"{PACKAGE}.m_other", "import os, numpy.linalg")
    return tmp_path


def names(tree: Path, *modules: str) -> set[str]:
    return {name.removeprefix(PACKAGE).lstrip(".") for name in closure([f"{PACKAGE}.{m}" for m in modules], [tree])}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"import {PACKAGE}.m_leaf", {"m_leaf"}),
        (f"import {PACKAGE}.b.c as c", {"b", "b.c"}),
        (f"from {PACKAGE} import m_leaf as leaf, ROOT", {"m_leaf"}),
        (f"from {PACKAGE}.m_leaf import X", {"m_leaf"}),
        (f"from {PACKAGE}.b import *", {"b"}),
        (f"def f():\n    if True:\n        from {PACKAGE}.m_leaf import X", {"m_leaf"}),
        ("from . import m_near", {"a.m_near"}),
        ("from .m_near import f", {"a.m_near"}),
        ("from .. import m_leaf", {"m_leaf"}),
        ("from ..b.c import f", {"b", "b.c"}),
        ("import json\nfrom torch import nn", set()),
    ],
)
def test_closure_follows_imports(tree: Path, text: str, found: set[str]):
    write(tree, f"{PACKAGE}.a.m_near", "def f(): pass")
    write(tree, f"{PACKAGE}.a.m_start", text)
    assert names(tree, "a.m_start") == {"", "a", "a.m_start"} | found


def test_closure_follows_a_packages_own_imports_and_circles(tree: Path):
    write(tree, f"{PACKAGE}.a", "from .m_inner import f")
    write(tree, f"{PACKAGE}.a.m_inner", f"from {PACKAGE}.m_leaf import X\nfrom . import m_start")
    write(tree, f"{PACKAGE}.a.m_start", "from .m_inner import f")
    assert names(tree, "a.m_start") == {"", "a", "a.m_start", "a.m_inner", "m_leaf"}


def test_closure_sees_an_edit(tree: Path):
    before = closure([f"{PACKAGE}.m_leaf"], [tree])
    write(tree, f"{PACKAGE}.m_leaf", "X = 1  # the same")
    assert closure([f"{PACKAGE}.m_leaf"], [tree]) == before
    write(tree, f"{PACKAGE}.m_leaf", "X = 2222")
    after = closure([f"{PACKAGE}.m_leaf"], [tree])
    assert {m for m in before if before[m] != after[m]} == {f"{PACKAGE}.m_leaf"}


@pytest.mark.parametrize("text", ["def f(:", "x = '\0'"])
def test_code_that_cannot_be_read_is_one_clear_error(tree: Path, text: str):
    write(tree, f"{PACKAGE}.m_broken", text)
    with pytest.raises(MissingModule, match="m_broken.py is not valid Python"):
        closure([f"{PACKAGE}.m_broken"], [tree])
    with pytest.raises(MissingModule, match="there is no module"):
        closure([f"{PACKAGE}.m_nowhere"], [tree])


def test_editing_one_attack_changes_the_recipes_that_name_it_alone(tmp_path: Path, monkeypatch, configuration):
    shutil.copytree(ROOT / PACKAGE, tmp_path / PACKAGE, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    monkeypatch.setattr(planner, "closure", lambda modules, roots: closure(modules, [tmp_path]))
    images = {"split": "test", "count": 10, "selection_seed": 0}

    def digests() -> dict[str, str]:
        planner = Planner(check(configuration))
        return {name: planner.adversarial(name, "small", 0, images).digest for name in configuration["attacks"]}

    before = digests()
    for name in ("fgsm", "jsma", "deepfool", "carlini_wagner_l2"):
        path = tmp_path / PACKAGE / "attacks" / f"{name}.py"
        original = path.read_text()
        path.write_text(original + "\nEDITED = True\n")
        assert {n for n, digest in digests().items() if digest != before[n]} == {name}
        path.write_text("# only a comment\n" + original)
        assert digests() == before
