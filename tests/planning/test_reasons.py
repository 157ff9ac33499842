"""Why a run has work to do: what is lacking in the store, by cause, in words of the configuration or the code."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from workflow_scripts.configuration.load import check
from workflow_scripts.planning.reasons import summary as module
from workflow_scripts.planning.reasons.differences import in_configuration
from workflow_scripts.planning.reasons.summary import counted, summary
from workflow_scripts.planning.snakemake import plan_run
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.recipe import Recipe, write_recipe
from workflow_scripts.store.plans import remember_plan

STORE, RECIPES, CONFIGURATION = Path("results/store"), Path("results/recipes"), Path("config/config.yaml")


@pytest.fixture
def run(put, configuration):
    """Finish a configuration's plan with invented artifacts; returns the plan."""

    def finish(content: dict):
        plan = make_plan(check(content))
        for recipe in plan.recipes.values():
            if not (STORE / recipe.folder).exists():
                put(recipe, {"a": b"x"})
        remember_plan(STORE, plan.recipes, CONFIGURATION, {})
        return plan

    finish(configuration)
    return finish


def why(content: dict) -> list[str]:
    return summary(make_plan(check(content)), STORE, RECIPES, CONFIGURATION)


def test_a_finished_run_has_no_reasons(run, configuration):
    assert why(configuration) == []


def test_an_empty_store_is_one_line(here, configuration):
    (line,) = why(configuration)
    plan = make_plan(check(configuration))
    assert line.startswith(f"{len(plan.recipes)} of {len(plan.recipes)} artifacts are not in the store, nor older ones")
    assert "1 dataset, 1 model" in line


def test_a_changed_value_is_named_as_the_configuration_names_it(run, configuration):
    before = make_plan(check(configuration)).recipes
    configuration["attacks"]["fgsm"]["epsilon"] = "0.1"
    after = make_plan(check(configuration)).recipes
    total, line = why(configuration)
    assert total == f"{len(after.keys() - before.keys())} of {len(after)} artifacts are not in the store:"
    assert line.endswith(": attacks.fgsm.epsilon: 8/255 → 1/10") and line.startswith("  1 adversarial, ")


@pytest.mark.parametrize(
    ("section", "name", "key", "value", "said"),
    [
        ("trainings", "short", "epochs", 2, "trainings.short.epochs: 1 → 2"),
        ("trainings", "short", "schedule", {"warmup": "1/2"}, "trainings.short.schedule.warmup: 0 → 1/2"),
        ("models", "small", "width", "1/4", "models.small.width: 1/8 → 1/4"),
        ("models", "small", "parameters", {"dropout": 0}, "models.small.parameters.dropout: absent → 0"),
        ("datasets", "digits", "mean", ["0.4"], "datasets.digits.mean[0]: 1/2 → 2/5"),
        ("datasets", "digits", "image_size", 10, "datasets.digits.image_size: null → 10"),
        ("studies", "information_flow", "buckets", 9, "studies.information_flow.buckets: 8 → 9"),
        ("studies", "information_flow", "images", 9, "the images attacked.count: 10 → 9"),
    ],
)
def test_every_section_is_named(run, configuration, section, name, key, value, said):
    configuration[section][name][key] = value
    assert [line for line in why(configuration) if line.endswith(f": {said}")], why(configuration)


def test_two_causes_are_two_lines_and_what_both_reach_is_counted_once(run, configuration):
    configuration["attacks"]["fgsm"]["epsilon"] = "0.1"
    configuration["studies"]["information_flow"]["buckets"] = 9
    lines = why(configuration)
    plan = make_plan(check(configuration))
    counts = [int(word) for line in lines[1:] for word in line.split(": ")[0].split() if word.isdigit()]
    assert sum(counts) == int(lines[0].split()[0]) == len(module.lacking(plan, STORE))
    assert lines[1].endswith("attacks.fgsm.epsilon: 8/255 → 1/10") and len(lines) <= 4


def test_what_an_input_changed_is_said_where_the_input_is_there_already(run, put, configuration):
    """A run that ended after the new training: the attack's reason is still the training's."""
    configuration["trainings"]["short"]["epochs"] = 2
    plan = make_plan(check(configuration))
    put(next(r for r in plan.recipes.values() if r.kind == "model"), {"a": b"y"})
    _, *lines = why(configuration)
    assert lines[0].startswith("  1 adversarial") and lines[0].endswith("trainings.short.epochs: 1 → 2")


