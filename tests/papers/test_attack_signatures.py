"""The attack_signatures tables, figures and findings on small made-up artifacts whose numbers are known."""

import numpy as np
import pytest

from tests.handmade import made
from tests.papers.signature_artifacts import job, published, recognised, saliency_artifact
from workflow_scripts.papers.attack_signatures import (
    attack_order_statistics,
    recognition_statistics,
    saliency_statistics,
    table_2_attack_settings,
    table_3_recognition,
    table_4_reconstruction,
    table_6_attack_configurations,
    table_quantisation,
    table_saliency_depth,
    table_saliency_distances,
)
from workflow_scripts.papers.attack_signatures.attack_settings import settings_text
from workflow_scripts.rendering.figure_files import write_figure
from workflow_scripts.rendering.figures.confusion_matrices import confusion_matrices
from workflow_scripts.rendering.figures.image_grid import around_grey, image_grid
from workflow_scripts.rendering.figures.input_saliency import SaliencyMap, input_saliency
from workflow_scripts.rendering.figures.saliency_profiles import Profile, saliency_profiles


def test_every_published_file_is_readable():
    for name in ("1", "2", "3", "4", "5", "6"):
        assert published(f"table_{name}").table == name


def test_table_3_shows_shares_beside_published_ones(tmp_path):
    inputs = [
        recognised(tmp_path, "a", "image", [0, 1, 0, 1, 0, 1, 0, -1]),
        recognised(tmp_path, "b", "perturbation", [1] * 7 + [-1]),
        recognised(tmp_path, "c", "redrl", [1, 1, 1, 0, 1, 1, 1, -1]),
    ]
    made = table_3_recognition.table(job(tmp_path, *inputs), published("table_3"))
    assert [row.keys["class"] for row in made.rows] == ["clean", "pgd", "total"]
    pgd = made.rows[1].cells
    assert pgd["image"].mean == pytest.approx(300 / 7) and pgd["image"].published == 73.5
    assert pgd["redrl"].mean == pytest.approx(600 / 7) and pgd["redrl"].samples == 7
    assert made.rows[2].cells["image"].mean == pytest.approx(100 * 7 / 11)  # the clean images count once
    assert made.rows[2].cells["perturbation"].published == 94.2


def test_table_4_pools_the_configurations_of_a_class(tmp_path):
    inputs = [recognised(tmp_path, "a", "redrl", [1] * 8, after=[1, 1, 1, 0] + [1, 1, 0, 0] + [1] * 4 + [1] * 4)]
    made = table_4_reconstruction.table(job(tmp_path, *inputs), published("table_4"))
    rows = {(row.keys["victim"], row.keys["class"]): row.cells for row in made.rows}
    assert (rows["first", "pgd"]["before"].mean, rows["first", "pgd"]["after"].mean) == (0, 50)
    assert rows["first", "pgd"]["after"].published == 90.9
    assert rows["second", "pgd"]["before"].published is None


def robust_accuracy_artifact(tmp_path):
    rows = [
        {"class": "pgd", "configuration": k, "quantisation": way, "images": 10, "attacked": 8, "successes": s,
         "right": 8 - s, "linf": 0.1 if s else None, "l2": 1.0 if s else None, "l0": 0.5 if s else None}
        for way in ("none", "truncate")
        for k, s in ((0, 0), (1, 6))
    ]  # fmt: skip
    return [
        ({"name": "robust_accuracy", "dataset": "mine", "victim": name}, made(tmp_path, {"sets": rows}))
        for name in ("first", "second")
    ]


