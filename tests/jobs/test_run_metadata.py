"""What a manifest says of the machine, the precision and the checkout that made an artifact."""

import subprocess
from pathlib import Path

import pytest
import torch

from workflow_scripts.jobs.run_metadata import git_state, precision, processor

CPUINFO = (
    "processor : 0\nmodel name : Some CPU\nflags : fpu avx2 avx512f amx_tile\n\nprocessor : 1\nmodel name : Other\n"
)


def test_the_processor_is_described_by_what_decides_bits(tmp_path: Path, monkeypatch):
    (tmp_path / "cpuinfo").write_text(CPUINFO)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    found = processor(1, tmp_path / "cpuinfo")
    assert (found["model"], found["instruction_sets"]) == ("Some CPU", ["avx2", "avx512f", "amx_tile"])
    assert found["torch"] == torch.backends.cpu.get_cpu_capability() and found["threads"] == torch.get_num_threads()
    assert found["variables"]["ONEDNN_MAX_CPU_ISA"] == "AVX2"


def test_a_machine_without_cpuinfo_still_has_a_name(tmp_path: Path):
    assert processor(1, tmp_path / "none")["model"] and processor(1, tmp_path / "none")["instruction_sets"] == []


def test_a_lowered_precision_is_named():
    assert "float32" in precision()
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        assert "matmul medium" in precision()
    finally:
        torch.set_float32_matmul_precision(before)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("workflow_scripts/a.py", "rules/a.smk", "Snakefile", ".gitignore", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("ignored.py\n")
    identity = ["-c", "user.name=x", "-c", "user.email=x"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True)
    return tmp_path


def test_a_clean_checkout_is_clean_beside_files_that_are_no_code(checkout: Path):
    (checkout / "data.npz").write_text("")
    state = git_state(checkout)
    assert state["clean"] is True and state["untracked"] == [] and len(state["commit"]) == 40


@pytest.mark.parametrize("name", ["workflow_scripts/attacks/mine.py", "workflow_scripts/ignored.py", "rules/mine.smk"])
def test_untracked_code_is_named_and_not_clean(checkout: Path, name: str):
    (checkout / name).parent.mkdir(exist_ok=True)
    (checkout / name).write_text("")
    assert git_state(checkout) | {"commit": ""} == {"commit": "", "clean": False, "untracked": [name]}


def test_a_changed_file_is_not_clean(checkout: Path):
    (checkout / "Snakefile").write_text("changed")
    assert git_state(checkout)["clean"] is False


def test_outside_a_checkout_nothing_is_said(tmp_path: Path):
    assert git_state(tmp_path) == {}
