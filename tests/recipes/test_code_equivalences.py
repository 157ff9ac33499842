"""`code_equivalences.yaml`: what is said to compute the same keeps its digest."""

from pathlib import Path

import pytest
import yaml

from workflow_scripts.recipes.code_equivalences import (
    DEFAULT_FILE,
    EquivalenceError,
    apply_equivalences,
    load_equivalences,
)

A, B, C = "a" * 16, "b" * 16, "c" * 16


def entry(new: str, old: str, module: str = "m", **more) -> dict:
    return {"module": module, "new": new, "old": old, "reason": "renamed", "date": "2026-01-01", **more}


def table(tmp_path: Path, *entries) -> dict:
    path = tmp_path / "code_equivalences.yaml"
    path.write_text(yaml.safe_dump(list(entries)))
    return load_equivalences(path)


def test_no_file_and_an_empty_file_say_nothing(tmp_path: Path):
    assert load_equivalences(tmp_path / "none.yaml") == {}
    (tmp_path / "empty.yaml").write_text("# nothing yet\n")
    assert load_equivalences(tmp_path / "empty.yaml") == {}


def test_the_projects_own_file_can_be_read():
    load_equivalences()


@pytest.mark.parametrize("order", [1, -1])
def test_chains_lead_to_the_oldest(tmp_path: Path, order: int):
    found = table(tmp_path, *[entry(B, A), entry(C, B)][::order])
    assert [apply_equivalences({"m": f}, found)["m"] for f in (A, B, C)] == [A, A, A]


def test_an_equivalence_is_of_its_module_alone(tmp_path: Path):
    found = table(tmp_path, entry(B, A))
    assert apply_equivalences({"m": B, "n": B, "o": C}, found) == {"m": A, "n": B, "o": C}


def test_restoring_the_old_code_needs_no_entry(tmp_path: Path):
    assert apply_equivalences({"m": A}, table(tmp_path, entry(B, A))) == {"m": A}


def test_the_same_statement_twice_is_no_contradiction(tmp_path: Path):
    assert table(tmp_path, entry(B, A), entry(B, A)) == {("m", B): A}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([entry(B, A, resaon="x")], r"\[0\]\.resaon: unknown key"),
        ([entry(B, A), {"module": "m", "new": C, "old": A, "date": "2026-01-01"}], r"\[1\]\.reason"),
        ([entry(B, A, date="yesterday")], r"\[0\]\.date"),
        ([entry("B" * 16, A)], r"\[0\]\.new"),
        ([entry(B, A), entry(B, C)], "already said to equal"),
        ([entry(B, A), entry(A, B)], "circle"),
        ([entry(A, A)], "circle"),
        (["text"], r"\[0\]: must have"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, entries: list, message: str):
    with pytest.raises(EquivalenceError, match=message) as caught:
        table(tmp_path, *entries)
    assert "code_equivalences.yaml" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["module: m\n", "a: [b\n", "\x00"])
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, text: str):
    (tmp_path / "file.yaml").write_text(text)
    with pytest.raises(EquivalenceError) as caught:
        load_equivalences(tmp_path / "file.yaml")
    assert "\n" not in str(caught.value)


def test_code_that_moved_into_a_new_module_leaves_no_trace(tmp_path):
    path = tmp_path / "e.yaml"
    path.write_text(
        "- {module: a.new, new: '0123456789abcdef', old: absent, reason: moved, date: 2025-01-31}\n"
        "- {module: a.old, new: '1111111111111111', old: '2222222222222222', reason: moved, date: 2025-01-31}\n"
    )
    table = load_equivalences(path)
    assert apply_equivalences({"a.new": "0123456789abcdef", "a.old": "1" * 16}, table) == {"a.old": "2" * 16}
    assert apply_equivalences({"a.new": "f" * 16, "a.old": "2" * 16}, table) == {"a.new": "f" * 16, "a.old": "2" * 16}


def test_the_default_file_lies_in_the_projects_config_folder():
    assert Path(__file__).resolve().parents[2] / "config" / "code_equivalences.yaml" == DEFAULT_FILE
