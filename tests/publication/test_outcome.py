"""What a run says at its end."""

from pathlib import Path

import pytest

from workflow_scripts.publication.outcome import outcome
from workflow_scripts.publication.records import Publication
from workflow_scripts.recipes.recipe import Recipe


def publication(name: str, kind: str = "table", study: str = "spectrum") -> Publication:
    return Publication(study, name, "A caption.", Recipe(kind, f"spectrum-{name}", {}, (), {}, "1"))


@pytest.fixture
def findings(here) -> Publication:
    folder = Path("results/tables/spectrum")
    folder.mkdir(parents=True)
    rows = ["a,supported,undecided", "b,supported,supported", "c,not measured,undecided"]
    (folder / "findings.csv").write_text("\n".join(["finding,verdict,verdict_beyond_control", *rows]) + "\n")
    return publication("findings")


def test_few_publications_are_named():
    assert outcome([publication("table_2")]) == ["results/tables/spectrum/table_2.{html,csv,tex,md}"]
    assert outcome([publication("index", "results_page", "")]) == ["results/index.html"]
    assert outcome([]) == []


def test_many_are_counted_and_verdicts_told_by_kind(findings):
    several = [findings, publication("table_2"), publication("table_3"), publication("figure_1", "figure")]
    assert outcome([*several, publication("index", "results_page", "")]) == [
        "3 tables and 1 figure: look at results/index.html, results/tables, results/figures",
        "Verdict on 3 claims: 2 supported, 1 not measured",
        "Verdict beyond control on 3 claims: 2 undecided, 1 supported",
    ]
