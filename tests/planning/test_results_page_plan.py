"""What the results page is planned from: all that is published, and one set of every network and attack."""

from __future__ import annotations

import copy
from collections import Counter
from pathlib import Path

import pytest

from workflow_scripts.configuration.load import check, read_yaml
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.recipe import Input, Recipe

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = read_yaml(ROOT / "config" / "config.yaml")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(check(DEFAULT))


def page_of(plan: Plan) -> Recipe:
    (page,) = (publication for publication in plan.publications if publication.is_page)
    assert page.files() == ["results/index.html"] and page.stem == "index"
    return page.recipe


def named(plan: Plan, name: str) -> list[Input]:
    return [item for item in page_of(plan).inputs if item.role["name"] == name]


def test_everything_that_is_published_is_on_it(plan):
    published = {p.recipe.folder for p in plan.publications if not p.is_page}
    assert {item.folder for item in named(plan, "publication")} == published
    assert plan.publications[-1].is_page and list(plan.recipes)[-1] == page_of(plan).folder


def test_there_is_one_set_of_every_network_and_attack(plan):
    sets = named(plan, "set")
    counts = Counter((item.role["model"], item.role["attack"]) for item in sets)
    assert set(counts.values()) == {1}
    titles = {plan.recipes[item.folder].title for item in sets}
    assert all(f"attack {item.role['model']}, seed 0, by" in plan.recipes[item.folder].title for item in sets)
    assert len(titles) == len(sets)
    assert {plan.recipes[item.folder].parameters["images"]["split"] for item in sets} == {"test"}
    made = [recipe for recipe in plan.recipes.values() if recipe.kind == "adversarial"]
    attacked = {recipe.title.partition(" (ε")[0] for recipe in made if " control: " not in recipe.title}
    assert len(counts) == len({title for title in attacked if ", seed 0," in title})


def test_measurements_are_those_of_the_set_in_the_network_that_it_was_made_against(plan):
    """Followed once more from the measurement to the model and the images, by the recipes alone."""
    sets = {(item.role["model"], item.role["attack"]): plan.recipes[item.folder] for item in named(plan, "set")}
    for item in [*named(plan, "paths"), *named(plan, "responses"), *named(plan, "reactions")]:
        made, recipe = sets[item.role["model"], item.role["attack"]], plan.recipes[item.folder]
        while not any(each.role.get("name") == "model" for each in recipe.inputs):
            recipe = plan.recipes[recipe.inputs[0].folder]
        folders = {each.folder for each in recipe.inputs}
        if "control" in item.role:
            controls = [plan.recipes[folder] for folder in folders if item.role["control"] in folder]
            folders |= {each.folder for control in controls for each in control.inputs if each.role["name"] == "like"}
        assert made.folder in folders
        assert {each.folder for each in made.inputs if each.role["name"] == "model"} <= folders
    assert {item.role["model"] for item in named(plan, "responses")} >= {"standard", "robust"}
    assert {item.role.get("control") for item in named(plan, "responses")} == {None, "shuffled"}
    atlas = DEFAULT["studies"]["atlas"]
    assert len(named(plan, "reactions")) == len(atlas["models"]) * len(atlas["attacks"])
    of_original = {item.role["attack"] for item in named(plan, "paths") if item.role["model"] == "good_init"}
    assert set(DEFAULT["studies"]["information_flow"]["path_attacks"]) <= of_original


def test_saliency_belongs_to_its_victims_and_classes(plan):
    victims = {name for entry in DEFAULT["studies"]["attack_signatures"]["datasets"] for name in entry["victims"]}
    assert {item.role["model"] for item in named(plan, "saliency")} == victims
    with_class = {item.role["model"]: item.role["class"] for item in named(plan, "set") if "class" in item.role}
    assert with_class.keys() == victims
    assert {item.role["model"] for item in named(plan, "input_saliency")} <= victims


def test_one_more_attack_changes_the_page_and_a_study_less_leaves_its_part_out(plan):
    content = copy.deepcopy(DEFAULT)
    content["studies"] = {"local_properties": content["studies"]["local_properties"]}
    smaller = make_plan(check(content))
    assert {item.role["study"] for item in named(smaller, "publication")} == {"local_properties"}
    assert page_of(smaller).digest != page_of(plan).digest
    content["attacks"]["fgsm_15"]["epsilon"] = "1/9"
    assert page_of(make_plan(check(content))).digest != page_of(smaller).digest


def test_the_page_decides_no_other_recipe(plan):
    page = page_of(plan).folder
    assert not [r.folder for r in plan.recipes.values() if page in {item.folder for item in r.inputs}]
