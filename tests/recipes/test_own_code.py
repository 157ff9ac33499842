"""The user's own folders of code: followed by fingerprints, found by jobs, with the packages that they import."""

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from workflow_scripts.configuration.load import ConfigurationError, check
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes import fingerprint
from workflow_scripts.recipes.fingerprint import NOT_INSTALLED, OWN_DEPENDENCIES, ROOT, MissingModule, closure
from workflow_scripts.recipes.recipe import write_recipe

IMAGES = {"split": "test", "count": 10, "selection_seed": 0}
ATTACK = """
from mylab.steps import step
from workflow_scripts.attacks import random_signs

def attack(model, x, y, *, epsilon, pixel_range, seed, indices, batch_size=64, progress=None, record=False):
    return step(random_signs.attack, model, x, y, epsilon=epsilon, pixel_range=pixel_range, seed=seed, indices=indices)
"""
STEPS = """
def step(attack, model, x, y, **more):
    from . import scale
    return attack(model, x, y, **more)
"""


@pytest.fixture
def own(here, configuration):
    """A folder with the attack `mine`, which imports a package of the user's, and the configuration that names it."""
    for name, text in (
        ("mine.py", ATTACK),
        ("mylab/__init__.py", ""),
        ("mylab/steps.py", STEPS),
        ("mylab/scale.py", ""),
    ):
        path = Path("code", name)
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    configuration["execution"] = {"code": ["code"], "device": "cpu"}
    configuration["attacks"]["mine"] = {"attack": "mine", "parameters": {"epsilon": "8/255"}}
    Path("config/config.yaml").write_text(yaml.safe_dump(configuration))
    return configuration


def recipe(configuration: dict):
    return Planner(check(configuration)).adversarial("mine", "small", 0, IMAGES)


def test_a_module_of_a_named_folder_is_followed_through_its_imports(own):
    modules = recipe(own).modules
    assert {"mine", "mylab", "mylab.steps", "mylab.scale", "workflow_scripts.attacks.random_signs"} <= modules.keys()
    assert not [name for name in modules if name.startswith("package:")]


@pytest.mark.parametrize("file", ["mine.py", "mylab/__init__.py", "mylab/steps.py", "mylab/scale.py"])
def test_an_edit_in_the_folder_changes_the_digest_and_a_comment_does_not(own, file: str):
    before = recipe(own)
    path = Path("code", file)
    path.write_text(path.read_text() + "\n# a comment\n")
    assert recipe(own).digest == before.digest
    path.write_text(path.read_text() + "\nANOTHER = 1\n")
    assert recipe(own).digest != before.digest
    model = Planner(check(own)).model("small", 0)
    assert "mine" not in model.modules


def test_the_job_finds_the_code_and_keeps_pythonpath(own, make):
    planner = Planner(check(own))
    made = planner.adversarial("mine", "small", 0, IMAGES)
    for each in planner.plan.recipes.values():
        if each.folder != made.folder:
            make(each)
    path = write_recipe(made, Path("results/recipes"))
    command = [sys.executable, "-m", "workflow_scripts.jobs.realise", str(path), "--threads", "1", "--device", "cpu"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    without = subprocess.run(command, env=env, capture_output=True, text=True)
    assert without.returncode == 1 and "the code changed since planning (there is no module" in without.stderr
    done = subprocess.run([*command, "--code", "code"], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "complete" in done.stdout


def test_installed_packages_are_in_the_recipe_by_version(own, monkeypatch):
    Path("code/mylab/scale.py").write_text(
        "import json, torch, snakefmt.parser\ntry:\n    import nothere\nexcept ImportError:\n    pass\n"
    )
    before = recipe(own)
    packages = {name: version for name, version in before.modules.items() if name.startswith("package:")}
    assert packages == {"package:snakefmt": metadata.version("snakefmt"), "package:nothere": NOT_INSTALLED}
    monkeypatch.setattr(fingerprint.metadata, "version", lambda name: "99.0")
    after = recipe(own)
    assert after.digest != before.digest and after.modules["package:snakefmt"] == "99.0"


def test_a_package_without_a_version_is_one_line(own, monkeypatch):
    Path("elsewhere").mkdir()
    Path("elsewhere/lonely.py").write_text("")
    monkeypatch.syspath_prepend("elsewhere")
    Path("code/mylab/scale.py").write_text("import lonely")
    with pytest.raises(MissingModule, match="imports lonely, which has no version: add its folder to execution.code"):
        recipe(own)


def test_namespace_packages_and_the_order_of_folders(tmp_path: Path):
    for folder, value in (("first", 1), ("second", 2)):
        (tmp_path / folder / "space").mkdir(parents=True)
        (tmp_path / folder / "space" / "part.py").write_text(f"X = {value}")
    start = tmp_path / "first" / "start.py"
    start.write_text("import space.part")
    first, second = tmp_path / "first", tmp_path / "second"
    found = closure(["start"], (ROOT, first, second))
    assert found.keys() == {"start", "space.part"}
    assert found == closure(["start"], (ROOT, first)) != closure(["start"], (ROOT, second, first))


def test_a_folder_that_is_missing_is_one_line(own):
    own["execution"]["code"] = ["code", "nowhere"]
    with pytest.raises(ConfigurationError, match=r"execution.code\[1\]: nowhere: no such folder"):
        recipe(own)


def test_the_projects_own_dependencies_are_those_of_pyproject():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.match(r"[\w.-]+", text)[0].lower() for text in declared}
    provided = metadata.packages_distributions()
    assert all(names & {each.lower() for each in provided[name]} for name in OWN_DEPENDENCIES)


def test_no_module_of_the_project_imports_anything_else():
    """Beside the adapters of other libraries' attacks, which have the version of the one that they are for."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "workflow_scripts").rglob("*.py")
        if path.name != "__init__.py" and path.parent.name != "libraries"
    ]
    assert not [name for name in closure(modules) if name.startswith("package:")]
