"""An attack and an architecture of one's own: what is taken, and one clear line for each mistake with them."""

# ruff: noqa: E501  (the expected lines stand here as they are shown)

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from mistaken import changed, lines

from workflow_scripts.configuration import modules as config_modules
from workflow_scripts.configuration.load import check

OWN_ATTACK = """
    import a_package_that_is_not_there

    def attack(model, x, y, *, strength, rounds=3, pixel_range, seed, indices, batch_size=1, progress=None):
        ...
"""
OWN_MODEL = """
    import a_package_that_is_not_there

    INITIALISATION = "kaiming"
    SMALLEST_IMAGE = 16

    def build(*, in_channels, classes, image_size, width=1.0, depth):
        return image_size // 4
"""


@pytest.fixture
def own_modules(tmp_path, monkeypatch):
    """A checkout with an attack `mine`, an architecture `mine` and some that are not right."""
    folders = {name: tmp_path / "workflow_scripts" / name for name in ("attacks", "models")}
    for folder in folders.values():
        folder.mkdir(parents=True)
        source = Path(config_modules.__file__).parents[1] / folder.name
        for path in source.glob("*.py"):
            (folder / path.name).write_text(path.read_text())
    for name, text in (
        ("mine", OWN_ATTACK),
        ("blind", "def attack(model, x, y, *, seed, indices): ..."),
        ("broken", "def"),
    ):
        (folders["attacks"] / f"{name}.py").write_text(textwrap.dedent(text))
    for name, text in (("mine", OWN_MODEL), ("bare", "def build(*, in_channels, classes, width): ...")):
        (folders["models"] / f"{name}.py").write_text(textwrap.dedent(text))
    monkeypatch.setattr(config_modules, "ROOT", tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("attacks.m", {"attack": "mine", "parameters": {"strenght": 1, "strength": 2}},
         "attacks.m.parameters.strenght: attack() of mine has no keyword 'strenght'; did you mean 'strength'?"),
        ("attacks.m", {"attack": "mine"}, "attacks.m.parameters.strength: is missing: attack() of mine has no default for it"),
        ("attacks.m", {"attack": "mine", "parameters": {"strength": 1, "seed": 2}},
         "attacks.m.parameters.seed: is set by the workflow: leave it out"),
        ("attacks.m", {"attack": "mine", "strength": 1},
         "attacks.m.strength: unknown key: mine is an attack of your own, whose settings go to attacks.m.parameters.strength"),
        ("attacks.m", {"attack": "mine", "parameters": {"strength": [1, 2]}},
         "attacks.m.parameters.strength: [1, 2] is not a number, true or false, text or null"),
        ("attacks.m", {"attack": "mine", "parameters": {"strength": float("nan")}},
         "attacks.m.parameters.strength: 'nan' is not a number (write 0.031, 1e-3 or 8/255)"),
        ("attacks.m", {"attack": "blind"},
         "attacks.m.attack: attack() of blind must take the keyword pixel_range, which every attack is given"),
        ("attacks.m", {"attack": "broken"},
         "attacks.m.attack: workflow_scripts/attacks/broken.py, line 1 is not valid Python (invalid syntax)"),
        ("models.m", {"architecture": "mine", "dataset": "mnist", "training": "long"},
         "models.m.parameters.depth: is missing: build() of mine has no default for it"),
        ("models.m", {"architecture": "mine", "dataset": "digits", "training": "long", "parameters": {"depth": 2}},
         "models.m.architecture: mine takes images of 16 pixels or more, and datasets.digits has 8: "
         "set datasets.digits.image_size to 16"),
    ],
)  # fmt: skip
def test_a_mistake_with_a_module_of_ones_own_is_one_line(own_modules, key, value, line):
    assert lines(changed(key, value)) == [f"my.yaml: {line}"]


def test_a_module_of_ones_own_is_taken(own_modules):
    content = changed("attacks.m", {"attack": "mine", "parameters": {"strength": "8/255", "rounds": 5}})
    content["models"]["m"] = {
        "architecture": "mine", "dataset": "mnist", "training": "long", "parameters": {"depth": 2}
    }  # fmt: skip
    taken = check(content).attacks["m"]
    assert str(taken.parameters["strength"]) == "8/255" and taken.parameters["rounds"] == 5


def test_a_trajectory_needs_an_attack_that_records(own_modules):
    content = changed("attacks.m", {"attack": "mine", "parameters": {"strength": 1}})
    study = content["studies"]["information_flow"]
    study["attacks"] = ["fgsm", "igsm", "m"]
    study["trajectory"] = {"attacks": ["m"]}
    assert lines(content) == [
        "my.yaml: studies.information_flow.trajectory.attacks[0]: 'm' does not record its intermediate inputs "
        "(its function takes no keyword record); choose one of fgsm, igsm"
    ]


def test_an_architecture_without_its_constant_and_its_keyword(own_modules):
    content = changed("models.m", {"architecture": "bare", "dataset": "mnist", "training": "short"})
    assert lines(content) == [
        "my.yaml: models.m.architecture: build() of bare must take the keyword image_size, which every architecture is given",
        "my.yaml: models.m.architecture: workflow_scripts/models/bare.py must set INITIALISATION to 'kaiming' or 'lsuv'",
    ]
