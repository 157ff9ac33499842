"""How long a job takes around its stage: the process, the recipe, the check of the code, the libraries, and their end.

python -m tests.benchmarks.job_start [--configfile config/config.yaml]

Processor seconds of one job of each kind (elapsed ones on an idle machine are about as many); a table's or figure's
renderer is imported too. Best of three.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from workflow_scripts.planning.snakemake import plan_run

ROOT = Path(__file__).resolve().parents[2]
START = """
import gc
gc.disable()
import importlib, sys
from pathlib import Path
from workflow_scripts.jobs import realise
from workflow_scripts.recipes.content_cache import CONTENT_CACHE
CONTENT_CACHE.open(Path("results/cache/sources.json"))
options = realise.parse_arguments([sys.argv[1], "--threads", "1"])
recipe = realise.read_recipe(options.recipe)
realise.check_code(recipe)
realise.choose_device(recipe, options)
realise.load_code(recipe)
if "renderer" in recipe.parameters:
    importlib.import_module("workflow_scripts.papers." + recipe.parameters["renderer"])
gc.freeze()
"""


def start(recipe: Path, folder: Path) -> float:
    """Processor seconds of a process that does everything but the stage."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", START, str(recipe)], cwd=folder, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configfile", type=Path, default=ROOT / "config/config.yaml")
    parser.add_argument("--kinds", nargs="+", help="only these")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        plan = plan_run(ROOT, [options.configfile.resolve()], {}).plan
        first = {}
        for recipe in plan.recipes.values():
            first.setdefault(recipe.kind, recipe)
        for kind in options.kinds or sorted(first):
            path = Path("results/recipes") / first[kind].file_name
            print(f"{kind:18} {min(start(path, Path()) for _ in range(options.repeats)):.2f}", flush=True)


if __name__ == "__main__":
    main()
