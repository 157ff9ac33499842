"""How long a large plan takes: a configuration of many seeds and attacks, planned and written as a run does it.

python -m tests.benchmarks.planning [--artifacts 15000] [--dry-run]

Processor seconds; the second planning is what every run after the first one pays. With `--dry-run` Snakemake looks at
it too.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from workflow_scripts.configuration.load import read_yaml

ROOT = Path(__file__).resolve().parents[2]


def large(artifacts: int) -> dict:
    """A configuration of at least so many artifacts: one network, ten attacks, seeds enough."""
    content = read_yaml(ROOT / "config" / "config.yaml")
    names = [f"fgsm_{k}" for k in range(1, 11)]
    content["attacks"] = {name: {"attack": "fgsm", "epsilon": f"{k}/255"} for k, name in enumerate(names, start=1)}
    model = {"architecture": "good_init", "width": "1/4", "dataset": "mnist", "training": "clipped_gradients"}
    seeds = list(range(-(-artifacts // 31)))
    content["models"] = {"good_init": {**model, "seeds": seeds}}
    content["studies"] = {
        "information_flow": {
            "original": "good_init", "models": ["good_init"], "attacks": names, "path_attacks": names,
            "model_attacks": names[:1], "feature_maps": "streamed", "trajectory": {"attacks": names[:1]},
        }
    }  # fmt: skip
    return content


PLAN = """
import sys, time
from pathlib import Path
from workflow_scripts.planning.snakemake import plan_run
imported = time.process_time()
run = plan_run(Path("."), [Path(sys.argv[1])], {})
print(len(run.plan.recipes), imported, time.process_time() - imported)
"""


def planned(folder: Path, name: str) -> tuple[int, float, float]:
    """Artifacts, and processor seconds of the imports and of the planning, in a fresh process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PLAN, str(folder / name)]
    words = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout
    count, imports, planning = words.split()
    return int(count), float(imports), float(planning)


def dry_run(folder: Path, name: str) -> tuple[float, float]:
    """Processor seconds and elapsed seconds of `snakemake --dry-run --quiet`."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--configfile", name]
    command += ["--workflow-profile", str(ROOT / "profiles/default"), "--cores", "2", "--dry-run", "--quiet", "all"]
    before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - clock


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifacts", type=int, default=15_000)
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "large.yaml").write_text(yaml.safe_dump(large(options.artifacts)))
        for time_of in ("first", "second"):
            count, imports, planning = planned(folder, "large.yaml")
            print(f"{time_of} planning of {count} artifacts: {planning:.2f} s of processor, imports {imports:.2f} s")
        if options.dry_run:
            print("dry run: {:.1f} s of processor, {:.1f} s elapsed".format(*dry_run(folder, "large.yaml")))


if __name__ == "__main__":
    main()
