"""The precision of trainings: resolved while planning, and explicit for jobs on other machines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from workflow_scripts.configuration.load import check, read_yaml
from workflow_scripts.planning import precision
from workflow_scripts.planning.precision import machine_dependent, processor_flags, resolved_precision
from workflow_scripts.planning.snakemake import plan_run
from workflow_scripts.planning.studies import make_plan

TINY = Path(__file__).resolve().parents[1] / "workflow" / "tiny.yaml"


def cpuinfo(folder: Path, flags: str) -> Path:
    path = folder / "cpuinfo"
    path.write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t: none\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    return path


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("fpu avx512_bf16", "bfloat16"),
        ("amx_bf16 amx_tile", "bfloat16"),
        ("fpu avx512f bf16", "float32"),
        ("", "float32"),
    ],
)
def test_auto_follows_the_processors_flags(flags, expected, tmp_path, monkeypatch):
    found = processor_flags(cpuinfo(tmp_path, flags))
    monkeypatch.setattr(precision, "processor_flags", lambda: found)
    assert resolved_precision("auto", "cpu") == expected
    assert resolved_precision("auto", "cuda") == "bfloat16"
    assert resolved_precision("float32", "cuda") == "float32"
    assert resolved_precision("bfloat16", "cpu") == "bfloat16"


def test_auto_takes_bfloat16_where_a_gpu_is_visible(monkeypatch):
    monkeypatch.setattr(precision, "processor_flags", frozenset)
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter([Path("/dev/nvidia0")]))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert resolved_precision("auto", "auto") == "bfloat16"
    assert resolved_precision("auto", "cpu") == "float32"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert resolved_precision("auto", "auto") == "float32"


def test_a_machine_that_lists_no_flags_gets_float32(tmp_path):
    assert processor_flags(tmp_path / "none") == frozenset()


def with_precision(value: str) -> dict:
    content = read_yaml(TINY)
    content["trainings"] = {name: {**entry, "precision": value} for name, entry in content["trainings"].items()}
    return content


def test_recipes_hold_the_resolved_precision(monkeypatch):
    def planned(value):
        recipes = make_plan(check(with_precision(value))).recipes.values()
        return {r.digest for r in recipes}, {
            r.parameters["training"]["precision"] for r in recipes if "training" in r.parameters
        }

    for machine, value in (({"avx512_bf16"}, "bfloat16"), (set(), "float32")):
        monkeypatch.setattr(precision, "processor_flags", lambda machine=machine: frozenset(machine))
        configuration_says_auto, said = planned("auto"), planned(value)
        assert configuration_says_auto == said and said[1] == {value}


def test_a_run_knows_the_precisions_that_it_left_to_the_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert machine_dependent(check(with_precision("float32"))) == []
    (tmp_path / "auto.yaml").write_text(yaml.safe_dump(with_precision("auto")))
    left = plan_run(tmp_path, [tmp_path / "auto.yaml"], {}).machine_dependent
    assert left and all(re.fullmatch(r"trainings\.\w+\.precision", key) for key in left)
