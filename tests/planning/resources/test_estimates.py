"""What jobs ask for grows with their work and with the attempt, and every kind of artifact has an estimate."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from workflow_scripts.commands.cost_estimate import main, report, tasks_of
from workflow_scripts.configuration.load import check, load, read_yaml
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.resources.attacks import MEASURING, passes
from workflow_scripts.planning.resources.estimate import COSTS, Estimates
from workflow_scripts.planning.resources.images import Images
from workflow_scripts.planning.resources.machine import (
    GPU_RATE,
    Machine,
    memory_mb,
    runtime_minutes,
    seconds,
    threads_for,
)
from workflow_scripts.planning.resources.recipe_lookup import Cost
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.kinds import KINDS

ROOT = Path(__file__).resolve().parents[3]
DEFAULT = read_yaml(ROOT / "config" / "config.yaml")
CPU, GPU = Machine(False, 4), Machine(True, 4)


def estimated(content: dict, make) -> Cost:
    """The work of the recipe that `make(planner)` returns."""
    planner = Planner(check(content), contents=dict.fromkeys(content["datasets"], "not read"))
    made = make(planner)
    return Estimates(lambda item: planner.plan.recipes[item.folder]).cost(made)


def changed(section: str, name: str, **keys) -> dict:
    content = copy.deepcopy(DEFAULT)
    content[section][name] |= keys
    return content


def model(planner):
    return planner.model("good_init", 0)


def robust(planner):
    return planner.model("robust", 0)


def attacked(planner):
    return planner.adversarial("pgd_20", "good_init", 0, {"split": "test", "count": 300, "selection_seed": 0})


def test_every_stage_has_an_estimate():
    stages = {path.stem for path in (ROOT / "workflow_scripts/jobs/stages").glob("*.py")} - {"__init__"}
    assert stages == COSTS.keys() == KINDS.keys()


@pytest.mark.parametrize("name", ["config.yaml", "cifar10.yaml", "tiny_imagenet.yaml", "paper.yaml"])
def test_every_job_of_every_configuration_asks_for_something_sensible(name: str):
    configuration = load(ROOT / "config" / name)
    plan = make_plan(configuration, contents=dict.fromkeys(configuration.datasets, "not read"))
    estimates = Estimates(lambda item: plan.recipes[item.folder])
    for recipe in plan.recipes.values():
        work = estimates.cost(recipe)
        for machine in (CPU, GPU):
            assert 200 <= memory_mb(work, machine) <= 64_000, recipe.folder
            assert runtime_minutes(work, machine) >= 10 and threads_for(work, machine) in (1, 4)
        assert runtime_minutes(work, GPU) <= 60 * 96, recipe.folder


@pytest.mark.parametrize(
    ("content", "make"),
    [
        (changed("trainings", "auxiliary_bn", epochs=16), model),
        (changed("models", "good_init", width="1/2"), model),
        (changed("datasets", "mnist", split={"train": 4000, "validation": 500, "test": 500}), model),
        (changed("datasets", "mnist", image_size=48), model),
        (changed("models", "good_init", width="1/2"), attacked),
        (changed("attacks", "pgd_20", steps=40), attacked),
        (changed("models", "robust", width="1/4"), robust),
    ],
)
def test_more_to_do_asks_for_more(content: dict, make):
    before, after = estimated(DEFAULT, make), estimated(content, make)
    assert after.operations > 1.1 * before.operations
    assert seconds(after, gpu=False, threads=1) > seconds(before, gpu=False, threads=1)
    assert memory_mb(after, CPU) >= memory_mb(before, CPU)


def test_work_follows_what_is_known_of_it():
    """Twice the epochs are twice the steps; an adversarial step is a usual one and two passes for each of its own."""
    once, twice = (
        estimated(DEFAULT, model),
        estimated(
            changed("trainings", "auxiliary_bn", epochs=2 * DEFAULT["trainings"]["auxiliary_bn"]["epochs"]), model
        ),
    )
    assert twice.operations / once.operations == pytest.approx(2, rel=0.05)
    steps = changed("trainings", "resnet18_adversarial")
    steps["trainings"]["resnet18_adversarial"]["adversarial"]["steps"] = 7
    ratio = estimated(steps, robust).operations / estimated(DEFAULT, robust).operations
    assert 2.5 < ratio < (3 + 14) / (3 + 2)


def test_every_attempt_asks_for_more():
    work = Cost(operations=1e15, seconds=100, libraries_mb=300, data_mb=500, maps_mb=100)
    for machine in (CPU, GPU):
        assert memory_mb(work, machine, 2) == 2 * memory_mb(work, machine, 1)
        assert runtime_minutes(work, machine, 2) == 2 * runtime_minutes(work, machine, 1)


def test_no_job_asks_for_more_than_the_limit():
    work = Cost(operations=GPU_RATE * 3600 * 100)
    assert runtime_minutes(work, Machine(True, 4, max_hours=24), attempt=3) == 24 * 60
    assert runtime_minutes(work, GPU) >= 100 * 60


def test_small_jobs_take_one_thread():
    assert threads_for(Cost(seconds=10), CPU) == 1
    assert threads_for(Cost(seconds=10, operations=1e15), CPU) == 4
    assert threads_for(Cost(seconds=10, operations=1e10), GPU) == 1


def test_maps_lie_where_the_networks_run():
    large = Cost(operations=1, maps_mb=50_000)
    assert memory_mb(large, CPU) > 50_000 > memory_mb(large, GPU)
    assert memory_mb(Cost(libraries_mb=100), GPU) == memory_mb(Cost(libraries_mb=100), CPU)


@pytest.mark.parametrize(("settings", "expected"), [({}, 200), ({"steps": 7}, 14), ({"steps": "many"}, 200)])
def test_an_attack_of_ones_own_takes_its_steps(settings: dict, expected: int):
    assert passes("mine", settings, Images(1, 1, 1, 3, 32, 10, 3)) == MEASURING + expected


def test_the_docs_say_what_the_papers_configuration_takes(capsys):
    text = (ROOT / "docs/benchmarks.md").read_text()
    shown = text.partition("<!-- work of config/paper.yaml -->\n")[2].partition("<!-- end of work -->")[0]
    assert main(["--configfile", str(ROOT / "config/paper.yaml")]) == 0
    assert shown.strip() == capsys.readouterr().out.strip()


def test_a_report_adds_up():
    configuration = check(DEFAULT)
    plan = make_plan(configuration)
    tasks = tasks_of(plan)
    assert len(tasks) == len(plan.recipes)
    text = report(plan, [1, 1000], 0.0001)
    assert f"| all | {len(tasks)} |" in text and "continue: --retries" in text
    assert all(task.seconds > 0 for task in tasks.values())


def test_a_configuration_with_a_mistake_is_one_line(tmp_path, capsys):
    (tmp_path / "wrong.yaml").write_text("studys: {}\n")
    assert main(["--configfile", str(tmp_path / "wrong.yaml")]) == 1
    assert "studys: unknown key" in capsys.readouterr().err