def test_edited_code_is_named(run, configuration):
    plan = make_plan(check(configuration))
    edited = {}
    for recipe in plan.recipes.values():
        if recipe.kind == "adversarial":
            modules = {**recipe.modules, "workflow_scripts.attacks.fgsm": "0" * 16}
            recipe = dataclasses.replace(recipe, modules=modules)
        edited[recipe.folder] = recipe
    plan.recipes = edited
    assert [line.partition(": ")[2] for line in summary(plan, STORE, RECIPES, CONFIGURATION)[1:]] == [
        "code changed: attacks.fgsm"
    ]


def test_a_new_entry_and_a_removed_artifact_have_nothing_to_be_compared_with(run, configuration):
    study = configuration["studies"]["information_flow"]
    study["attacks"] = [*study["attacks"], "pgd"]
    assert [line for line in why(configuration) if line.endswith(": new (attacks.pgd)")]
    study["attacks"].pop()
    (model,) = STORE.glob("model/*")
    shutil.rmtree(model)
    assert why(configuration)[1:] == ["  1 model: new (models.small)"]


def test_a_damaged_older_artifact_explains_nothing_and_harms_nothing(run, configuration):
    configuration["attacks"]["fgsm"]["epsilon"] = "0.1"
    for path in [*STORE.glob("adversarial/*fgsm*/manifest.json"), *RECIPES.glob("adversarial/*fgsm*.json")]:
        path.write_text("{")
    assert why(configuration)[1].endswith(": new (attacks.fgsm)")


def test_many_causes_are_a_few_lines(run, configuration, monkeypatch):
    monkeypatch.setattr(module, "_MAX_LINES", 1)
    configuration["trainings"]["short"]["epochs"] = 2
    configuration["datasets"]["digits"]["image_size"] = 10
    configuration["studies"]["information_flow"]["buckets"] = 9
    content = {**configuration, "numerics_epoch": "2"}
    assert len(why(configuration)) <= 4 and len(why(content)) <= 4


def test_few_artifacts_are_read_however_many_there_are(here, put, monkeypatch):
    """Of a store full of older versions the latest are read, each once, whatever the plan's size."""
    older = [Recipe("model", "small", {"k": k}, (), {}, "1") for k in range(40)]
    for recipe in older:
        put(recipe, {"a": b"x"})
    remember_plan(STORE, [recipe.folder for recipe in older], CONFIGURATION, {})
    shutil.rmtree(RECIPES)
    read = []
    original = module.recipe_of
    monkeypatch.setattr(module, "recipe_of", lambda artifact: read.append(artifact.path) or original(artifact))
    recipes = [Recipe("model", "small", {"k": k}, (), {}, "1") for k in range(100, 300)]
    plan = module.Plan({r.folder: r for r in recipes})
    assert len(summary(plan, STORE, RECIPES, CONFIGURATION)) <= module._MAX_LINES + 2
    assert len(read) == len(set(read)) == module._MAX_CANDIDATES


def test_a_parameter_of_no_key_is_named_with_its_kind():
    assert in_configuration(Recipe("spectra", "x", {}, (), {}, "1"), "images") == "spectra's images"
    model = Recipe("model", "x", {}, (), {}, "1", keys={"entry": "models.m"})
    assert in_configuration(model, "numerics_epoch") == "numerics_epoch"
    keys = {"entry": "e", "a": "first", "a.b": "second"}
    model = Recipe("model", "x", {}, (), {}, "1", keys=keys)
    assert [in_configuration(model, path) for path in ("a.c", "a.b.d", "x")] == ["first.c", "second.d", "e.x"]


def test_many_kinds_are_not_all_named():
    text = counted([f"kind_{k}/a" for k in range(13)] + ["kind_12/b"])
    assert text.startswith("1 kind_0, 1 kind_1, ") and text.endswith(", 1 kind_9, 4 of 3 other kinds")


def test_only_the_process_that_plans_for_a_person_says_it(here, configuration, capsys):
    for explain in (False, True):
        plan_run(here, [], {}, explain=explain)
        assert ("are not in the store" in capsys.readouterr().err) is explain
    for recipe in make_plan(check(configuration)).recipes.values():
        assert write_recipe(recipe, RECIPES).exists()
