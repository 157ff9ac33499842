"""List scheduling: against bounds that hold for every schedule, and for this one (Graham 1969)."""

from __future__ import annotations

import random

import pytest

from workflow_scripts.planning.resources.schedule import Task, elapsed, tails


def graph(seed: int) -> dict[str, Task]:
    generator = random.Random(seed)
    names = [f"job{k}" for k in range(40)]
    return {
        name: Task(generator.uniform(1, 10), True, [n for n in names[:k] if generator.random() < 0.06])
        for k, name in enumerate(names)
    }


def longest_chain(tasks: dict[str, Task]) -> float:
    """By walking every path backwards, without the module's own order."""

    def until(name: str) -> float:
        return tasks[name].seconds + max((until(earlier) for earlier in tasks[name].after), default=0.0)

    return max(map(until, tasks))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("gpus", [1, 3, 50])
def test_elapsed_time_keeps_within_the_bounds(seed: int, gpus: int):
    tasks = graph(seed)
    work, chain = sum(task.seconds for task in tasks.values()), longest_chain(tasks)
    assert max(tails(tasks).values()) == pytest.approx(chain)
    took = elapsed(tasks, gpus, 1)
    assert max(work / gpus, chain) - 1e-9 <= took <= work / gpus + (1 - 1 / gpus) * chain + 1e-9
    if gpus in (1, 50):
        assert took == pytest.approx(work if gpus == 1 else chain)


def test_jobs_without_a_gpu_wait_for_no_gpu():
    tasks = {"a": Task(5, True, []), "b": Task(5, False, []), "c": Task(1, False, ["a", "b"])}
    assert elapsed(tasks, 1, 1) == 6


def test_longer_tails_go_first():
    tasks = {"short": Task(1, True, []), "long": Task(1, True, []), "behind": Task(8, False, ["long"])}
    assert elapsed(tasks, 1, 1) == 9


def test_a_circle_is_an_error():
    with pytest.raises(ValueError, match="cycle"):
        tails({"a": Task(1, True, ["b"]), "b": Task(1, True, ["a"])})
