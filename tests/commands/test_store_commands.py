"""The store's commands: list, show and explain."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from workflow_scripts.configuration.load import check
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.recipe import read_recipe, write_recipe
from workflow_scripts.store.__main__ import main
from workflow_scripts.store.integrity import with_checksum

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
