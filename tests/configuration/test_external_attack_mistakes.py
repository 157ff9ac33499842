"""Attacks of other libraries, and files of images: what is taken, and one line for each mistake, with nothing imported."""

# ruff: noqa: E501  (the expected lines stand here as they are shown)

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from mistaken import changed, lines

from workflow_scripts.configuration import definitions as callables
from workflow_scripts.configuration.load import check

PGD = {"attack": "foolbox:LinfPGD", "epsilon": "8/255", "norm": "linf"}
SQUARE = {"attack": "art:SquareAttack"}
MYLAB = """
from mylab.deep import hidden as shown
if True:
    from .deep import *

def far(model, x, y, *, epsilon, times=1): ...
def nothing(model): ...
alias = far
class Maker:
    def __init__(self, size): ...
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder `code` with the package `mylab`."""
    monkeypatch.chdir(tmp_path)
    Path("code/mylab").mkdir(parents=True)
    Path("code/mylab/__init__.py").write_text(MYLAB)
    Path("code/mylab/deep.py").write_text("def hidden(model, x, y, depth): ...\nfrom .broken import lost\n")
    Path("code/mylab/broken.py").write_text("def")


def with_code(entry: dict) -> dict:
    content = changed("attacks.m", entry)
    content["execution"] = {"code": ["code"]}
    return content


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"attack": "foolbox:L2DeepFolAttack"}, "attack: foolbox.attacks has no 'L2DeepFolAttack'; did you mean 'L2DeepFoolAttack'?"),
        ({"attack": "foolbox:LinfPGD"}, "epsilon: is missing: foolbox:LinfPGD attacks within a given budget"),
        ({**PGD, "parameters": {"stepz": 3}}, "parameters.stepz: foolbox:LinfPGD has no keyword 'stepz'; did you mean 'steps'?"),
        ({**PGD, "steps": 3}, "steps: unknown key: keywords of foolbox:LinfPGD go to attacks.m.parameters.steps"),
        ({**PGD, "norms": "l2"}, "norms: unknown key; did you mean 'norm'?"),
        ({**PGD, "norm": "l1"}, "norm: 'l1' is not one of linf, l2, l0"),
        ({**PGD, "target": "nearest"}, "target: must be none, runner_up, least_likely, next or a class's number, not 'nearest'"),
        ({**PGD, "target": True}, "target: must be none, runner_up, least_likely, next or a class's number, not True"),
        ({**PGD, "epsilon": 2}, "epsilon: 2 is more than the width of pixel_range [0, 1]: write 8 of 255 grey levels as 8/255"),
        ({**PGD, "norm": "l0", "clip": True}, "clip: images cannot be moved into a budget in l0: leave it out"),
        ({**SQUARE, "epsilon": "0.1"}, "norm: is missing: say in which norm the budget counts (linf, l2 or l0)"),
        ({**SQUARE, "parameters": {"eps": "0.1"}}, "norm: is missing: say in which norm the budget counts (linf, l2 or l0)"),
        ({**SQUARE, "epsilon": "0.1", "norm": "l2", "parameters": {"eps": 1}}, "epsilon: parameters.eps gives a budget too: leave one of the two out"),
        ({**SQUARE, "target": 3}, "target: art:SquareAttack cannot be targeted: it has no keyword targeted"),
        ({**SQUARE, "parameters": {"estimator": 1}}, "parameters.estimator: is set by the workflow: leave it out"),
        ({**SQUARE, "parameters": {"p_init": {"a": 1}}}, "parameters.p_init: {'a': 1} is not a number, true or false, text or null"),
        ({"attack": "nowhere.at_all:attack"}, "attack: there is no module nowhere.at_all in execution.code or among the installed packages"),
        ({"attack": "foolbox.attacks.nowhere:attack"}, "attack: there is no module foolbox.attacks.nowhere in execution.code or among the installed packages"),
        ({"attack": "two words:attack"}, "attack: 'two words:attack' must be library:NAME, such as foolbox:L2DeepFoolAttack, or package.module:NAME"),
        ({"attack": "mylab:farr"}, "attack: mylab has no 'farr'; did you mean 'far'?"),
        ({"attack": "mylab:far"}, "parameters.epsilon: is missing: mylab:far has no default for it"),
        ({"attack": "mylab:far", "epsilon": 1, "norm": "linf", "target": "next"}, "target: mylab:far cannot be targeted: it has no keyword targets"),
        ({"attack": "mylab:shown", "parameters": {"x": 1, "depth": 2}}, "parameters.x: is set by the workflow: leave it out"),
        ({"attack": "mylab:shown"}, "parameters.depth: is missing: mylab:shown has no default for it"),
        ({"attack": "mylab:nothing"}, "attack: mylab:nothing must take the model, the images and their labels by position"),
        ({"attack": "mylab.broken:lost"}, "attack: code/mylab/broken.py, line 1 is not valid Python (invalid syntax)"),
        ({"attack": "from_file"}, "path: is missing and has no default"),
        ({"attack": "from_file", "path": "a.npz", "epsilon": "0.1"}, "norm: is missing: say in which norm the budget counts (linf, l2 or l0)"),
        ({"attack": "pgd", "epsilon": "0.1", "alpha": "0.1", "steps": 1, "norm": "l1"}, "norm: 'l1' is not one of linf, l2"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(own, entry, line):
    assert lines(with_code(entry)) == [f"my.yaml: attacks.m.{line}"]


@pytest.mark.parametrize("library", ["foolbox", "torchattacks", "art", "adv_lib"])
def test_a_library_that_is_not_installed_is_named_with_its_package(monkeypatch, library):
    monkeypatch.setattr(callables, "is_installed", lambda package: False)
    (line,) = lines(changed("attacks.m", {"attack": f"{library}:Anything"}))
    assert f"attacks.m.attack: the package {library} is not installed: pip install " in line


def test_what_is_right_is_taken(own):
    entries = {
        "a": {**PGD, "parameters": {"steps": 3}, "target": "next"},
        "b": {"attack": "art:SquareAttack", "norm": "linf", "parameters": {"eps": "8/255", "norm": "inf"}},
        "c": {"attack": "mylab:alias", "epsilon": 1, "norm": "l2"},
        "d": {"attack": "art:AutoAttack", "parameters": {"norm": "inf"}, "target": 4},
        "e": {"attack": "mylab:far", "parameters": {"epsilon": "1/2", "times": [1, "1/3", [2]]}, "norm": "l2"},
    }
    content = with_code(PGD)
    content["attacks"] |= entries
    attacks = check(content).attacks
    assert [str(each) for each in attacks["e"].parameters["times"][:2]] == ["1", "1/3"]
    assert attacks["b"].settings() == {"norm": "linf", "parameters": attacks["b"].parameters}
    assert "target" not in attacks["e"].settings() and attacks["a"].settings()["target"] == "next"


def test_settings_that_came_later_are_in_no_recipe_that_leaves_them_out():
    pgd = {"attack": "pgd", "epsilon": "0.1", "alpha": "0.1", "steps": 1}
    plain = check(changed("attacks.m", pgd)).attacks["m"].settings()
    assert plain.keys() == {"epsilon", "alpha", "steps", "random_start", "stop_at_success"}
    other = check(changed("attacks.m", {**pgd, "norm": "l2", "target": 3})).attacks["m"].settings()
    assert other == {**plain, "norm": "l2", "target": 3}


def test_a_trajectory_of_another_librarys_attack_is_refused():
    content = changed("attacks.m", PGD)
    study = content["studies"]["information_flow"]
    study["attacks"] = ["fgsm", "igsm", "m"]
    study["trajectory"] = {"attacks": ["m"]}
    (line,) = lines(content)
    assert "trajectory.attacks[0]: 'm' does not record its intermediate inputs" in line


def test_checking_imports_no_library():
    code = (
        "import sys; from workflow_scripts.configuration import definitions as c; "
        "found = [c.find('foolbox.attacks', 'FGSM'), c.find('art.attacks.evasion', 'DeepFool')]; "
        "assert all(found), found; assert not {'torch', 'foolbox', 'art', 'numpy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(callables.__file__).parents[2])
