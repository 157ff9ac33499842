"""What the Snakefile sees: the plan of a run, as paths."""

from __future__ import annotations

import gc
import math
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from workflow_scripts.configuration.load import ConfigurationError, check, overlaid, read_yaml
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.precision import machine_dependent
from workflow_scripts.planning.reasons.summary import summary
from workflow_scripts.planning.resources.estimate import Estimates
from workflow_scripts.planning.resources.gpus import visible
from workflow_scripts.planning.resources.machine import Machine, memory_mb, runtime_minutes, seconds, threads_for
from workflow_scripts.planning.resources.recipe_lookup import Cost
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.planning.weight_files import check_weight_files
from workflow_scripts.publication.records import PAGE, Publication, is_current, record_path, request
from workflow_scripts.recipes.code_equivalences import EquivalenceError
from workflow_scripts.recipes.content_cache import CONTENT_CACHE
from workflow_scripts.recipes.fingerprint import MissingModule
from workflow_scripts.recipes.kinds import KINDS
from workflow_scripts.recipes.recipe import Recipe, read_recipe, write_recipes
from workflow_scripts.store.plans import remember_plan

RESULTS = Path("results")
DEFAULT_CONFIGURATION = Path("config/config.yaml")


@dataclass(frozen=True)
class PlannedRun:
    """A planned run: the plan, and where its files lie.

    machine_dependent: keys of the configuration that were resolved by what this machine is.
    """

    plan: Plan
    store: str
    options: str
    threads: int
    device: str
    configuration: str
    max_hours: float | None = None
    machine_dependent: tuple[str, ...] = ()

    @cached_property
    def estimates(self) -> Estimates:
        """The work of every job."""
        return Estimates(lambda item: self.recipe(item.kind, item.folder.partition("/")[2]))

    def machine(self, gpu: bool, threads: int) -> Machine:
        """Where jobs run: with or without a GPU, heavy ones on so many processor threads."""
        return Machine(gpu, threads, self.max_hours)

    def work(self, kind: str, artifact: str) -> Cost:
        """What the job of an artifact takes."""
        return self.estimates.cost(self.recipe(kind, artifact))

    def machine_for(self, kind: str, wildcards, machine_of: Callable[..., Machine]) -> Machine:
        """Where a job runs; a training has the threads of its recipe there."""
        found = machine_of(wildcards)
        if not KINDS[kind].trains:
            return found
        return replace(found, threads=self.recipe(kind, wildcards.artifact).parameters["threads"])

    def needs(self, kind: str, machine_of: Callable[..., Machine]) -> dict:
        """A rule's resources: memory in MB, run time in minutes and, for networks, a GPU; more with every attempt."""
        asked: dict = {
            "mem_mb": lambda wildcards, attempt: memory_mb(
                self.work(kind, wildcards.artifact), self.machine_for(kind, wildcards, machine_of), attempt
            ),
            "runtime": lambda wildcards, attempt: runtime_minutes(
                self.work(kind, wildcards.artifact), self.machine_for(kind, wildcards, machine_of), attempt
            ),
        }
        if not KINDS[kind].on_processor:
            asked["gpu"] = lambda wildcards: 1 if machine_of(wildcards).gpu else None
        return asked

    def threads_of(self, kind: str, machine_of: Callable[..., Machine]) -> Callable:
        """A rule's processor threads: a training's from its recipe, another job's from its work."""
        if KINDS[kind].trains:
            return lambda wildcards: self.recipe(kind, wildcards.artifact).parameters["threads"]
        return lambda wildcards: threads_for(self.work(kind, wildcards.artifact), machine_of(wildcards))

    def continuations(self, kind: str, machine: Machine) -> int:
        """How often the longest job of a kind goes on after the run time's limit has ended it; 0 without a limit."""
        if machine.max_hours is None or machine.max_hours >= self.hours_of(kind, machine):
            return 0
        return math.ceil(self.hours_of(kind, machine) / machine.max_hours) - 1

    def hours_of(self, kind: str, machine: Machine) -> float:
        """Expected hours of the longest job of a kind; 0 where the plan has none."""
        costs = [self.estimates.cost(recipe) for recipe in self.plan.recipes.values() if recipe.kind == kind]
        hours = (seconds(cost, gpu=machine.gpu, threads=threads_for(cost, machine)) / 3600 for cost in costs)
        return max(hours, default=0.0)

    @cached_property
    def gpus_here(self) -> int:
        """How many NVIDIA GPUs this machine shows; 0 where the configuration computes on the processor."""
        return 0 if self.device == "cpu" else visible(len(list(Path("/dev").glob("nvidia[0-9]*"))))

    def recipe(self, kind: str, artifact: str) -> Recipe:
        """An artifact's recipe: of this plan, or of the one that submitted this job, whose file is there.

        A cluster's job plans anew; a configuration edited since then must not change what the job makes.
        """
        planned = self.plan.recipes.get(f"{kind}/{artifact}")
        return planned or read_recipe(RESULTS / "recipes" / kind / f"{artifact}.json")

    def title(self, kind: str, artifact: str) -> str:
        """What a job does, in words of the configuration; its artifact where the recipe has no title."""
        return self.recipe(kind, artifact).title or f"{kind} {artifact}"

    def source(self, kind: str, artifact: str) -> str:
        """The words that tell a data set's job where its files are; nothing for sources that need no path."""
        path = self.plan.source_paths.get(f"{kind}/{artifact}")
        return "" if path is None else f"--source {shlex.quote(path)}"

    def recipe_file(self, kind: str, artifact: str) -> str:
        return str(RESULTS / "recipes" / self.recipe(kind, artifact).file_name)

    def manifest(self, folder: str) -> str:
        return f"{self.store}/{folder}/manifest.json"

    def input_manifests(self, kind: str, artifact: str) -> list[str]:
        return sorted({self.manifest(item.folder) for item in self.recipe(kind, artifact).inputs})

    def published(self, study: str | None = None) -> list[str]:
        """The records and public files of every publication, or of one study's."""
        chosen = [p for p in self.plan.publications if study in (None, p.study)]
        return [path for p in chosen for path in (str(record_path(RESULTS, p)), *p.files())]

    def records(self) -> list[str]:
        """The records of every publication."""
        return [str(record_path(RESULTS, publication)) for publication in self.plan.publications]

    @property
    def studies(self) -> list[str]:
        """The studies that publish anything."""
        return sorted({publication.study for publication in self.plan.publications} - {""})

    @cached_property
    def _publications(self) -> dict[tuple[str, str, str], Publication]:
        return {(p.recipe.kind, p.study, p.name): p for p in self.plan.publications}

    def publication(self, kind: str, study: str, name: str) -> Publication:
        """The table or figure of this name; the process ends with one line where the configuration has none."""
        found = self._publications.get((kind, study, name))
        if found is None:
            known = [n for k, s, n in self._publications if (k, s) == (kind, study)]
            nearest = get_close_matches(name, known, n=1)
            hint = f"did you mean {nearest[0]}?" if nearest else f"it has {', '.join(sorted(known)) or 'none there'}"
            print(
                f"\nresults/{kind}s/{study}/{name}: {self.configuration} plans no such {kind}; {hint}\n",
                file=sys.stderr,
            )
            sys.exit(1)
        return found

    @cached_property
    def _requests(self) -> dict[str, list[str]]:
        return {}

    def request(self, publication: Publication) -> list[str]:
        """The file that asks for a publication to be copied; none where its public files are the wanted copies."""
        found = self._requests.get(publication.recipe.folder)
        if found is None:
            current = is_current(RESULTS, publication, Path(self.store))
            found = [] if current else [str(request(RESULTS, publication))]
            self._requests[publication.recipe.folder] = found
        return found

    def request_page(self) -> None:
        """Write the request for the results page, where the configuration has one and it is to be copied."""
        for publication in self.plan.publications:
            if publication.recipe.kind == PAGE:
                with suppress(OSError):  # said where the page is asked for
                    self.request(publication)

    def unpublished(self, publications: Iterable[Publication]) -> str:
        """One line where the public files of some publications are not this configuration's; else empty."""
        stale = [p for p in publications if not is_current(RESULTS, p, Path(self.store))]
        if not stale:
            return ""
        shown = ", ".join(f"results/{p.stem}" for p in stale)
        return (
            f"{shown}: the public files are not those of {self.configuration} "
            "(another run published its own, or --touch was given): run snakemake again"
        )


