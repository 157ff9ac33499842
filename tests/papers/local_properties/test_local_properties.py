"""Tables, figures and findings of the local_properties study say what its measurements are."""

import dataclasses
import importlib
import json

import numpy as np
import pytest

from workflow_scripts.jobs.stages import figure as figure_stage
from workflow_scripts.papers import figure_robust_learning_curve
from workflow_scripts.papers.bootstrap import Evidence
from workflow_scripts.papers.local_properties import (
    response_difference_statistics,
    weight_decay_and_overfitting_statistics,
)
from workflow_scripts.papers.local_properties.figures_3_7_8_perturbations import chosen_rows
from workflow_scripts.papers.local_properties.findings import table as findings
from workflow_scripts.papers.local_properties.response_differences import (
    load_response_differences,
    own_and_transferred,
)
from workflow_scripts.papers.published_table import parse
from workflow_scripts.planning.studies.published_values import published_values
from workflow_scripts.rendering.figure_files import write_figure
from workflow_scripts.rendering.figures.accuracy_by_radius import AccuracyPanel, accuracy_by_radius, wilson
from workflow_scripts.rendering.figures.amplitude_spectra import amplitude_spectra
from workflow_scripts.rendering.figures.perturbations import AttackedImages, panels_of, perturbations
from workflow_scripts.rendering.figures.weight_decay_sweep import mean_interval

FIGURES = {
    "figure_1": {},
    "figure_2": {},
    "figure_3": {"columns": 3, "outcome": "success"},
    "figure_4": {},
    "figure_5": {"measure": "maximum"},
    "figure_6": {},
    "figure_7": {"columns": 2, "outcome": "success"},
    "figure_8": {"columns": 3, "outcome": "failure"},
    "figure_9": {"measure": "total"},
}


RENDERERS = {
    "figure_1": "figure_1_low_pass_and_frequency_swap",
    "figure_2": "figure_2_amplitude_spectra",
    "figure_3": "figures_3_7_8_perturbations",
    "figure_4": "figure_4_kernel_responses",
    "figure_5": "figure_5_weight_decay_maximum",
    "figure_6": "figure_6_high_pass",
    "figure_7": "figures_3_7_8_perturbations",
    "figure_8": "figures_3_7_8_perturbations",
    "figure_9": "figure_9_weight_decay_total",
    "table_1": "table_1_standard_and_robust",
    "table_2": "table_2_successful_and_failed",
    "table_3": "table_3_original_and_transferred",
    "table_4": "table_4_successful_and_failed",
    "table_5": "table_5_original_and_transferred",
    "robustness": "table_robustness",
}


def module(name):
    """The renderer of a table or figure."""
    return importlib.import_module(f"workflow_scripts.papers.local_properties.{RENDERERS[name]}")


def published(name):
    return parse(json.loads(published_values("local_properties", name)), name)


def publication_job(study, name, **parameters):
    """The job of one publication, with only the inputs that the plan gives it."""
    job = study.job(**parameters)
    if name in ("figure_3", "figure_7", "figure_8"):
        attack = "fgsm" if name == "figure_7" else "pgd"
        kept = [i for i in job.artifacts if i.role["name"] == "dataset" or i.role.get("attack") == attack]
        kept = [i for i in kept if i.role["name"] in ("dataset", "adversarial_set")]
    elif name == "figure_2":
        kept = job.all(name="spectra")
    elif name == "table_1":
        kept = [i for i in job.all(name="responses", attack="pgd") if i.role["victim"] == i.role["model"]]
    elif name == "robustness":
        kept = job.all(name="responses")
    else:
        kept = job.artifacts
    return type(job)(job.label, job.parameters, tuple(kept), job.out, job.scratch)


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_drawn_within_its_page_and_the_same_again(study, name, tmp_path):
    job = publication_job(study, name, **FIGURES[name])
    figure, frame = module(name).figure(job)
    first = [path.read_bytes() for path in write_figure(figure, frame, tmp_path / "a", name)]
    again = [path.read_bytes() for path in write_figure(*module(name).figure(job), tmp_path / "b", name)]
    assert first == again and len(frame)
    drawn = figure.get_tightbbox(figure.canvas.get_renderer())
    width, height = figure.get_size_inches()
    assert drawn.x0 >= -0.035 and drawn.y0 >= -0.035
    assert drawn.x1 <= width + 0.035 and drawn.y1 <= height + 0.035


def test_the_robust_learning_curve_is_drawn(study, tmp_path):
    job = study.job()
    one = type(job)(job.label, job.parameters, tuple(job.all(name="model", model="robust")), job.out, job.scratch)
    figure, frame = figure_robust_learning_curve.figure(one)
    write_figure(figure, frame, tmp_path, "x")
    assert list(frame["best"]) == [False, True, False]


