"""Make one artifact from its recipe: the one entry point of every job.

python -m workflow_scripts.jobs.realise results/recipes/model/good_init--0123456789ab.json
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.jobs.gpus import take_gpu
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.run_metadata import run_metadata
from workflow_scripts.jobs.usage import write_usage
from workflow_scripts.recipes.code_equivalences import EquivalenceError, apply_equivalences, load_equivalences
from workflow_scripts.recipes.content_cache import CONTENT_CACHE
from workflow_scripts.recipes.fingerprint import PACKAGE_KEY, ROOT, MissingModule, closure
from workflow_scripts.recipes.kinds import KINDS
from workflow_scripts.recipes.recipe import Recipe, RecipeError, read_recipe
from workflow_scripts.store.artifact import MANIFEST, Artifact, ArtifactError, remedy
from workflow_scripts.store.commit import commit, new_staging_folder, recipe_lock, write_manifest
from workflow_scripts.store.integrity import damage, full_remedy, payload_table
from workflow_scripts.store.lineage import drop_stale_checkpoints
from workflow_scripts.store.upstream import adopt


class JobError(RuntimeError):
    """The job cannot be done as its recipe says; the message names the remedy."""


def main(arguments: list[str] | None = None) -> int:
    started, options = time.monotonic(), parse_arguments(arguments)
    CONTENT_CACHE.open(options.scratch.parent / "cache" / "sources.json")
    try:
        recipe = read_recipe(options.recipe)
        print(recipe.title or recipe.folder, flush=True)  # the log's first line, in words of the configuration
        artifact = realise(recipe, options)
    except (JobError, RecipeError, ArtifactError) as error:
        print(f"error: {options.recipe}: {error}", file=sys.stderr)
        return 1
    except Exception as error:
        known = diagnosis_of(error, recipe, options)
        if known is None:
            traceback.print_exc()
        print(f"error: {options.recipe}: {known or f'{type(error).__name__}: {error}'}", file=sys.stderr)
        return 1
    write_usage(options.scratch.parent / "benchmarks" / f"{recipe.folder}.tsv", started)
    print(f"{artifact.path}: complete")
    return 0


def diagnosis_of(error: Exception, recipe: Recipe, options: argparse.Namespace) -> str | None:
    """The cause of a failure in one line, where it is one that lies outside the code."""
    from workflow_scripts.jobs.diagnosis import diagnose

    sources = str(options.data / options.source) if options.source else f"the source {recipe.parameters.get('source')}"
    folders = (options.store, options.scratch)
    return diagnose(error, recipe, folders, options.scratch / recipe.digest[:12], sources)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.jobs.realise", description=__doc__.split("\n")[0])
    parser.add_argument("recipe", type=Path, help="a recipe file written by the plan")
    parser.add_argument("--store", type=Path, default=Path("results/store"), help="the store's folder")
    parser.add_argument(
        "--upstream", type=Path, action="append", default=[], help="a store of others to adopt from; may be repeated"
    )
    parser.add_argument(
        "--code", type=Path, action="append", default=[], help="a folder of the user's own modules; may be repeated"
    )
    parser.add_argument("--scratch", type=Path, default=Path("results/scratch"), help="folder for checkpoints")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder that holds the data sets")
    parser.add_argument("--source", help="a data set's file or folder below --data, where its source takes a path")
    parser.add_argument("--download", action="store_true", help="fetch CIFAR-10 where it is missing")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
    parser.add_argument("--threads", type=int, default=0, help="processor threads (0: all)")
    return parser.parse_args(arguments)


def realise(recipe: Recipe, options: argparse.Namespace) -> Artifact:
    """The finished artifact of a recipe: the one in the store, a checked copy of an upstream one, or a new one."""
    check_code(recipe, options)
    existing = find_finished(options.store, recipe)
    if existing is not None:
        return existing
    with recipe_lock(options.store, recipe):
        # Looked for again: while this process waited for the lock, another one may have made it.
        existing = find_finished(options.store, recipe) or adopt(options.upstream, options.store, recipe)
        return existing or make(recipe, options)


def find_finished(store: Path, recipe: Recipe) -> Artifact | None:
    """The recipe's finished artifact, or None; ArtifactError where it is damaged."""
    artifact = Artifact(store / recipe.folder)
    if not (artifact.path / MANIFEST).exists():
        return None
    return check_intact(artifact, recipe.digest)


def check_intact(artifact: Artifact, digest: str, *, full: bool = False) -> Artifact:
    """The artifact itself if it is what the digest says and has all its files; ArtifactError otherwise."""
    problems = damage(artifact, full=full)
    if not problems and artifact.digest != digest:
        problems = [f"made from recipe {artifact.digest}, not {digest}"]
    if problems:
        command = full_remedy(artifact.path) if full else remedy(artifact.path)
        raise ArtifactError(f"{artifact.path} cannot be used ({'; '.join(problems)}): {command}")
    return artifact


def code_folders(options: argparse.Namespace) -> tuple[Path, ...]:
    """Where a recipe's modules lie: the project's folder, then the user's own."""
    return (ROOT, *options.code)


def check_code(recipe: Recipe, options: argparse.Namespace) -> None:
    """JobError where the code is no longer what the recipe was planned with."""
    changed = changed_code(recipe, code_folders(options))
    if changed:
        raise JobError(f"the code changed since planning ({', '.join(changed)}): run snakemake again")


