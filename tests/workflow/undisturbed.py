"""The other side of a run under faults: the same artifacts made without Snakemake, undisturbed, and the comparison."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from workflow_scripts.planning.plan import Plan
from workflow_scripts.publication.records import PAGE, Publication

ROOT = Path(__file__).resolve().parents[2]
UNDISTURBED = """
import sys
from pathlib import Path
from workflow_scripts.configuration.load import load
from workflow_scripts.jobs.realise import parse_arguments, realise
from workflow_scripts.recipes.recipe import read_recipe, write_recipe
from workflow_scripts.planning.studies import make_plan
recipes = make_plan(load(Path(sys.argv[1]))).recipes
waiting = sys.argv[2:]
while waiting:
    folder = waiting.pop()
    lacking = [i.folder for i in recipes[folder].inputs if not Path("results/store", i.folder).exists()]
    if lacking:
        waiting += [folder, *lacking]
    else:
        path = write_recipe(recipes[folder], Path("results/recipes"))
        realise(read_recipe(path), parse_arguments([str(path), "--device", "cpu", "--threads", "1"]))
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def make_undisturbed(folder: Path, configuration: Path, wanted: list[str]) -> None:
    """Make the artifacts `wanted` and what they need, in one process."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", UNDISTURBED, str(configuration), *wanted]
    with (folder / "making.log").open("w") as log:
        done = subprocess.run(command, cwd=folder, env=environment(), stdout=log, stderr=log, timeout=7200)
    assert done.returncode == 0, (folder / "making.log").read_text()[-4000:]


def payloads(folder: Path) -> dict[str, dict]:
    """Artifact folder → file → size and SHA-256, as the manifests say."""
    found = sorted(folder.glob("results/store/[!.]*/*/manifest.json"))
    return {f"{p.parts[-3]}/{p.parts[-2]}": json.loads(p.read_text())["payload"] for p in found}


def needed(plan: Plan, folder: str) -> set[str]:
    """The folders of an artifact and of all that it is made from."""
    return {folder}.union(*(needed(plan, item.folder) for item in plan.recipes[folder].inputs))


def needed_for(plan: Plan, publications: Sequence[Publication]) -> set[str]:
    """The folders of all artifacts that the publications need."""
    return set().union(*(needed(plan, publication.recipe.folder) for publication in publications))


def covering(plan: Plan) -> list[str]:
    """A few publications, greedily chosen, that together need every kind of artifact of the plan; few of each.

    The results page, which needs every artifact, is none of them.
    """
    wanted, have, chosen = {recipe.kind for recipe in plan.recipes.values()} - {PAGE}, set(), []
    needs = {each.name: needed(plan, each.recipe.folder) for each in plan.publications if not each.is_page}

    def kinds(folders: set[str]) -> set[str]:
        return {folder.partition("/")[0] for folder in folders}

    while kinds(have) != wanted:
        gain = {name: len(kinds(n) - kinds(have)) / max(1, len(n - have)) for name, n in needs.items()}
        chosen.append(max(gain, key=gain.get))
        have |= needs[chosen[-1]]
    return chosen


def compare(disturbed: Path, plan: Plan, publications: Sequence[Publication], undisturbed: Path) -> dict[str, int]:
    """AssertionError unless a run has made what the publications need, with the bytes of the undisturbed side, all of
    it whole and rightly published.

    Returns how many artifacts and payload files there are, and what `verify` called leftovers.
    """
    wanted = needed_for(plan, publications)
    expected = {folder: payload for folder, payload in payloads(undisturbed).items() if folder in wanted}
    found = payloads(disturbed)
    assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
    different = {folder for folder in expected if found[folder] != expected[folder]}
    assert not different, f"other bytes than undisturbed: {sorted(different)}"
    words = [sys.executable, "-m", "workflow_scripts.store", "verify", "--full"]
    done = subprocess.run(words, cwd=disturbed, env=environment(), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and f"{len(expected)} artifacts checked (every byte), 0 damaged" in done.stderr, done
    for publication in publications:
        for name in publication.files():
            public, made = disturbed / name, undisturbed / "results/store" / publication.recipe.folder
            assert public.read_bytes() == (made / public.name).read_bytes(), public
    files, left = sum(map(len, expected.values())), len(done.stdout.splitlines())
    return {"artifacts": len(expected), "files": files, "leftovers": left}
