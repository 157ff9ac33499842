"""What the Snakefile sees: the plan of a run, as paths."""

from __future__ import annotations

import gc
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workflow_scripts.configuration.load import ConfigurationError, check, overlaid, read_yaml
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.precision import machine_dependent
from workflow_scripts.planning.reasons.summary import summary
from workflow_scripts.planning.resources.estimate import Estimates
from workflow_scripts.planning.resources.gpus import visible
from workflow_scripts.planning.resources.machine import Machine, memory_mb, runtime_minutes, threads_for
from workflow_scripts.planning.resources.recipe_lookup import Cost
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.publication.records import Publication, record_path, remove_stale_records
from workflow_scripts.recipes.code_equivalences import EquivalenceError
from workflow_scripts.recipes.content_cache import CONTENT_CACHE
from workflow_scripts.recipes.fingerprint import MissingModule
from workflow_scripts.recipes.kinds import KINDS
from workflow_scripts.recipes.recipe import Recipe, read_recipe, write_recipes

RESULTS = Path("results")
DEFAULT_CONFIGURATION = Path("config/config.yaml")


@dataclass(frozen=True)
class PlannedRun:
    """A planned run: the plan, and where its files lie."""

    plan: Plan
    store: str
    options: str
    threads: int
    device: str
    max_hours: float | None = None

    @cached_property
    def estimates(self) -> Estimates:
        """The work of every job."""
        return Estimates(lambda item: self.recipe(item.kind, item.folder.partition("/")[2]))

    def machine(self, gpu: bool, threads: int) -> Machine:
        """Where jobs run: with or without a GPU, heavy ones on so many processor threads."""
        return Machine(gpu, threads, self.max_hours)

    def work(self, kind: str, artifact: str) -> Cost:
        """What the job of an artifact takes."""
        return self.estimates.work(self.recipe(kind, artifact))

    def needs(self, kind: str, machine_of: Callable[..., Machine]) -> dict:
        """A rule's resources: memory in MB, run time in minutes and, for networks, a GPU; more with every attempt."""
        asked: dict = {
            "mem_mb": lambda wildcards, attempt: memory_mb(
                self.work(kind, wildcards.artifact), machine_of(wildcards), attempt
            ),
            "runtime": lambda wildcards, attempt: runtime_minutes(
                self.work(kind, wildcards.artifact), machine_of(wildcards), attempt
            ),
        }
        return asked if KINDS[kind].on_processor else {**asked, "gpu": 0 if self.device == "cpu" else 1}

    def threads_of(self, kind: str, machine_of: Callable[..., Machine]) -> Callable:
        """A rule's processor threads, from the work of each job."""
        return lambda wildcards: threads_for(self.work(kind, wildcards.artifact), machine_of(wildcards))

    @property
    def gpus_here(self) -> int:
        """How many NVIDIA GPUs this machine shows; 0 where the configuration computes on the processor."""
        return 0 if self.device == "cpu" else visible(len(list(Path("/dev").glob("nvidia[0-9]*"))))

    def recipe(self, kind: str, artifact: str) -> Recipe:
        """An artifact's recipe: of this plan, or of the one that submitted this job, whose file is there.

        A cluster's job plans anew; a configuration edited since then must not change what the job makes.
        """
        planned = self.plan.recipes.get(f"{kind}/{artifact}")
        return planned or read_recipe(RESULTS / "recipes" / kind / f"{artifact}.json")

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
        return [path for p in chosen for path in (self.record(p), *p.files())]

    def record(self, publication: Publication) -> str:
        return str(record_path(RESULTS, publication))


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
    basedir: Path,
    configfiles: list[Path],
    overrides: dict,
    *,
    explain: bool = False,
    on_other_machines: bool = False,
) -> PlannedRun:
    """Read the configuration, plan, write recipes, and forget records of publications that are no longer true.

    A mistake in the configuration ends the process with one line each, instead of a traceback. With `explain` what is
    lacking in the store is said on standard error, by cause. `on_other_machines`: jobs are submitted to a cluster.
    """
    CONTENT_CACHE.open(RESULTS / "cache" / "sources.json")
    try:
        path = configfiles[-1] if configfiles else basedir / DEFAULT_CONFIGURATION
        if len(configfiles) > 1:
            print(f"several --configfile: only the last counts, {path}", file=sys.stderr)
        content = overlaid(read_yaml(path), overrides)
        configuration = check(content, str(path))
        unsaid = machine_dependent(configuration) if on_other_machines else []
        if unsaid:
            raise ConfigurationError(
                f"trainings.<name>.precision: is auto for {', '.join(unsaid)}, which depends on the machine "
                "that plans, and jobs run on others: set it to float32 or bfloat16"
            )
        with gc_disabled():
            plan = make_plan(configuration, hash_cache=RESULTS / "cache" / "content_hashes.json")
        CONTENT_CACHE.save()
        write_recipes(plan.recipes.values(), RESULTS / "recipes")
        remove_stale_records(RESULTS, plan.publications)
    except (ConfigurationError, EquivalenceError, MissingModule) as error:
        print(f"\n{error}\n", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(
            f"\n{error.filename or RESULTS}: {error.strerror or error}: mend that, then run snakemake again\n",
            file=sys.stderr,
        )
        sys.exit(1)
    for upstream in configuration.store.upstream:
        if not Path(upstream).is_dir():
            print(f"store.upstream: {upstream}: no such folder; nothing is adopted from it", file=sys.stderr)
    if explain:
        print(
            "".join(f"{line}\n" for line in summary(plan, Path(configuration.store.root), RESULTS / "recipes")),
            end="",
            file=sys.stderr,
            flush=True,
        )
    execution = configuration.execution
    options = f"--store {shlex.quote(configuration.store.root)} --data {shlex.quote(execution.data)}"
    options += f" --device {execution.device}"
    options += "".join(f" --upstream {shlex.quote(upstream)}" for upstream in configuration.store.upstream)
    if any(dataset.download for dataset in configuration.datasets.values()):
        options += " --download"
    options = options.replace("{", "{{").replace("}", "}}")  # it becomes a part of a rule's shell template
    max_hours = None if execution.max_hours is None else float(execution.max_hours)
    return PlannedRun(plan, configuration.store.root, options, execution.threads, execution.device, max_hours)