def test_table_1_has_means_deviations_and_published_values(study):
    job = publication_job(study, "table_1")
    table = module("table_1").table(job, published("table_1"))
    assert len(table.rows) == 12 and [column.header for column in table.columns][0] == "Conv 1"
    row = next(r for r in table.rows if r.keys == {"measure": "total", "model": "robust", "value": "mean"})
    found = load_response_differences(job.one(victim="robust", model="robust"))
    assert row.cells["layer4"].mean == pytest.approx(found.total[:, 5].mean())
    assert row.cells["layer4"].published == 526 and row.cells["layer4"].samples == 40
    spread = next(r for r in table.rows if r.keys["value"] == "deviation over images" and r.keys["model"] == "robust")
    assert spread.cells["conv1"].mean == pytest.approx(found.maximum[:, 0].std(ddof=1))
    assert spread.cells["conv1"].published is None


@pytest.mark.parametrize("name, attack, model", [("table_2", "fgsm", "standard"), ("table_4", "pgd", "robust")])
def test_successful_and_failed_attacks_are_told_apart(study, name, attack, model):
    table = module(name).table(publication_job(study, name), published(name))
    found = load_response_differences(study.job().one(name="responses", attack=attack, victim=model, model=model))
    right = found.predicted_natural == found.label
    assert right.sum() == 36
    for outcome, mask in (("successful", right & found.success), ("failed", right & ~found.success)):
        wanted = {"measure": "maximum", "outcome": outcome, "value": "mean"}
        (row,) = [r for r in table.rows if wanted.items() <= r.keys.items() and r.keys.get("attack", attack) == attack]
        assert row.cells["layer4"].mean == pytest.approx(found.maximum[mask, 5].mean())
        assert row.cells["layer4"].samples == mask.sum()
        assert row.cells["layer4"].published is not None
    assert len(table.rows) == (24 if name == "table_4" else 12)


@pytest.mark.parametrize("name, model", [("table_3", "robust"), ("table_5", "standard")])
def test_original_and_transferred_examples_are_of_the_same_images(study, name, model):
    table = module(name).table(publication_job(study, name), published(name))
    assert {cell.samples for row in table.rows for cell in row.cells.values()} == {40}
    ((mine, theirs, both),) = own_and_transferred(study.job(), model)
    assert both.all()
    means = [row for row in table.rows if row.keys["value"] == "mean" and row.keys["measure"] == "total"]
    rows = {row.keys["examples"]: row for row in means}
    assert rows["original"].cells["layer2"].mean == pytest.approx(mine.total[both, 3].mean())
    assert rows["transferred"].cells["layer2"].mean == pytest.approx(theirs.total[both, 3].mean())


def test_tables_1_3_and_5_agree_where_they_show_the_same_quantity(study):
    """As the paper's do, to the digit: they are about the same test images."""
    tables = {name: module(name).table(publication_job(study, name), published(name)) for name in
              ("table_1", "table_3", "table_5")}  # fmt: skip
    for name, model in (("table_3", "robust"), ("table_5", "standard")):
        first = [row for row in tables["table_1"].rows if row.keys["model"] == model]
        again = [row for row in tables[name].rows if row.keys["examples"] == "original"]
        assert len(first) == len(again) > 0
        for one, other in zip(first, again, strict=True):
            assert one.keys["measure"] == other.keys["measure"]
            assert [(c.mean, c.samples) for c in one.cells.values()] == [
                (c.mean, c.samples) for c in other.cells.values()
            ]


def test_accuracies_count_every_image(study):
    table = module("robustness").table(publication_job(study, "robustness"), published("robustness"))
    robust = next(row.cells for row in table.rows if row.keys["model"] == "robust")
    assert robust["natural"].mean == pytest.approx(36 / 40) and robust["natural"].published == 0.849
    assert robust["pgd"].mean == pytest.approx((36 - 21) / 40)
    assert robust["transferred"].mean == pytest.approx(36 / 40)


def test_every_claim_is_measured_and_judged(study, claims):
    table = findings(study.job(claims=json.dumps(claims)), None)
    verdicts = {row.keys["finding"]: row.keys["verdict"] for row in table.rows}
    assert len(verdicts) == len(claims)
    assert "not measured" not in verdicts.values()
    expected = {
        "filtered_rises": "supported",
        "filtered_falls": "supported",
        "gap_in_high_frequencies": "supported",
        "high_frequencies_destroy": "supported",
        "robust_low_frequencies": "supported",
        "difference_is_high": "supported",
        "robust_fewer_high_frequencies": "supported",
        "high_pass_destroys": "undecided",  # as many as guessing names
        "consistent_perturbations": "supported",
        "bound_reached": "supported",
        "disordered_meet_rough": "supported",
        "consistent_meet_smooth": "supported",
        "robust_kernels_smoother": "supported",
        "standard_larger_maximum": "supported",
        "successful_larger_total": "supported",
        "similar_in_front": "supported",
        "outcomes_part_at_the_end": "supported",
        "transferred_smaller_robust_total": "supported",
        "transferred_smaller_standard_last": "supported",
        "transfer_weak_robust": "supported",
        "weight_decay_shrinks_kernels": "supported",
        "weight_decay_shrinks_total": "supported",
        "weight_decay_against_overfitting": "supported",
        "robust_overfitting": "supported",
        "robust_outcomes_closer": "undecided",  # both models' last layers part by the same factor
    }
    assert {name: verdicts[name] for name in expected} == expected


