"""The attack_signatures study from configuration to tables and figures, every job in this one process."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from workflow_scripts.configuration.load import load
from workflow_scripts.jobs.realise import parse_arguments, realise
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.recipe import write_recipe
from workflow_scripts.store.artifact import Artifact
from workflow_scripts.store.integrity import damage

CONFIGURATION = Path(__file__).parent / "signatures.yaml"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The plan and the store with everything that it asks for."""
    root = tmp_path_factory.mktemp("run")
    plan = make_plan(load(CONFIGURATION))
    recipes = {recipe.folder: recipe for recipe in plan.recipes.values()}
    done: dict[str, Artifact] = {}

    def make(folder: str) -> None:
        if folder in done:
            return
        for item in recipes[folder].inputs:
            make(item.folder)
        path = write_recipe(recipes[folder], root / "recipes")
        places = ["--store", str(root / "store"), "--scratch", str(root / "scratch")]
        done[folder] = realise(
            recipes[folder], parse_arguments([str(path), *places, "--device", "cpu", "--threads", "1"])
        )

    for publication in plan.publications:
        make(publication.recipe.folder)
    return plan, done


def test_everything_planned_is_made_and_whole(made):
    plan, done = made
    assert done.keys() == plan.recipes.keys()
    assert not [problem for artifact in done.values() for problem in damage(artifact, full=True)]
    names = {p.name for p in plan.publications}
    tables = {f"{name}_digits" for name in ("table_3", "table_4", "table_5", "quantisation", "saliency_depth")}
    assert names >= tables | {"table_1", "table_2", "table_6", "findings", "saliency_distances_digits"}
    controls = ("recognition", "reconstruction", "saliency_depth", "saliency_distances", "saliency_misclassified")
    assert names >= {f"controls_{name}_digits" for name in (*controls, "input_saliency")} | {
        "ablation_differences_digits"
    }
    assert names >= {"figure_1_digits", "figure_2_digits", "figure_4_digits", "figure_5", "figure_7", "figure_8"}


def table(made, name):
    plan, done = made
    (publication,) = (p for p in plan.publications if p.name == name)
    return pd.read_csv(done[publication.recipe.folder].file(f"{name}.csv"))


def test_published_values_stand_beside_the_measured_ones(made):
    frame = table(made, "table_3_digits").set_index("class")
    assert frame.loc["pgd", "redrl_published"] == 99.9 and frame["image"].between(0, 100).all()
    before = table(made, "table_4_digits")
    assert set(before["victim"]) == {"victim", "other"} and before["after"].notna().all()


def test_accuracy_left_agrees_between_the_tables(made):
    """Table 4's accuracies before reconstruction and Table 6's leftovers are counted by different stages."""
    left = table(made, "table_6").set_index("class")["robust_accuracy"]
    before = table(made, "table_4_digits").groupby("class")["before"].mean()
    for name in ("pgd", "patch"):
        assert left[name] == pytest.approx(before[name])


def test_every_claim_has_a_verdict(made):
    frame = table(made, "findings")
    assert set(frame["verdict"]) <= {"supported", "not supported", "undecided", "not measured"}
    assert (frame["verdict"] != "not measured").sum() >= 10


def test_a_control_stands_beside_what_it_controls(made):
    """The controls' first numbers are those of the published tables' rows."""
    reconstructed, beside = table(made, "table_4_digits"), table(made, "controls_reconstruction_digits")
    for column in ("before", "after"):
        assert beside[column].tolist() == pytest.approx(reconstructed[column].tolist())
    distances = table(made, "saliency_distances_digits").set_index(["victim", "pair"])["distance"]
    controls = table(made, "controls_saliency_distances_digits")
    published = controls[(controls["images"] == "same") & (controls["profiles"] == "as measured")]
    for row in published.itertuples():
        assert row.distance == pytest.approx(distances[row.victim, row.pair])
    assert not controls.duplicated(["victim", "pair", "images", "profiles"]).any()
    assert len(controls) == 4 * len(published)