def test_tables_2_and_6_print_settings_and_robust_accuracy(tmp_path):
    pgd = {"attack": "pgd", "pixel_range": ["0", "1"], "alpha": "1/100", "steps": 100, "random_start": True}
    settings = {"pgd_a": {**pgd, "epsilon": "4/255"}, "pgd_b": {**pgd, "epsilon": "8/255"}}
    assert settings_text(list(settings.values())) == "ε ∈ {4/255, 8/255}, α 0.01, steps 100"
    mixed = [settings["pgd_a"], {"attack": "fgsm", "pixel_range": ["-1", "1"], "epsilon": "1/5"}]
    assert settings_text(mixed) == "PGD: ε 4/255, α 0.01, steps 100; FGSM: ε 0.2, in [-1, 1]"
    shown = table_2_attack_settings.table(job(tmp_path, settings=settings), published("table_2")).rows[0]
    assert (
        shown.keys["settings"] == "ε ∈ {4/255, 8/255}, α 0.01, steps 100"
        and "16}/255" in shown.keys["published_settings"]
    )
    made = table_6_attack_configurations.table(
        job(tmp_path, *robust_accuracy_artifact(tmp_path), settings=settings, quantisation="truncate"),
        published("table_6"),
    )
    first, second = (row.cells for row in made.rows)
    assert (first["robust_accuracy"].mean, first["linf"].mean) == (80, None)
    assert (second["robust_accuracy"].mean, second["success"].mean, second["linf"].mean) == pytest.approx(
        (20, 75, 25.5)
    )
    assert second["robust_accuracy"].samples == 20


def test_the_quantisation_table_lists_every_quantisation(tmp_path):
    inputs = [*robust_accuracy_artifact(tmp_path), recognised(tmp_path, "a", "redrl", [1] * 8)]
    made = table_quantisation.table(job(tmp_path, *inputs), published("quantisation"))
    rows = {(row.keys["quantisation"], row.keys["class"]): row.cells for row in made.rows}
    assert rows["none", "pgd"]["robust_accuracy"].mean == 50 and rows["none", "pgd"]["redrl"].mean is None
    assert rows["truncate", "pgd"]["redrl"].mean == 100 and rows["truncate", "clean"]["robust_accuracy"].mean is None


def test_findings_about_recognition_are_differences_in_percentage_points(tmp_path):
    better, worse = [1] * 8, [1, 0, 1, 0, 1, 0, 1, -1]
    inputs = [
        recognised(tmp_path, "a", "image", worse),
        recognised(tmp_path, "b", "perturbation", better),
        recognised(tmp_path, "c", "redrl", better, after=[1, 1, 1, 0] + [1, 1, 1, 1] + [1] * 4 + [1] * 4),
    ]
    made = job(tmp_path, *inputs)
    found = recognition_statistics.recognised_better(made, "cifar10", "redrl", "image")
    assert found.effect == pytest.approx(100 - 100 * 8 / 11) and found.samples == 4  # clean images count once
    improved = recognition_statistics.relative_improvement(made, "cifar10", "redrl", "image")
    assert improved.effect == pytest.approx(100 * (11 / 8 - 1))
    assert recognition_statistics.gap_closed(made, "cifar10").effect == pytest.approx(100 - 100 * 8 / 11)
    assert recognition_statistics.reconstruction_restores(made, "cifar10").effect == pytest.approx(75)
    assert recognition_statistics.reconstruction_keeps(made, "cifar10", 1).effect == pytest.approx(1)
    assert recognition_statistics.recognised_better(made, "tiny_imagenet", "redrl", "image").verdict == "not measured"
    hard = recognition_statistics.classes_recognised_better(made, "cifar10", "image", ["clean"], ["pgd"])
    assert hard.effect == pytest.approx(100 - 100 * 4 / 7)


