"""Every command shown exists: modules, subcommands and options, Snakemake's targets and files, make's targets."""

from __future__ import annotations

import importlib.util
import re
import shlex

import pytest
from pages import PAGES, blocks, inline_code, name, text
from snakemake.cli import get_argument_parser

from workflow_scripts.commands.store.main import main as store
from workflow_scripts.configuration.schema.studies import Studies
from workflow_scripts.recipes.fingerprint import ROOT

_MODULE = re.compile(r"^python -m ((?:workflow_scripts|tests)[\w.]*)(.*)$")
TARGETS = {"all", "export", *Studies.model_fields}
OWN_FILES = {"config/mine.yaml", "YOURS", "FILE"}
"""Files of the reader's in examples."""
CURRENT = [page for page in PAGES if page.name != "CHANGELOG.md"]


def commands(page) -> list[str]:
    """The page's command lines, comments left out: lines of `sh` blocks, and code within the text."""
    lines = [line.partition(" #")[0].strip() for block in blocks(page, "sh") for line in block.splitlines()]
    parts = [part.strip() for line in lines for part in line.split(" && ")]
    return [command for command in [*parts, *inline_code(page)] if command]


ALL = [(page, command) for page in CURRENT for command in commands(page)]


def starting(prefix: str) -> list:
    found = {command: page for page, command in ALL if command == prefix or command.startswith(prefix + " ")}
    return [pytest.param(command, id=f"{name(page)}: {command}") for command, page in sorted(found.items())]


@pytest.mark.parametrize("command", [p for p in starting("python") if _MODULE.match(p.values[0])])
def test_a_module_exists_and_can_be_run(command):
    module = _MODULE.match(command)[1]
    spec = importlib.util.find_spec(module)
    assert spec, module
    if spec.submodule_search_locations is not None:
        assert importlib.util.find_spec(f"{module}.__main__"), f"{module} is a package without __main__"


@pytest.mark.parametrize("command", starting("python -m workflow_scripts.store"))
def test_the_store_has_the_subcommand_and_its_options(command, capsys):
    words = shlex.split(command)[3:]
    subcommand = [words[0]] if words and not words[0].startswith("-") else []
    with pytest.raises(SystemExit) as ended:
        store([*subcommand, "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(re.search(rf"{word}\b", shown) for word in words if word.startswith("--"))


@pytest.mark.parametrize("command", starting("snakemake"))
def test_snakemake_knows_the_targets_options_and_files(command):
    known = {flag for action in get_argument_parser()._actions for flag in action.option_strings}
    words = shlex.split(command.replace("…", "FILE"))[1:]
    option = None
    for word in words:
        if word.startswith("-"):
            option = word
            assert option in known, option
        elif option is None:
            assert word in TARGETS or word.startswith("results/"), f"{word}: no target"
        elif option == "--configfile":
            assert word in OWN_FILES or (ROOT / word).is_file(), word
        elif option == "--profile":
            assert (ROOT / word / "config.yaml").is_file(), word


@pytest.mark.parametrize("command", starting("make"))
def test_make_knows_the_target(command):
    rules = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    assert set(shlex.split(command)[1:]) <= rules


def test_there_are_commands_to_check():
    assert {command.split()[0] for _, command in ALL} >= {"python", "snakemake", "make"}