def changed_code(recipe: Recipe, roots: Sequence[Path] = (ROOT,)) -> list[str]:
    """Modules that are no longer what the recipe was planned with."""
    try:
        now = apply_equivalences(closure(recipe.modules, roots), load_equivalences())
    except MissingModule as error:
        raise JobError(f"the code changed since planning ({error}): run snakemake again") from error
    except EquivalenceError as error:
        raise JobError(str(error)) from error
    return sorted(m for m in now.keys() | recipe.modules.keys() if now.get(m) != recipe.modules.get(m))


def load_code(recipe: Recipe, options: argparse.Namespace) -> ModuleType:
    """Import the stage and every module of the recipe, and check once more that they are what was planned.

    Stages import some modules late; loaded here, they may be edited while a long job works. The brief kinds import
    only what they need, and `make` checks the code again after them.
    """
    sys.path[1:1] = [str(folder) for folder in options.code if str(folder) not in sys.path]
    if not KINDS[recipe.kind].brief:
        for module in (name for name in recipe.modules if not name.startswith(PACKAGE_KEY)):
            with suppress(ImportError):  # one that needs an optional package; the stage says so if it needs it
                importlib.import_module(module)
    stage = importlib.import_module(f"workflow_scripts.jobs.stages.{recipe.kind}")
    check_code(recipe, options)
    if not KINDS[recipe.kind].brief and not gc.isenabled():
        gc.freeze()  # the libraries' objects stay to the end
        gc.enable()
    return stage


def make(recipe: Recipe, options: argparse.Namespace) -> Artifact:
    """Run the stage in a staging folder, hash what it wrote, and commit it to the store."""
    started, clock = datetime.now(UTC), time.monotonic()
    device = choose_device(recipe, options)
    # Every byte: few payload formats notice a flipped bit, which would spread to everything made from it.
    inputs = tuple(
        RoleArtifact(i.role, check_intact(Artifact(options.store / i.folder), i.digest, full=True))
        for i in recipe.inputs
    )
    sources = source_files(recipe, options)
    stage = load_code(recipe, options)
    out = new_staging_folder(options.store, recipe)
    scratch = options.scratch / recipe.digest[:12]
    if inputs and not KINDS[recipe.kind].brief:
        drop_stale_checkpoints(scratch, [i.artifact for i in inputs])
    job = Job(recipe.label, recipe.parameters, inputs, out, scratch, sources, device)
    try:
        metrics = stage.realise(job) or {}
        if KINDS[recipe.kind].brief:
            check_code(recipe, options)
        manifest = {
            "format": 1,
            "label": recipe.label,
            "title": recipe.title,
            "digest": recipe.digest,
            "recipe": recipe.content,
            "payload": payload_table(out),
            "inputs": {i.artifact.path.name: i.artifact.manifest["payload"] for i in inputs},
            "metrics": metrics,
            "run": run_metadata(started, time.monotonic() - clock, device, threads_of(recipe, options)),
        }
        write_manifest(out, manifest)
        artifact = commit(out, options.store, recipe)
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise
    shutil.rmtree(scratch, ignore_errors=True)
    return artifact


def source_files(recipe: Recipe, options: argparse.Namespace) -> tuple[Path, ...]:
    """The files of a data set, of given weights or of given adversarial images, which must still have the planned
    content; empty for other recipes."""
    if "content" not in recipe.parameters or recipe.kind != "dataset" and options.source is None:
        return ()
    from workflow_scripts.data import torchvision_files
    from workflow_scripts.data.source_files import MissingData, content_hash, locate

    source = {"name": recipe.parameters.get("source", recipe.kind), "path": options.source}
    changed = f"the files of {source['name']} changed since planning: run snakemake again"
    try:
        if torchvision_files.is_torchvision(source["name"]):
            if torchvision_files.content_hash(source, options.data) != recipe.parameters["content"]:
                raise JobError(changed)
            return tuple(torchvision_files.roots(source, options.data))
        if content_hash(source, options.data, download=options.download) != recipe.parameters["content"]:
            raise JobError(changed)
        return tuple(locate(source, options.data, download=options.download))
    except MissingData as error:
        raise JobError(str(error)) from error


def threads_of(recipe: Recipe, options: argparse.Namespace) -> int:
    """Processor threads: a training's are its recipe's, wherever it runs, as its bits depend on them; 0: all."""
    return recipe.parameters["threads"] if KINDS[recipe.kind].trains else options.threads


def limit_threads(threads: int) -> None:
    """Let libraries compute with so many threads: those that are yet to be imported, and those that are already."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(threads)
    if "threadpoolctl" in sys.modules:
        sys.modules["threadpoolctl"].threadpool_limits(threads)


def choose_device(recipe: Recipe, options: argparse.Namespace) -> str:
    """Set the thread count and choose where to compute; some kinds never use a GPU."""
    threads = threads_of(recipe, options)
    if threads:
        limit_threads(threads)
    if KINDS[recipe.kind].on_processor:
        return "cpu"
    import torch

    if threads:
        torch.set_num_threads(threads)
    available = torch.cuda.is_available()
    if options.device == "cuda" and not available:
        raise JobError("--device cuda was asked for and this machine has no GPU that torch can use")
    # Deterministic algorithms, and full float32: TF32's 10-bit mantissa would swallow an attack's last steps.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    if not available or options.device == "cpu":
        return "cpu"
    torch.cuda.set_device(take_gpu(torch.cuda.device_count()))
    return "cuda"


def run(arguments: list[str] | None = None) -> int:
    """`main` as all of a process's work; its exit status."""
    # A scheduler's SIGTERM ends the job as an interrupt does, so that nothing is left half made in the store.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # The garbage collector would look through the libraries' objects again and again while they are imported, and once
    # more at the end: half a second a job.
    gc.disable()
    status = main(arguments)
    gc.freeze()
    return status


if __name__ == "__main__":
    sys.exit(run())
