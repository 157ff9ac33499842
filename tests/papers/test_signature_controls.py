"""The attack_signatures tables of controls on small made-up artifacts whose numbers are known."""

import numpy as np
import pytest

from tests.handmade import made
from tests.papers.signature_artifacts import job, published, recognised
from workflow_scripts.papers.attack_signatures import (
    table_ablation_differences,
    table_controls_recognition,
    table_controls_reconstruction,
    table_controls_saliency_depth,
    table_controls_saliency_distances,
)
from workflow_scripts.papers.published_table import NothingPublished

MATCHING = {"filters": 40, "raised_filters": 0, "smallest_share": 0.1, "loss_ratio": 1.1, "min_pairs": 30}


def test_reconstruction_is_compared_with_the_best_denoiser(tmp_path):
    """The median leaves every prediction as it was, so that the gain beyond it is Table 4's."""
    after = [1, 1, 1, 0] + [1, 1, 0, 0] + [1] * 4 + [1] * 4
    inputs = [recognised(tmp_path, "a", "redrl", [1] * 8, after=after)]
    denoisers = {"median": {"filter": "median", "size": "3"}}
    found = table_controls_reconstruction.table(job(tmp_path, *inputs, denoisers=denoisers), NothingPublished())
    rows = {(row.keys["victim"], row.keys["class"]): row.cells for row in found.rows}
    pgd = rows["first", "pgd"]
    assert [pgd[key].mean for key in ("before", "after", "median", "difference")] == [0, 50, 0, 50]
    assert pgd["lower"].mean < 50 < pgd["upper"].mean and pgd["difference"].samples == 4
    assert rows["second", "clean"]["difference"].mean == 0 and any("One training" in note for note in found.notes)


def test_losses_are_credited_with_differences_of_totals(tmp_path):
    """C recognises 11 of 11 images, A 9 of 11, in one training; in the other 11 and 10."""
    inputs = []
    shares = {"ablation_a": ([1] * 5 + [0, 0, -1], [1] * 6 + [0, -1])}
    for name in ("ablation_a", "ablation_b", "ablation_c", "redrl"):
        for seed in (0, 1):
            role, artifact = recognised(tmp_path, f"{name}{seed}", name, shares.get(name, ([1] * 7 + [-1],) * 2)[seed])
            inputs.append(({**role, "seed": seed}, artifact))
    found = table_ablation_differences.table(job(tmp_path, *inputs), published("table_5"))
    rows = {row.keys["difference"]: row.cells for row in found.rows}
    assert rows["C − A"]["effect"].mean == pytest.approx(100 * 1.5 / 11) and rows["C − A"]["effect"].seeds == 2
    assert rows["C − A"]["effect"].published == pytest.approx(93.51 - 90.59)
    assert rows["REDRL − C"]["effect"].mean == 0
    assert any("2 trainings" in note for note in found.notes)


def test_misclassified_clean_images_are_called_what_they_are_called(tmp_path, monkeypatch):
    """Clean image 3 is wrong on the first victim alone and is called PGD; three attacked images are matched with it."""
    inputs = [
        recognised(tmp_path, name, name, [1, 1, 1, 0, 0, 1, 0, -1], clean=(0, 0, 0, 1))
        for name in ("image", "perturbation", "redrl")
    ]
    asked = job(tmp_path, *inputs)
    rows = table_controls_recognition.table(asked, NothingPublished()).rows[:3]
    right, wrong, attacked = (row.cells for row in rows)
    assert right["pgd"].mean == pytest.approx(100 / 7), "three on the first victim, four on the second, one is PGD"
    assert (wrong["pgd"].mean, wrong["pgd"].samples) == (100, 1)
    assert wrong["effect"].mean is None, "one image is too few for an interval"
    assert rows[2].keys["pairs"] == "1, too few" and attacked["effect"].mean is None
    groups = table_controls_recognition.groups_of(asked.all(recogniser="image")[0])
    assert groups.matched.index.tolist() == [3] and groups.attacked.index.tolist() == [0], "losses 1.03 and 1.04"
    assert groups.attacked.called.tolist() == [1] and groups.wrong.called.tolist() == [1]


def saliency(tmp_path, comparisons, controls, samples):
    folder = tmp_path / "saliency"
    folder.mkdir()
    np.savez(folder / "samples.npz", **samples)
    metrics = {**MATCHING, "comparisons": comparisons, "controls": controls}
    return {"name": "saliency", "dataset": "mine", "victim": "first"}, made(folder, metrics)


def test_depth_is_compared_with_the_same_images_and_with_misclassified_ones_of_the_same_loss(tmp_path):
    """PGD is 0.1 deeper than before it, but no deeper than clean images on which the victim errs with the same loss."""
    generator, losses = np.random.default_rng(0), np.linspace(1, 5, 40)
    order = generator.permutation(40)
    samples = {
        "pgd_index": order,
        "pgd_depth": 0.4 + 0.04 * losses[order],
        "pgd_loss": losses[order],
        "clean_index": np.arange(40),
        "clean_depth": 0.3 + 0.04 * losses,
        "clean_loss": 0.1 * losses,
        "misclassified_index": np.arange(40, 80),
        "misclassified_depth": 0.4 + 0.04 * losses,
        "misclassified_loss": losses,
    }
    inputs = [saliency(tmp_path, [], [], samples)]
    found = table_controls_saliency_depth.table(job(tmp_path, *inputs), NothingPublished())
    (row,) = found.rows
    assert row.cells["clean"].mean == pytest.approx(0.1) and row.cells["clean_lower"].mean == pytest.approx(0.1)
    assert row.cells["misclassified"].mean == pytest.approx(0, abs=1e-9) and row.keys["pairs"] == "40"


def test_distances_stand_beside_their_controls(tmp_path):
    result = {"distance": 1.0, "permuted": 0.5, "p_value": 0.01, "excess": [1.0, 0.8, 1.5]}
    pair = {"first": "pgd", "second": "patch"}
    comparisons = [{**pair, "pairs": 50, **result}, {"first": "clean", "second": "pgd", "pairs": 50, **result}]
    controls = [
        {**pair, "images": "same", "divided": True, "pairs": 50, **result},
        {**pair, "images": "matched loss", "divided": False, "pairs": 12},
        {"first": "pgd", "second": "misclassified", "images": "matched loss", "divided": True, "pairs": 31, **result},
    ]
    inputs = [saliency(tmp_path, comparisons, controls, {})]
    classes = {"pgd": ["pgd"], "patch": ["patch"]}
    found = table_controls_saliency_distances.table(
        job(tmp_path, *inputs, classes=classes, misclassified=False), NothingPublished()
    )
    assert [(row.keys["images"], row.keys["profiles"], row.keys["pairs"]) for row in found.rows] == [
        ("same", "as measured", "50"),
        ("same", "divided by mean", "50"),
        ("matched loss", "as measured", "12, too few"),
    ]
    assert [found.rows[0].cells[key].mean for key in ("excess", "lower", "upper")] == [1.0, 0.8, 1.5]
    assert found.rows[2].cells["excess"].mean is None and found.rows[2].cells["excess"].samples == 12
    others = table_controls_saliency_distances.table(
        job(tmp_path, *inputs, classes=classes, misclassified=True), NothingPublished()
    )
    assert [row.keys["pair"] for row in others.rows] == ["PGD – misclassified"]