def remember_run(plan: Plan, store: Path, configuration: Path, overrides: dict) -> None:
    """Write down what a run needs, so that no garbage collection removes it; one line where the store is read-only."""
    try:
        remember_plan(store, plan.recipes, configuration, overrides)
    except OSError as error:
        print(f"{store}: this run cannot be remembered there ({error.strerror}): gc will not know it", file=sys.stderr)


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Without the garbage collector, which would look through a growing plan again and again and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def plan_run(
    basedir: Path, configfiles: list[Path], overrides: dict, *, explain: bool = False, remember: bool = False
) -> PlannedRun:
    """Read the configuration, plan, and write recipes.

    A mistake in the configuration ends the process with one line each, instead of a traceback. With `explain` what is
    lacking in the store is said on standard error, by cause. With `remember` the plan is written down in the store.
    """
    CONTENT_CACHE.open(RESULTS / "cache" / "sources.json")
    try:
        path = configfiles[-1] if configfiles else basedir / DEFAULT_CONFIGURATION
        if len(configfiles) > 1:
            print(f"several --configfile: only the last counts, {path}", file=sys.stderr)
        content = overlaid(read_yaml(path), overrides)
        configuration = check(content, str(path))
        with gc_disabled():
            plan = make_plan(configuration, hash_cache=RESULTS / "cache" / "content_hashes.json")
        check_weight_files(configuration, plan)
        CONTENT_CACHE.save()
        write_recipes(plan.recipes.values(), RESULTS / "recipes")
    except (ConfigurationError, EquivalenceError, MissingModule) as error:
        print(f"\n{error}\n", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(
            f"\n{error.filename or RESULTS}: {error.strerror or error}: fix that, then run snakemake again\n",
            file=sys.stderr,
        )
        sys.exit(1)
    for upstream in configuration.store.upstream:
        if not Path(upstream).is_dir():
            print(f"store.upstream: {upstream}: no such folder; nothing is adopted from it", file=sys.stderr)
    if explain:
        print(
            "".join(f"{line}\n" for line in summary(plan, Path(configuration.store.root), RESULTS / "recipes", path)),
            end="",
            file=sys.stderr,
            flush=True,
        )
    if remember:
        remember_run(plan, Path(configuration.store.root), path, overrides)
    execution = configuration.execution
    options = f"--store {shlex.quote(configuration.store.root)} --data {shlex.quote(execution.data)}"
    options += f" --device {execution.device}"
    options += "".join(f" --upstream {shlex.quote(upstream)}" for upstream in configuration.store.upstream)
    options += "".join(f" --code {shlex.quote(folder)}" for folder in execution.code)
    if any(dataset.download for dataset in configuration.datasets.values()):
        options += " --download"
    options = options.replace("{", "{{").replace("}", "}}")  # it becomes a part of a rule's shell template
    max_hours = None if execution.max_hours is None else float(execution.max_hours)
    name = str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
    return PlannedRun(
        plan,
        configuration.store.root,
        options,
        execution.threads,
        execution.device,
        name,
        max_hours,
        tuple(machine_dependent(configuration)),
    )