def test_the_smallest_layer_decides_what_holds_at_every_layer(study):
    found = response_difference_statistics.standard_larger(study.job(), "maximum")
    assert found.effect == pytest.approx(np.log(2), abs=0.1) and found.lower > 0.5
    deeper = response_difference_statistics.standard_larger(study.job(), "maximum", ["layer3"])
    assert deeper.effect == pytest.approx(np.log(5), abs=0.1)
    assert response_difference_statistics.standard_larger(study.job(), "maximum", ["block9"]).verdict == "not measured"


def test_without_a_sweep_its_claims_are_not_measured(study):
    job = study.job()
    kept = tuple(i for i in job.artifacts if not i.role["name"].startswith("sweep"))
    bare = type(job)(job.label, job.parameters, kept, job.out, job.scratch)
    for name, arguments in (("sweep_gap_narrows", {}), ("sweep_kernels_shrink", {"statistic": "variance"})):
        assert (
            getattr(weight_decay_and_overfitting_statistics, name)(bare, **arguments).note
            == "the configuration has no weight-decay sweep"
        )


def test_overfitting_counts_shares_of_images(study):
    found = weight_decay_and_overfitting_statistics.overfits(study.job(), "best")
    assert isinstance(found, Evidence) and found.effect == pytest.approx(0.1) and found.samples == 500
    share = np.array([0.6, 0.5])
    half = 1.96 * np.sqrt((share * (1 - share) / 500).sum())
    assert found.upper - found.effect == pytest.approx(half, rel=0.01)


def test_a_published_file_names_the_paper_s_rows():
    for number in range(1, 6):
        table = published(f"table_{number}")
        assert table.table == str(number) and all(set(values) == set(table.columns) for values in table.values.values())
    row = {"attack": "fgsm", "measure": "total", "outcome": "failed", "value": "mean"}
    assert published("table_4").lookup(row, "layer3") == 153


def test_wilson_s_interval_by_hand():
    lower, upper = wilson(np.array([0, 5, 10]), 10)
    assert lower == pytest.approx([0, 0.2366, 0.7225], abs=1e-3)
    assert upper == pytest.approx([0.2775, 0.7634, 1], abs=1e-3)


def test_a_perturbation_s_panels():
    natural = np.full((3, 2, 2), 0.5)
    x_adv = natural + np.array([0.1, -0.1, 0.0])[:, None, None]
    shown = panels_of(natural, x_adv, 0.1)
    assert list(shown) == ["adversarial", "overall", "mean", "red", "green", "blue"]
    assert np.allclose(shown["overall"][0], [1, 0, 0.5]) and np.allclose(shown["mean"][0], 0)
    assert np.allclose(shown["green"][0], -0.1) and shown["green"][1]
    assert list(panels_of(natural[:1], x_adv[:1], 0.1)) == ["adversarial", "perturbation"]


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="no panel"):
        accuracy_by_radius([], "x")
    with pytest.raises(ValueError, match="predictions of shape"):
        accuracy_by_radius([AccuracyPanel("a", np.arange(3), {"b": np.zeros((2, 5), bool)})], "x")
    with pytest.raises(ValueError, match="should have one"):
        amplitude_spectra({"a": np.zeros((2, 2))}, {"b": np.zeros((3, 3))}, "ab")
    made = AttackedImages(np.zeros((1, 3, 4, 4)), ["a"], [True])
    with pytest.raises(ValueError, match="and the natural ones"):
        perturbations(np.zeros((2, 3, 4, 4)), ["a", "b"], {"robust": made}, 0.1)
    assert np.isnan(mean_interval(np.array([1.0]))).all()


LABELS = np.arange(4)


def test_no_image_is_chosen_where_none_qualifies():
    rows = chosen_rows(
        {m: type("P", (), {"columns": {"success": LABELS < 0, "label": LABELS, "predicted_before": LABELS}})
         for m in ("robust", "standard")}, "success", 3,
    )  # fmt: skip
    assert not len(rows)


def test_the_figure_stage_writes_every_format(study, tmp_path):
    job = publication_job(study, "figure_6", renderer="local_properties.figure_6_high_pass")
    metrics = figure_stage.realise(dataclasses.replace(job, out=tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {f"x.{end}" for end in ("pdf", "png", "csv", "tex")}
    assert r"\label{fig:local-properties-x}" in (tmp_path / "x.tex").read_text()
    assert metrics["points"] == len((tmp_path / "x.csv").read_text().splitlines()) - 1
