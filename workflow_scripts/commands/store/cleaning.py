"""`gc`, `trash`, `plans` and `forget`: what is needed, and what becomes of the rest."""

from __future__ import annotations

import argparse

from workflow_scripts.commands.configuration_options import DEFAULT_CONFIGURATION
from workflow_scripts.commands.store.configurations import planned
from workflow_scripts.store import garbage
from workflow_scripts.store.lookup import StoreError, Workspace, check_store, human
from workflow_scripts.store.plans import forget, plans_lock, remembered_plans


def run_gc(workspace: Workspace, options: argparse.Namespace) -> int:
    """Say what no plan needs, or move it to the store's trash with --yes. What stays: everything that a remembered plan
    needs (`store plans` lists them: every run against this store is remembered, whatever checkout and values it had),
    and what config/config.yaml and every --configfile need."""
    check_store(workspace)
    try:
        grace = garbage.duration(options.grace)
    except ValueError as error:
        raise StoreError(f"--grace: {error}") from error
    default = [DEFAULT_CONFIGURATION] if DEFAULT_CONFIGURATION.exists() else []
    given = dict.fromkeys([*default, *options.configfile])
    needed = {folder for plan in planned(workspace, given, options) for folder in plan.recipes}
    with plans_lock(workspace.store):
        remembered = remembered_plans(workspace.store)
        if not given and not remembered:
            raise StoreError(
                f"no run is remembered and there is no {DEFAULT_CONFIGURATION}: "
                "give the configurations that are in use by --configfile"
            )
        for plan in remembered:
            print(f"kept for plan {plan}")
            needed |= plan.artifacts
        for path in given:
            print(f"kept for {path}")
        found = garbage.garbage(workspace, needed, grace, recipes=options.recipes)
        for item in found:
            if options.yes:
                garbage.remove(workspace, item)
            print(f"{'moved to the trash:' if options.yes else 'would move'} {described(item)}")
        if options.yes:
            garbage.remove_unused_locks(workspace.store)
    total, again = human(sum(item.bytes for item in found)), hours(sum(item.seconds for item in found))
    done = (
        "moved to the trash (trash --empty deletes it)" if options.yes else "would go to the trash (--yes moves them)"
    )
    print(f"{len(found)} entries, {total}, {again} to make again {done if found else ''}".rstrip())
    print(f"{len(needed)} artifacts are needed")
    return 0


def run_trash(workspace: Workspace, options: argparse.Namespace) -> int:
    """List what lies in the store's trash, or delete it for good with --empty."""
    check_store(workspace)
    found = garbage.trash(workspace.store)
    for item in found:
        print(f"{'deleted ' if options.empty else ''}{described(item)}")
    if options.empty:
        garbage.empty_trash(workspace.store)
    print(f"{len(found)} entries, {human(sum(item.bytes for item in found))}")
    return 0


def run_plans(workspace: Workspace, options: argparse.Namespace) -> int:
    """List the plans that were run against the store, the latest first: what they need is kept by gc."""
    check_store(workspace)
    for plan in remembered_plans(workspace.store):
        print(f"{plan}: {len(plan.artifacts)} artifacts")
    return 0


def run_forget(workspace: Workspace, options: argparse.Namespace) -> int:
    """Forget plans by the beginnings of their digests: what only they need may then be removed by gc."""
    check_store(workspace)
    for text in options.plans:
        with plans_lock(workspace.store):
            print(f"forgotten: {forget(workspace.store, text).stem}")
    return 0


def described(item: garbage.Garbage) -> str:
    """One line: name, size, hours to make it again where they are known, and why it can go."""
    facts = [item.reason] * bool(item.reason) + [f"{hours(item.seconds)} to make again"] * bool(item.seconds)
    return f"{item.name}  {human(item.bytes)}" + (f"  ({', '.join(facts)})" if facts else "")


def hours(seconds: float) -> str:
    """Seconds as hours, to two significant digits below a hundred."""
    value = seconds / 3600
    return f"{value:,.0f} hours" if value >= 100 else f"{value:.2g} hours"
