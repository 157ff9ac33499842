"""What the information_flow study plans beside the paper's tables and figures, and which estimate each shows."""

from __future__ import annotations

import copy

import pytest

from workflow_scripts.configuration.load import check, read_yaml
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.fingerprint import ROOT

DEFAULT = read_yaml(ROOT / "config" / "config.yaml")
NUMBERED = {f"figure_{number}" for number in range(3, 12)}


def planned(**keys):
    content = copy.deepcopy(DEFAULT)
    content["studies"] = {"information_flow": content["studies"]["information_flow"] | keys}
    return make_plan(check(content), contents=dict.fromkeys(content["datasets"], "not read"))


def recipes(plan):
    return {publication.name: publication.recipe for publication in plan.publications}


@pytest.fixture(scope="module")
def default():
    return planned()


def test_every_numbered_figure_of_paths_has_a_control(default):
    made = recipes(default)
    controls = {name for name in made if name.startswith("controls_")}
    others = {
        "controls_attacks",
        "controls_paired_shifts",
        "controls_path_distances",
        "controls_buckets",
        "controls_random_walk",
    }
    assert controls == {f"controls_{name}" for name in NUMBERED} | others
    for name in NUMBERED:
        shown, control = made[name].parameters, made[f"controls_{name}"].parameters
        assert (shown["information"], control["information"]) == ("plug_in", "corrected")
        assert shown["renderer"] == control["renderer"]
        assert made[name].inputs == made[f"controls_{name}"].inputs
        assert "corrected for chance" in control["caption"] and "corrected for chance" not in shown["caption"]


def test_one_key_turns_the_estimates_round(default):
    before, after = recipes(default), recipes(planned(information="corrected"))
    assert after["figure_4"].parameters["information"] == "corrected"
    assert after["controls_figure_4"].parameters["information"] == "plug_in"
    assert after["findings"].parameters["information"] == "corrected"
    drawn = ("table", "figure", "results_page")
    measured = {recipe.folder for recipe in default.recipes.values() if recipe.kind not in drawn}
    again = planned(information="corrected").recipes.values()
    assert {recipe.folder for recipe in again if recipe.kind not in drawn} == measured
    same = {"table_2", "table_4", "table_6", "table_7", "table_8", "table_10", "figure_1", "controls_buckets"}
    assert all(after[name].digest == before[name].digest for name in same)


def test_clean_images_are_measured_where_attacked_ones_are(default):
    made = recipes(default)
    for name in ("controls_path_distances", "controls_paired_shifts"):
        roles = [item.role for item in made[name].inputs]
        clean = {(role["model"], role["seed"]) for role in roles if role["name"] == "clean_paths"}
        paired = {
            (role["model"], role["seed"])
            for role in roles
            if role["name"] == "aggregated_paths" and role["subset"] in ("attacked", "common")
        }
        assert paired <= clean
        assert len({str(sorted(role.items())) for role in roles}) == len(roles)


def test_a_caption_says_how_many_images_and_trainings(default):
    made = recipes(default)
    assert "in these 2 trainings, on 100 training images" in made["table_3"].parameters["caption"]
    assert "in this training" in made["figure_4"].parameters["caption"]
    assert "95% credible" in made["figure_10"].parameters["caption"]


def test_a_walk_is_the_control_of_each_trajectory(default):
    walks = [item for item in recipes(default)["survival"].inputs if item.role.get("control") == "random_walk"]
    assert [item.role["attack"] for item in walks] == DEFAULT["studies"]["information_flow"]["trajectory"]["attacks"]
    sources = default.recipes[walks[0].folder].inputs
    assert [item.kind for item in sources if item.role["name"] == "images"] == ["random_walk"]


def test_a_study_of_one_model_has_its_controls_too():
    made = recipes(planned(compressed=None, distillation=None, models=["good_init"], controls=[]))
    assert {"controls_paired_shifts", "controls_path_distances", "controls_figure_4"} <= made.keys()
    assert "controls_figure_5" not in made
