"""Estimate what a configuration takes, by kind of artifact and on 1, 8 and 64 GPUs, as Markdown; no image is read.

python -m workflow_scripts.commands.cost_estimate --configfile config/paper.yaml
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict

from workflow_scripts.commands.configuration_options import (
    DEFAULT_CONFIGURATION,
    add_configuration_options,
    load_configuration,
)
from workflow_scripts.configuration.load import ConfigurationError
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.resources.estimate import Estimates
from workflow_scripts.planning.resources.machine import (
    CPU_RATE,
    GPU_CARD,
    GPU_PEAK,
    GPU_RATE,
    GPU_SHARE,
    PROCESSORS_PER_GPU,
    seconds,
)
from workflow_scripts.planning.resources.schedule import Task, elapsed, tails
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.code_equivalences import EquivalenceError
from workflow_scripts.recipes.fingerprint import MissingModule
from workflow_scripts.recipes.kinds import KINDS

HOUR = 3600


def tasks_of(plan: Plan, *, gpu: bool = True) -> dict[str, Task]:
    """The jobs of a plan with their expected durations, by artifact folder."""
    estimates = Estimates(lambda item: plan.recipes[item.folder])
    return {
        folder: Task(
            seconds(estimates.cost(recipe), gpu=gpu, threads=1),
            not KINDS[recipe.kind].on_processor,
            [item.folder for item in recipe.inputs],
        )
        for folder, recipe in plan.recipes.items()
    }


def report(plan: Plan, gpus: list[int], max_hours: float) -> str:
    """Hours by kind of artifact, elapsed hours by number of GPUs, and the kinds with jobs longer than `max_hours`."""
    tasks = tasks_of(plan)
    by_kind: dict[str, list[Task]] = defaultdict(list)
    for folder, task in tasks.items():
        by_kind[folder.partition("/")[0]].append(task)
    lines = [
        f"Assumed: {GPU_SHARE:.0%} of the {GPU_PEAK / 1e12:g} TFLOP/s that an {GPU_CARD} has in float32, and for what "
        f"runs beside it {PROCESSORS_PER_GPU} processor threads a GPU.",
        "",
        "| made | jobs | GPU-hours | processor-hours | longest job, hours |",
        "|---|---:|---:|---:|---:|",
    ]
    for kind in (kind for kind in KINDS if kind in by_kind):
        made = by_kind[kind]
        spent = _hours(sum(task.seconds for task in made))
        columns = ("–", spent) if KINDS[kind].on_processor else (spent, "–")
        lines.append(f"| {kind} | {len(made)} | {' | '.join(columns)} | {_hours(max(t.seconds for t in made))} |")
    total = {flag: _hours(sum(t.seconds for t in tasks.values() if t.gpu is flag)) for flag in (True, False)}
    lines.append(f"| all | {len(tasks)} | {total[True]} | {total[False]} | {_hours(_longest(tasks))} |")
    lines += ["", "| GPUs | elapsed hours | GPUs busy |", "|---:|---:|---:|"]
    busy = sum(task.seconds for task in tasks.values() if task.gpu)
    for count in gpus:
        took = elapsed(tasks, count, count * PROCESSORS_PER_GPU)
        lines.append(f"| {count} | {_hours(took)} | {busy / took / count:.0%} |")
    lines += ["", f"However many GPUs: {_hours(max(tails(tasks).values()))} hours, the longest chain of jobs.", ""]
    return "\n".join([*lines, *_long(tasks, max_hours)])


def _long(tasks: dict[str, Task], max_hours: float) -> list[str]:
    """Which kinds have jobs longer than the limit, and how many retries the longest needs."""
    over = {folder: task for folder, task in tasks.items() if task.seconds > max_hours * HOUR}
    if not over:
        return [f"No job is expected to take more than {max_hours:g} hours."]
    kinds = sorted({folder.partition("/")[0] for folder in over})
    again = math.ceil(_longest(over) / (max_hours * HOUR)) - 1
    return [
        f"{len(over)} jobs are expected to take more than {max_hours:g} hours ({', '.join(kinds)}); with "
        f"execution.max_hours they end there and continue: --retries {again}."
    ]


def _longest(tasks: dict[str, Task]) -> float:
    return max(task.seconds for task in tasks.values())


def _hours(duration: float) -> str:
    """Hours to two significant digits, or whole from 100 on."""
    hours = duration / HOUR
    return f"{hours:,.0f}" if hours >= 100 else f"{hours:.2g}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.commands.cost_estimate", description=__doc__.split("\n")[0]
    )
    add_configuration_options(parser, "a configuration; the last one counts")
    parser.add_argument("--gpus", type=int, nargs="+", default=[1, 8, 64], help="numbers of GPUs")
    parser.add_argument("--max-hours", type=float, default=24, help="name the jobs that take longer")
    parser.add_argument("--processor", action="store_true", help="without GPUs: hours of one processor thread")
    options = parser.parse_args(arguments)
    try:
        path = options.configfile[-1] if options.configfile else DEFAULT_CONFIGURATION
        configuration = load_configuration(path, options.config)
        plan = make_plan(configuration, contents=dict.fromkeys(configuration.datasets, "not read"))
    except (ConfigurationError, EquivalenceError, MissingModule) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if options.processor:
        spent = sum(task.seconds for task in tasks_of(plan, gpu=False).values())
        print(f"{_hours(spent)} hours of one processor thread at {CPU_RATE:.0e} operations a second")
        print(f"({GPU_RATE / CPU_RATE:.0f} times slower than the assumed GPU).")
        return 0
    print(report(plan, options.gpus, options.max_hours))
    return 0


if __name__ == "__main__":
    sys.exit(main())
