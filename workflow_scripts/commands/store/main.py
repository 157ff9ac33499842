"""Inspect the store of artifacts, explain and check what is there, and remove what nothing needs."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from workflow_scripts.commands.configuration_options import DEFAULT_CONFIGURATION, add_configuration_options
from workflow_scripts.commands.store import cleaning, images, listing, usage
from workflow_scripts.commands.store.configurations import planned, store_root, upstreams
from workflow_scripts.planning.reasons import differences
from workflow_scripts.planning.reasons.summary import earlier_artifacts
from workflow_scripts.recipes.recipe import Recipe
from workflow_scripts.store import verification
from workflow_scripts.store.artifact import Artifact, ArtifactError
from workflow_scripts.store.integrity import finished
from workflow_scripts.store.lookup import (
    ENTRY,
    StoreError,
    Workspace,
    check_store,
    folder_of,
    resolve,
    resolve_recipe,
)
from workflow_scripts.store.origin import compared_with, made_where

RESULTS = Path("results")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 where all is well, 1 where `verify` found damage, 2 for a request that cannot be met."""
    options = parse_arguments(arguments)
    try:
        return options.run(Workspace(options.results, store_of(options)), options)
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (StoreError, ArtifactError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--results", type=Path, default=RESULTS, help="the results folder (default: results)")
    common.add_argument("--store", type=Path, help="the store's folder (default: store.root of the configuration)")
    add_configuration_options(common, "a configuration, to know the store and what is needed now; may be repeated")
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.store", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=run.__doc__, parents=[common])
        made.set_defaults(run=run)
        return made

    which = "a folder, kind/label--digest, kind/label where only one has it, or the beginning of a digest"
    against = "another store whose copies are compared, beside the configuration's upstreams; may be repeated"
    made = command("list", run_list, "what the store holds")
    made.add_argument("--kind", help="one kind alone, such as model or table")
    made.add_argument("--model", help="only what the label or title names this model in (an entry or an architecture)")
    made.add_argument("--attack", help="likewise an attack")
    made.add_argument("--json", action="store_true", help="as JSON")
    made = command("show", run_show, "one artifact: recipe, inputs, metrics, run")
    made.add_argument("artifact", help=which)
    made.add_argument("--json", action="store_true", help="the whole manifest as JSON")
    made = command("images", images.run_images, "write images as PNGs or arrays, with a table")
    images.add_options(made, which)
    made = command("explain", run_explain, "what makes an artifact a new one")
    made.add_argument("artifact", nargs="?", help=f"{which}, or a recipe file")
    made.add_argument("--against", type=Path, action="append", default=[], metavar="STORE", help=against)
    made.add_argument("--planned", action="store_true", help="a line for each artifact that has yet to be made")
    made = command("verify", run_verify, "whether artifacts are undamaged")
    made.add_argument("artifacts", nargs="*", metavar="ARTIFACT", help=f"{which} (default: all)")
    made.add_argument("--against", type=Path, action="append", default=[], metavar="STORE", help=against)
    made.add_argument("--full", action="store_true", help="compare every byte, not only names and sizes")
    made.add_argument("--discard", action="store_true", help="move damaged artifacts to the trash")
    made.add_argument("--threads", type=int, default=0, help="threads that hash (default: up to 8)")
    made = command("usage", run_usage, "what each kind took: time, memory, size")
    made.add_argument("--csv", action="store_true", help="as CSV: seconds, MB of memory, bytes of payload")
    made = command("plans", cleaning.run_plans, "the runs that are remembered")
    made = command("forget", cleaning.run_forget, "forget a run, so that gc no longer keeps what it needs")
    made.add_argument("plans", nargs="+", metavar="PLAN", help="the beginning of a plan's digest")
    made = command("gc", cleaning.run_gc, "move what no plan needs to the trash")
    made.add_argument("--yes", action="store_true", help="move it; without it, only say what would go")
    made.add_argument("--grace", default="1h", help="keep what is younger, such as 0, 30m, 1h, 2d (default: 1h)")
    made.add_argument("--recipes", action="store_true", help="recipe files that nothing needs, too")
    made = command("trash", cleaning.run_trash, "what gc and verify moved away")
    made.add_argument("--empty", action="store_true", help="delete it for good")
    return parser.parse_args(arguments)


def store_of(options: argparse.Namespace) -> Path:
    """The store to work on: --store, or store.root of the configurations; without any, results/store."""
    if options.store:
        return options.store
    default = [DEFAULT_CONFIGURATION] if DEFAULT_CONFIGURATION.exists() else []
    files = [*default, *options.configfile] if options.run is cleaning.run_gc else options.configfile or default
    roots = list(dict.fromkeys(store_root(path, options) for path in files))
    if len(roots) > 1:
        raise StoreError(f"the configurations have several stores ({', '.join(map(str, roots))}): give one by --store")
    # The folder of another --results has its own store.
    return roots[0] if roots and options.results == RESULTS else options.results / "store"


def run_list(workspace: Workspace, options: argparse.Namespace) -> int:
    """List the finished artifacts: kind, label, digest, size, when and in how many seconds each was made, and whether
    the configuration needs it."""
    check_store(workspace)
    current = current_folders(workspace, options)
    names = [name for name in (options.model, options.attack) if name is not None]
    entries = listing.rows(workspace.store, current, options.kind, names)
    print(json.dumps(entries, indent=1) if options.json else listing.table(entries))
    return 0


def run_show(workspace: Workspace, options: argparse.Namespace) -> int:
    """Show one artifact's recipe, inputs, metrics, payload and run."""
    path = resolve(workspace, options.artifact)
    print(listing.show_json(path) if options.json else listing.show(path))
    return 0


def run_explain(workspace: Workspace, options: argparse.Namespace) -> int:
    """Explain which parameter, module or input makes a recipe another one than the nearest of its kind, or, with
    --planned, why each artifact of the configuration that is not in the store has to be made."""
    if options.planned == bool(options.artifact):
        raise StoreError("explain: give one artifact or recipe, or --planned")
    if options.planned:
        return explain_planned(workspace, options)
    recipe, path = resolve_recipe(workspace, options.artifact)
    current = current_folders(workspace, options) or {}
    recipe = current.get(recipe.folder, recipe)
    print("\n".join(differences.explain(recipe, differences.known_recipes(workspace), set(current))))
    if path.is_dir():
        print(f"made {made_where(Artifact(path).manifest)}")
        print("".join(f"{line}\n" for line in compared_with(Artifact(path), other_stores(workspace, options))), end="")
    return 0


def explain_planned(workspace: Workspace, options: argparse.Namespace) -> int:
    """One line for each artifact of the configurations that has yet to be made."""
    known, is_made = differences.known_recipes(workspace), differences.is_made(workspace.store)
    files = options.configfile or [DEFAULT_CONFIGURATION]
    lacking = total = 0
    for path, plan in zip(files, planned(workspace, files, options), strict=True):
        earlier = earlier_artifacts(plan, workspace.store, path)
        lines = list(differences.explain_planned(plan.recipes, known, earlier, is_made))
        print("".join(f"{line}\n" for line in lines), end="")
        lacking, total = lacking + len(lines), total + len(plan.recipes)
    print(f"{lacking} of {total} artifacts have yet to be made")
    return 0


def run_verify(workspace: Workspace, options: argparse.Namespace) -> int:
    """Check artifacts against their manifests: names and sizes, with --full every byte; and whether they were made from
    the very inputs that lie beside them. Other copies of their recipes, in the configuration's upstreams and in the
    stores of --against, are compared by their manifests: copies that differ are named, with where they were made, and
    are no damage. One line per problem, and exit code 1 if there is any. With --discard such
    artifacts are moved away, and snakemake makes them anew."""
    check_store(workspace)
    chosen = chosen_folders(workspace, options.artifacts)
    damaged = verification.verify(chosen, workspace.store, full=options.full, threads=options.threads)
    for item in damaged:
        for problem in item.problems:
            print(f"{folder_of(item.path)}: {problem}")
    bad = {item.path for item in damaged}
    for path in (path for path in chosen if path not in bad):
        for line in compared_with(Artifact(path), other_stores(workspace, options)):
            print(line)
    if options.discard and damaged:
        print("\n".join(verification.discard(workspace.store, damaged)))
        print("run snakemake again to make them anew")
    if not options.artifacts:
        for line in verification.leftovers(workspace.store):
            print(f"leftover (harmless; gc removes it): {line}")
    what = "every byte" if options.full else "names and sizes"
    print(f"{len(chosen)} artifacts checked ({what}), {len(damaged)} damaged", file=sys.stderr)
    return 1 if damaged else 0


def run_usage(workspace: Workspace, options: argparse.Namespace) -> int:
    """For each kind of artifact: how many there are, how long they took, the most memory they held (of the process, and
    of the GPU where they ran on one) and the size of their payloads, as their manifests say; beside it the memory that
    the rules ask for, and what Snakemake's benchmark files say of its jobs. An adopted artifact counts with what it
    took where it was made."""
    check_store(workspace)
    entries = usage.rows(workspace)
    print(usage.as_csv(entries) if options.csv else usage.table(entries))
    return 0


def chosen_folders(workspace: Workspace, names: list[str]) -> list[Path]:
    """The folders of the named artifacts; all finished artifacts where no name is given."""
    chosen = [resolve(workspace, text) for text in names] or [a.path for a in finished(workspace.store)]
    for path in chosen:
        if path.parent.parent.resolve() != workspace.store.resolve() or not ENTRY.fullmatch(path.name):
            raise StoreError(f"{path} is no artifact's folder in {workspace.store}: give --store, or another artifact")
    return chosen


def current_folders(workspace: Workspace, options: argparse.Namespace) -> dict[str, Recipe] | None:
    """Folder → recipe of what the configurations need; None, with a line that says so, where that is unknown."""
    try:
        plans = planned(workspace, options.configfile or [DEFAULT_CONFIGURATION], options)
        return {folder: recipe for plan in plans for folder, recipe in plan.recipes.items()}
    except StoreError as error:
        if options.configfile or options.config:
            raise
        print(f"note: what is current is not known: {error}", file=sys.stderr)
        return None


def other_stores(workspace: Workspace, options: argparse.Namespace) -> list[Path]:
    """The stores whose copies are compared with this one's: --against, and the upstreams of the configurations."""
    found = list(options.against)
    for path in options.configfile or [path for path in [DEFAULT_CONFIGURATION] if path.exists()]:
        found += upstreams(path, options)
    for store in options.against:
        if not store.is_dir():
            raise StoreError(f"--against {store}: there is no store")
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    sys.exit(main())
