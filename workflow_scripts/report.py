"""Snakemake's own report as one self-contained page, made again only when something was published since.

python -m workflow_scripts.report
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.report", description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("results/report.html"))
    parser.add_argument("--records", type=Path, default=Path("results/published"), help="what was published")
    parser.epilog = "Further words, such as --configfile config/x.yaml, are handed to snakemake."
    options, words = parser.parse_known_args()
    newest = max((path.stat().st_mtime for path in options.records.rglob("*.json")), default=0.0)
    if not words and options.output.exists() and options.output.stat().st_mtime > newest:
        print(f"{options.output} is up to date")
        return 0
    temporary = options.output.with_name(f".{os.getpid()}-{options.output.name}")
    command = [sys.executable, "-m", "snakemake", "--report", str(temporary), *words]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return done.returncode
    os.replace(temporary, options.output)
    print(f"{options.output} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
