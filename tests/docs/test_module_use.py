"""Another workflow can use this one as a module: with its own configuration, folder and results."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from workflow_scripts.recipes.fingerprint import ROOT

GUIDE = ROOT / "docs/how-to/as-a-module.md"


def test_the_guides_snakefile_plans_the_outer_configuration(tmp_path):
    """A dry run: the outer `configfile:` decides what is made, and jobs run the code of this checkout."""
    snakefile = re.search(r"```python\n(configfile:.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[1]
    (tmp_path / "Snakefile").write_text(snakefile.replace("/path/to/adversarial-dissection", str(ROOT)))
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "tests/workflow/tiny.yaml", tmp_path / "config/mine.yaml")
    run = subprocess.run(
        [sys.executable, "-m", "snakemake", "-n", "-p", "--cores", "2"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    said = run.stdout + run.stderr
    assert run.returncode == 0, said[-3000:]
    assert f"PYTHONPATH={ROOT}${{PYTHONPATH:+:$PYTHONPATH}} " in said
    planned = {path.name for path in (tmp_path / "results/recipes").iterdir()}
    assert {"dataset", "model", "table"} <= planned and "recogniser" not in planned


def test_the_catalog_entry_is_read():
    """The keys that the Snakemake workflow catalog defines, and the README that it shows."""
    entry = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))
    assert set(entry) == {"usage"}
    assert set(entry["usage"]) <= {"mandatory-flags", "software-stack-deployment", "report"}
    assert set(entry["usage"]["mandatory-flags"]) == {"desc", "flags"}
    assert (ROOT / "config/README.md").is_file() and Path(ROOT / "Snakefile").is_file()
