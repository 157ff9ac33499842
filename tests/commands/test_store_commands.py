"""The store's commands: list, show and explain."""

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from workflow_scripts.configuration.load import check, load
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.reasons.differences import changes, difference, shortened
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.recipe import read_recipe, write_recipe
from workflow_scripts.store.__main__ import main
from workflow_scripts.store.integrity import with_checksum
from workflow_scripts.store.plans import remember_plan

STORE = Path("results/store")
IMAGES = {"split": "test", "count": 10, "selection_seed": 0}


def configure(configuration: dict) -> Planner:
    Path("config/config.yaml").write_text(yaml.safe_dump(configuration))
    return Planner(check(configuration))


def test_every_command_has_help(capsys):
    for words in ([], ["list"], ["show"], ["explain"], ["verify"], ["usage"], ["plans"], ["forget"], ["gc"], ["trash"]):
        with pytest.raises(SystemExit) as ended:
            main([*words, "--help"])
        assert ended.value.code == 0
    assert "the beginning of a digest" in " ".join(capsys.readouterr().out.split())


def test_the_module_runs(here):
    command = [sys.executable, "-m", "workflow_scripts.store", "list"]
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})
    assert done.returncode == 2 and done.stderr.startswith("error: results/store: there is no store here")


def test_list(put, planner, digits, capsys):
    put(digits, {"a": b"x" * 1500})
    put(planner.model("small", 7), {"best.safetensors": b"w"})
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["kind", "label", "digest", "size", "made", "seconds", "current", "what"]
    assert lines[1].split()[:3] == ["dataset", "sklearn_digits", digits.digest[:12]] and lines[1].endswith(
        "yes      data set digits"
    )
    assert lines[2].split()[:2] == ["model", "good_init-s7"] and lines[2].endswith("no")
    assert main(["list", "--json", "--kind", "dataset"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["digest"] == digits.digest and row["bytes"] > 1500 and row["current"] is True and row["seconds"] == 1.5


def test_commands_look_at_the_store_of_the_configuration(put, digits, configuration, capsys):
    put(digits, {"a": b"x"})
    os.rename("results/store", "elsewhere")
    elsewhere = {**configuration, "store": {"root": "elsewhere"}}
    Path("config/mine.yaml").write_text(yaml.safe_dump(elsewhere))
    assert main(["verify"]) == 2 and main(["list"]) == 2
    assert main(["verify", "--full", "--configfile", "config/mine.yaml"]) == 0
    assert main(["list", "--configfile", "config/mine.yaml"]) == 0
    assert main(["list", "--store", "elsewhere"]) == 0
    capsys.readouterr()
    assert main(["gc", "--configfile", "config/mine.yaml"]) == 2
    said = "the configurations have several stores (results/store, elsewhere): give one by --store"
    assert said in capsys.readouterr().err
    configure(elsewhere)
    assert main(["verify"]) == 0 and main(["gc"]) == 0


def test_list_without_a_configuration_still_lists(put, digits, capsys):
    put(digits, {"a": b"x"})
    Path("config/config.yaml").unlink()
    assert main(["list"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[1].endswith("?") and "no such configuration file" in captured.err
    assert main(["list", "--configfile", "nowhere.yaml"]) == 2


@pytest.mark.parametrize("name", ["folder", "kind", "name", "digest", "prefix", "manifest"])
def test_show_by_any_name(put, digits, capsys, name: str):
    artifact = put(digits, {"train/images.npy": b"x"}, {"classes": 10})
    text = {
        "folder": str(artifact.path),
        "kind": digits.folder,
        "name": digits.folder.split("/")[1],
        "digest": digits.digest,
        "prefix": digits.digest[:6],
        "manifest": str(artifact.path / "manifest.json"),
    }[name]
    assert main(["show", text]) == 0
    out = capsys.readouterr().out
    assert (
        out.startswith(digits.folder) and "classes: 10" in out and "train/images.npy" in out and "seconds: 1.5" in out
    )
    assert main(["show", text, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["digest"] == digits.digest


def test_a_name_that_means_nothing_or_too_much(put, planner, digits, capsys):
    put(digits, {"a": b"x"})
    assert main(["show", "nothing"]) == 2
    (STORE / f"model/x--{digits.digest[:12]}").mkdir(parents=True)
    (STORE / f"model/x--{digits.digest[:12]}/manifest.json").write_text("{}")
    assert main(["show", digits.digest[:6]]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2 and "store list" in errors[0] and "ambiguous name" in errors[1]


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


def test_a_label_is_enough_where_only_one_has_it(put, planner, capsys):
    first, epoch = planner.model("small", 7), planner.configuration.model_copy(update={"numerics_epoch": "2"})
    second = Planner(epoch).model("small", 7)
    put(first, {"a": b"x"})
    for text in (f"model/{first.label}", first.label):
        assert main(["show", text]) == 0
        assert capsys.readouterr().out.startswith(first.folder)
    put(second, {"a": b"y"})
    assert main(["show", f"model/{first.label}"]) == 2
    error = capsys.readouterr().err
    assert "ambiguous name" in error and error.count("\n") == 1
    assert first.folder in error and second.folder in error
    assert main(["show", "model/nothing"]) == 2
    assert "model/nothing: no such artifact" in capsys.readouterr().err


def test_usage(put, planner, digits, capsys):
    put(digits, {"a": b"x" * 1500})
    for seed, facts in ((7, {"peak_memory_mb": 300}), (8, {"peak_memory_mb": 400, "peak_gpu_memory_mb": 900})):
        path = put(planner.model("small", seed), {"weights": b"w" * 1000 * seed}).path / "manifest.json"
        manifest = json.loads(path.read_text())
        manifest["run"] |= {"seconds": seed, **facts}
        path.write_text(json.dumps(with_checksum(manifest)))
    assert main(["usage"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1] == ["dataset", "1", "1.5", "1.5", "-", "300", "-", "1.5", "kB", "1.5", "kB"]
    assert lines[2] == ["model", "2", "7.5", "8.0", "400", "700", "900", "7.5", "kB", "8.0", "kB"]
    benchmarks = Path("results/benchmarks/model")
    benchmarks.mkdir(parents=True)
    (benchmarks / "a.tsv").write_text("s\th:m:s\tmax_rss\n10.5\t0:00:10\t512.25\n")
    (benchmarks / "b.tsv").write_text("s\th:m:s\tmax_rss\n0.5\t0:00:00\tNA\n")
    (benchmarks / "c.tsv").write_bytes(b"\xff\xfe")
    assert main(["usage"]) == 0
    assert capsys.readouterr().out.splitlines()[2].split()[-4:] == ["2", "5.5", "10.5", "512"]
    assert main(["usage", "--csv"]) == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert dict(zip(head.split(","), second.split(","), strict=True))["max_bytes"] == "8000"
    assert first.endswith(",0,,,")


def test_list_by_model_and_attack(put, configuration, capsys):
    configuration["models"]["other"] = configuration["models"]["small"] | {"seeds": [3]}
    planner = configure(configuration)
    for recipe in (
        planner.adversarial("fgsm", "small", 0, IMAGES),
        planner.adversarial("pgd", "small", 0, IMAGES),
        planner.adversarial("pgd", "other", 3, IMAGES),
    ):
        put(recipe, {"a": b"x"}, title=recipe.title)

    def listed(*words: str) -> list[str]:
        assert main(["list", "--json", "--kind", "adversarial", *words]) == 0
        return sorted(row["title"] for row in json.loads(capsys.readouterr().out))

    fgsm, pgd = "attack small, seed 0, by fgsm (ε 8/255)", "attack small, seed 0, by pgd (ε 8/255)"
    other = "attack other, seed 3, by pgd (ε 8/255)"
    assert listed("--model", "small") == [fgsm, pgd] and listed("--attack", "pgd") == [other, pgd]
    assert listed("--model", "small", "--attack", "pgd") == [pgd] and listed("--model", "smal") == []
    assert listed("--model", "good_init") == [other, fgsm, pgd]


def test_titles_are_no_part_of_a_recipe_and_are_kept_in_its_file(here, configuration):
    before = configure(configuration).adversarial("fgsm", "small", 0, IMAGES)
    configuration["attacks"]["mine"] = configuration["attacks"].pop("fgsm")
    configuration["studies"] = {}
    after = configure(configuration).adversarial("mine", "small", 0, IMAGES)
    assert before.folder == after.folder and before.title != after.title
    assert read_recipe(write_recipe(after, Path("results/recipes"))).title == "attack small, seed 0, by mine (ε 8/255)"


@pytest.mark.parametrize("words", [["list", "--config", "config/config.yaml"], ["list", "--config", "a.b=1"]])
def test_a_file_is_no_value(here, capsys, words: list[str]):
    with pytest.raises(SystemExit):
        main(words)
    assert "is not KEY=VALUE (a configuration file is given by --configfile)" in capsys.readouterr().err


def test_values_are_laid_over_the_configuration(put, configuration, capsys):
    plan = make_plan(load_with_epsilon(configuration))
    for recipe in plan.recipes.values():
        put(recipe, {"a": b"x"})
    assert main(["explain", "--planned", "--config", "attacks={fgsm: {epsilon: 1/20}}"]) == 0
    assert capsys.readouterr().out == f"0 of {len(plan.recipes)} artifacts have yet to be made\n"
    assert main(["list", "--json", "--config", "attacks={fgsm: {epsilon: 1/20}}"]) == 0
    assert all(row["current"] for row in json.loads(capsys.readouterr().out))


def load_with_epsilon(configuration: dict):
    configuration["attacks"]["fgsm"]["epsilon"] = "1/20"
    return check(configuration)
