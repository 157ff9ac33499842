"""The local_properties study from data to tables and figures, in one process and without Snakemake."""

from pathlib import Path

import pandas as pd
import pytest

from workflow_scripts.configuration.load import load, read_yaml
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.jobs.realise import parse_arguments, realise
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.recipe import read_recipe, write_recipe
from workflow_scripts.store.artifact import Artifact

CONFIGURATION = Path(__file__).with_name("local_properties.yaml")
CLAIMS = Path(__file__).parents[2] / "config" / "findings" / "local_properties.yaml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The plan, and the store in which every artifact of it has been made."""
    folder = tmp_path_factory.mktemp("study")
    plan = make_plan(load(CONFIGURATION))
    store = folder / "store"
    for recipe in plan.recipes.values():  # inputs come before what reads them
        path = write_recipe(recipe, folder / "recipes")
        realise(
            read_recipe(path),
            parse_arguments([str(path), "--store", str(store), "--scratch", str(folder), "--device", "cpu"]),
        )
    return plan, store


def payload(finished, name):
    plan, store = finished
    (made,) = [publication for publication in plan.publications if publication.name == name]
    return Artifact(store / made.recipe.folder)


def test_every_table_and_figure_of_the_paper_is_made(finished):
    names = {publication.name for publication in finished[0].publications}
    assert {f"table_{n}" for n in range(1, 6)} | {f"figure_{n}" for n in range(1, 10)} <= names
    assert {"findings", "robustness", "learning_curve_standard", "learning_curve_robust"} <= names
    for publication in finished[0].publications:
        artifact = payload(finished, publication.name)
        for suffix in publication.suffixes:
            assert artifact.file(f"{publication.name}.{suffix}").stat().st_size > 0


def test_the_sweep_shares_the_model_whose_weight_decay_it_repeats(finished):
    plan, _ = finished
    assert sum(recipe.kind == "robust_model" for recipe in plan.recipes.values()) == 2


def test_images_that_are_misclassified_already_are_attacked_and_are_no_successes(finished):
    plan, store = finished
    wrong_ones = 0
    for recipe in plan.recipes.values():
        if recipe.kind == "adversarial":
            made = Artifact(store / recipe.folder)
            columns = read_columns(made.file(FILE))
            wrong = columns["predicted_before"] != columns["label"]
            wrong_ones += wrong.sum()
            assert not columns["skipped"].any() and (columns["linf"] > 0).all()
            assert not columns["success"][wrong].any()
            expected = columns["success"].sum() / max(1, (~wrong).sum())
            assert made.metrics["success_rate"] == pytest.approx(expected)
    assert wrong_ones > 0


def test_tables_1_3_and_5_are_of_the_same_images(finished):
    one, three, five = (pd.read_csv(payload(finished, f"table_{n}").file(f"table_{n}.csv")) for n in (1, 3, 5))
    for other, model in ((three, "robust"), (five, "standard")):
        first, again = one[one["model"] == model], other[other["examples"] == "original"]
        columns = [name for name in one.columns if name not in ("model", "published") and name in again.columns]
        assert len(first) and first[columns].reset_index(drop=True).equals(again[columns].reset_index(drop=True))


def test_filtered_curves_end_at_the_measured_accuracies(finished):
    curves = pd.read_csv(payload(finished, "figure_1").file("figure_1.csv"))
    accuracies = pd.read_csv(payload(finished, "robustness").file("robustness.csv")).set_index("model")
    for model in ("standard", "robust"):
        panel = curves[curves["panel"] == f"filtered, {model} model"]
        for series, column in (("natural, low-pass", "natural"), ("adversarial, low-pass", "pgd")):
            last = panel[panel["series"] == series].sort_values("radius")["accuracy"].iloc[-1]
            assert last == pytest.approx(accuracies.loc[model, column])


def test_every_claim_has_a_verdict(finished):
    findings = pd.read_csv(payload(finished, "findings").file("findings.csv"))
    assert len(findings) == len(read_yaml(CLAIMS))
    assert set(findings["verdict"]) <= {"supported", "not supported", "undecided", "not measured"}
    measured = findings[findings["verdict"] != "not measured"]
    assert len(measured) >= 40
    assert (measured["lower"] <= measured["effect"] + 1e-9).all() and (
        measured["effect"] <= measured["upper"] + 1e-9
    ).all()
