"""`explain`: what differs between an artifact and the nearest earlier one."""

from fractions import Fraction
from pathlib import Path

import yaml

from workflow_scripts.configuration.load import check, load
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.reasons.differences import changes, difference, shortened
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.recipe import read_recipe, write_recipe
from workflow_scripts.store.__main__ import main
from workflow_scripts.store.plans import remember_plan

STORE = Path("results/store")
IMAGES = {"split": "test", "count": 10, "selection_seed": 0}


def configure(configuration: dict) -> Planner:
    Path("config/config.yaml").write_text(yaml.safe_dump(configuration))
    return Planner(check(configuration))


def test_changes_name_paths():
    old = {"a": {"b": "1/40", "c": [1, 2], "gone": 1}, "list": [1], "same": 1, "kind": 1}
    new = {"a": {"b": "1/20", "c": [1, 3], "new": 2}, "list": [1, 2], "same": 1, "kind": True}
    found = {path: shortened(*pair) for path, *pair in changes(old, new)}
    assert found == {
        "a.b": ("1/40", "1/20"),
        "a.c[1]": ("2", "3"),
        "a.gone": ("1", "absent"),
        "a.new": ("absent", "2"),
        "list": ("[1]", "[1, 2]"),
        "kind": ("1", "true"),
    }


def test_long_values_show_where_they_differ():
    old, new = shortened("x" * 500 + "A" + "y" * 500, "x" * 500 + "B" + "y" * 500)
    assert len(old) < 70 and "A" in old and "B" in new


def test_explain_a_parameter(put, configuration, capsys):
    before = configure(configuration).adversarial("fgsm", "small", 0, IMAGES)
    put(before, {"a": b"x"})
    configuration["attacks"]["fgsm"]["epsilon"] = "1/20"
    after = configure(configuration).adversarial("fgsm", "small", 0, IMAGES)
    path = write_recipe(after, Path("results/recipes"))
    assert main(["explain", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{after.folder} compared with {before.folder} (finished):"
    assert lines[1:] == ["  attacks.fgsm.epsilon: 8/255 → 1/20"]
    assert main(["explain", after.digest[:8]]) == 0
    assert capsys.readouterr().out.splitlines() == lines


def test_explain_an_input_and_the_epoch(put, configuration, capsys):
    first = configure(configuration)
    for recipe in (first.adversarial("fgsm", "small", 0, IMAGES), *first.plan.recipes.values()):
        put(recipe, {"a": b"x"})
    configuration["trainings"]["short"]["epochs"] = 8
    second = configure(configuration)
    after = second.adversarial("fgsm", "small", 0, IMAGES)
    for recipe in second.plan.recipes.values():
        write_recipe(recipe, Path("results/recipes"))
    assert main(["explain", after.folder]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  input model good_init-s0 differs: trainings.short.epochs: 1 → 8"
    ]
    configuration["numerics_epoch"] = "2"
    third = configure(configuration).dataset("digits")
    write_recipe(third, Path("results/recipes"))
    assert main(["explain", third.digest]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["  numerics_epoch: 1 → 2"]


def test_inputs_whose_roles_hold_exact_numbers_are_compared(digits, planner, tmp_path):
    """As the weight-decay sweep's: a planned recipe has the fraction, one that was read back its text."""
    models = [planner.model("small", seed) for seed in (0, 1)]
    before, after = (
        planner.recipe("aggregate", "x", {}, (model.as_input(name="swept", weight_decay=Fraction(1, 2000)),))
        for model in models
    )
    ((_, old, new),) = difference(read_recipe(write_recipe(before, tmp_path)), after).inputs
    assert (old.digest, new.digest) == tuple(model.digest for model in models)


def test_explain_code(put, planner, digits, capsys):
    from dataclasses import replace

    put(digits, {"a": b"x"})
    modules = {m: f for m, f in digits.modules.items() if m != "workflow_scripts.data.source_files"}
    edited = replace(
        digits, modules=modules | {"workflow_scripts.jobs.job": "f" * 16, "workflow_scripts.new": "e" * 16}
    )
    assert main(["explain", str(write_recipe(edited, Path("results/recipes")))]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  module workflow_scripts.data.source_files removed",
        f"  module workflow_scripts.jobs.job changed ({digits.modules['workflow_scripts.jobs.job']} → {'f' * 16})",
        "  module workflow_scripts.new added",
    ]
    assert difference(digits, edited).words() == [
        "code changed: jobs.job", "code added: new", "code removed: data.source_files",
    ]  # fmt: skip


def test_explain_prefers_what_was_replaced_to_another_seed(put, configuration, capsys):
    old = configure(configuration).model("small", 0)
    put(old, {"a": b"x"})
    configuration["trainings"]["short"]["learning_rate"] = "1/10"
    configuration["trainings"]["short"]["epochs"] = 3
    configuration["models"]["small"]["seeds"] = [0, 1]
    planner = configure(configuration)
    new, other = planner.model("small", 0), planner.model("small", 1)
    for recipe in (new, other):
        write_recipe(recipe, Path("results/recipes"))
    assert main(["explain", new.folder]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert old.folder in lines[0]
    assert lines[1:3] == ["  trainings.short.epochs: 1 → 3", "  trainings.short.learning_rate: 1/20 → 1/10"]


def test_explain_planned(put, configuration, capsys):
    configure(configuration)
    plan = make_plan(load(Path("config/config.yaml")))
    for recipe in plan.recipes.values():
        put(recipe, {"a": b"x"})
    remember_plan(STORE, plan.recipes, Path("config/config.yaml"), {})
    assert main(["explain", "--planned"]) == 0
    assert capsys.readouterr().out == f"0 of {len(plan.recipes)} artifacts have yet to be made\n"
    configuration["attacks"]["fgsm"]["epsilon"] = "1/20"
    configure(configuration)
    assert main(["explain", "--planned"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (attack,) = [line for line in lines if line.startswith("adversarial/")]
    assert "attacks.fgsm.epsilon: 8/255 → 1/20 (compared with" in attack
    (table,) = [line for line in lines if line.startswith("table/information_flow-table_2--")]
    assert "input adversarial good_init-s0-fgsm differs: attacks.fgsm.epsilon: 8/255 → 1/20" in table
    assert not [line for line in lines if line.startswith(("dataset/", "model/"))]


def test_explain_needs_one_thing(here, capsys):
    assert main(["explain"]) == 2 and main(["explain", "x", "--planned"]) == 2 and main(["explain", "x"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_explain_steps_over_foreign_files(put, digits, capsys):
    put(digits, {"a": b"x"})
    Path("results/recipes/dataset/foreign--000000000000.json").write_text("[]")
    (STORE / "dataset" / ("foreign--" + "0" * 12)).mkdir()
    (STORE / "dataset" / ("foreign--" + "0" * 12) / "manifest.json").write_text("[]")
    assert main(["explain", digits.folder]) == 0
    assert "the only recipe of its kind" in capsys.readouterr().out