def test_findings_about_profiles(tmp_path):
    classes = {"pgd": ["pgd"], "deepfool": ["deepfool"], "patch": ["patch"]}
    inputs = [
        ({"name": "saliency", "dataset": "mine", "victim": name}, saliency_artifact(tmp_path, name))
        for name in ("first", "second")
    ]
    made = job(tmp_path, *inputs, classes=classes)
    deep = saliency_statistics.deeper(made, "pgd", "deepfool")
    assert deep.effect == pytest.approx(0.3, abs=0.02) and deep.verdict == "supported"
    differ = saliency_statistics.profiles_differ(made, "cifar10")
    assert (differ.effect, differ.lower, differ.upper) == pytest.approx((0.3, 0.2, 0.5)), "clean images are no attack"
    assert "pgd and patch" in differ.note and differ.verdict == "supported"
    assert saliency_statistics.evenness(np.array([1.0, 1.0])) == pytest.approx(1)
    assert saliency_statistics.even_over_layers(made, "patch").effect == pytest.approx(1 - 0.8113, abs=1e-3)
    assert saliency_statistics.magnitudes_differ(made, ["pgd", "deepfool", "patch"]).verdict == "supported"
    order = attack_order_statistics.same_order_across_victims(made)
    assert order.effect == pytest.approx(1) and order.verdict == "undecided", "three attacks often agree by chance"
    assert attack_order_statistics.same_order_across_datasets(made).verdict == "not measured"
    assert saliency_statistics.deeper(made, "pgd", "nothing").verdict == "not measured"
    distances = table_saliency_distances.table(made, published("saliency_distances"))
    assert len(distances.rows) == 6 and distances.rows[0].keys["pair"] == "PGD – DeepFool"
    assert any("10% of its layer's median" in note and "first 3 of 40" in note for note in distances.notes)


def test_depth_table_leaves_empty_classes_unmeasured(tmp_path):
    artifact = saliency_artifact(tmp_path, "first")
    with np.load(artifact.file("samples.npz")) as content:
        kept = dict(content)
    kept |= {f"clean_{key}": np.zeros(0) for key in ("index", "depth", "salience")}
    np.savez(artifact.path / "samples.npz", **kept)
    inputs = ({"name": "saliency", "dataset": "mine", "victim": "first"}, artifact)
    made = table_saliency_depth.table(job(tmp_path, inputs), published("saliency_depth"))
    assert made.rows[0].cells["depth"].mean is None and made.rows[1].cells["depth"].samples == 20


def drawings():
    generator = np.random.default_rng(0)
    images = generator.random((4, 3, 8, 8), dtype=np.float32)
    profile = Profile(np.sort(generator.random(12))[::-1], generator.normal(size=12), 7)
    saliency_map = SaliencyMap(images[0], generator.random((8, 8)), "cat", False)
    return {
        "confusion": lambda: confusion_matrices(
            {"A": np.eye(3) * 4 + 1, "B": np.ones((3, 3))}, ["clean", "pgd", "jsma"]
        ),
        "image_grid": lambda: image_grid({"one": list(images[:2]), "two": list(images[2:])}, ["left", "right"]),
        "profiles": lambda: saliency_profiles({"clean": profile, "pgd": Profile(profile.absolute, None, 3)}, [4, 8]),
        "input_saliency": lambda: input_saliency([{"clean": saliency_map, "pgd": saliency_map}]),
    }


@pytest.mark.parametrize("name", drawings())
def test_figures_repeat_to_the_byte(tmp_path, name):
    made = [write_figure(*drawings()[name](), tmp_path / str(k), name) for k in range(2)]
    for first, second in zip(*made, strict=True):
        assert first.read_bytes() == second.read_bytes()
    assert len(made[0]) == 3


def test_frames_contain_what_figures_show():
    _, frame = drawings()["confusion"]()
    assert frame.query("recogniser == 'A' and true == recognised")["share"].tolist() == pytest.approx([5 / 7] * 3)
    _, frame = drawings()["profiles"]()
    assert len(frame) == 24 and frame["layer"].tolist()[:12] == [1] * 4 + [2] * 8
    with pytest.raises(ValueError, match="no saliency profile"):
        saliency_profiles({"pgd": Profile(np.zeros(3), None, 0)}, [3])
    np.testing.assert_array_equal(around_grey(np.array([0.0, 0.1, -9.0]), 2), [0.5, 0.7, 0.0])
