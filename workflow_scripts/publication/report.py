"""Snakemake's own report as one self-contained page, made again only when something was published since.

python -m workflow_scripts.publication.report [STUDY] [--configfile FILE]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REPORT = Path("results/report.html")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.publication.report", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--output", type=Path, default=REPORT)
    parser.add_argument("--records", type=Path, default=Path("results/published"), help="what was published")
    parser.epilog = "Further words, such as --configfile config/x.yaml, are handed to snakemake."
    options, words = parser.parse_known_args()
    newest = max((path.stat().st_mtime for path in options.records.rglob("*.json")), default=0.0)
    if not words and options.output.exists() and options.output.stat().st_mtime > newest:
        print(f"{options.output} is up to date")
        return 0
    return write(options.output, words)


def write(output: Path, words: Sequence[str]) -> int:
    """Have Snakemake, started with `words`, write its report; its exit status."""
    temporary = output.with_name(f".{os.getpid()}-{output.name}")
    command = [sys.executable, "-m", "snakemake", "--report", str(temporary), *words]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return done.returncode
    os.replace(temporary, output)
    print(f"{output} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
