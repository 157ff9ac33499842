"""Claims about perturbations and high-pass filters on measurements whose answers are known."""

import numpy as np
import pytest

from tests.papers.local_properties.made_up_measurements import Study
from workflow_scripts.analysis.responses.perturbations import shape_correlation
from workflow_scripts.inputs.adversarial_sets import FILE, PER_SAMPLE, input_hashes, write_set
from workflow_scripts.papers.local_properties import frequency_statistics, perturbation_statistics

COUNT, SIDE = 30, 12
ROWS, COLUMNS = np.indices((SIDE, SIDE))
CHEQUERED = np.where((ROWS + COLUMNS) % 2, 0.1, -0.1)
STRIPED = np.where(ROWS % 2, 0.1, -0.1)
HALVES = np.where(ROWS < SIDE // 2, 0.1, -0.1)

SQUARE = (np.abs(ROWS - 5) < 3) & (np.abs(COLUMNS - 5) < 3)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Images of a bright square; PGD on the robust model fails on the first ten, where it follows the square's edges.

    The standard model gets stripes by FGSM and chequers by PGD; two images are misclassified without any attack.
    """
    made = Study(tmp_path_factory.mktemp("study"))
    images, labels = np.full((COUNT, 1, SIDE, SIDE), 100, np.uint8), np.arange(COUNT) % 10
    images[..., SQUARE] = 180
    folder = made.add({"name": "dataset"}, {"classes": 10, "image_size": SIDE}) / "test"
    folder.mkdir()
    np.save(folder / "images.npy", images)
    np.save(folder / "labels.npy", labels)
    square = np.where(SQUARE, 0.1, -0.1)
    failed, wrong = np.arange(COUNT) < 10, np.arange(COUNT) >= COUNT - 2
    moved = {
        ("pgd", "robust"): np.where(failed[:, None, None], square, HALVES),
        ("fgsm", "robust"): np.tile(HALVES, (COUNT, 1, 1)),
        ("pgd", "standard"): np.tile(CHEQUERED, (COUNT, 1, 1)),
        ("fgsm", "standard"): np.tile(STRIPED, (COUNT, 1, 1)),
    }
    for (attack, victim), perturbation in moved.items():
        role = {"name": "adversarial_set", "attack": attack, "victim": victim, "seed": 0}
        folder = made.add(role, parameters={"images": {"split": "test", "count": COUNT, "selection_seed": 0}})
        columns = {name: np.zeros(COUNT) for name in PER_SAMPLE}
        columns |= {"index": np.arange(COUNT), "label": labels, "skipped": np.zeros(COUNT, bool)}
        columns["predicted_before"] = np.where(wrong, (labels + 1) % 10, labels)
        columns["success"] = ~failed & ~wrong
        x_adv = (images / 255 + perturbation[:, None]).astype(np.float32)
        write_set(folder / FILE, {**columns, "input_sha256": input_hashes(images)}, x_adv)
    for model, natural, adversarial in (("standard", 0.6, 0.1), ("robust", 0.3, 0.3)):
        add_curves(made, model, natural, adversarial)
    return made.job()


def add_curves(made, model, natural, adversarial):
    """Half of the images are right unfiltered, and these shares with the frequencies above 1/4."""
    right = (np.arange(COUNT) + 0.5) / COUNT
    shares = {"low_natural": [0.1, 0.9], "high_natural": [0.9, natural], "high_adversarial": [0.5, adversarial]}
    others = dict.fromkeys(("low_adversarial", "swapped_natural", "swapped_adversarial"), [0.1, 0.1])
    curves = {name: right < np.array(values)[:, None] for name, values in {**shares, **others}.items()}
    folder = made.add({"name": "filtered_predictions", "model": model, "seed": 0})
    np.savez(folder / "filtered_predictions.npz", radii=np.array([0, SIDE / 8]), index=np.arange(COUNT), **curves)


def test_failed_attacks_alone_are_compared_where_asked(study):
    every = perturbation_statistics.perturbations_consistent(study, "pgd")
    failed = perturbation_statistics.perturbations_consistent(study, "pgd", outcome="failed")
    assert (every.samples, failed.samples) == (COUNT, 10)
    assert every.verdict == failed.verdict == "supported"
    assert failed.effect != pytest.approx(every.effect, abs=0.01)


def test_stripes_are_less_disordered_than_chequers(study):
    found = perturbation_statistics.fgsm_less_disordered(study, "standard")
    assert found.effect == pytest.approx(1, abs=0.1) and found.samples == COUNT


def test_failed_attacks_follow_the_shape_and_misclassified_images_are_neither(study):
    found = perturbation_statistics.failed_follow_shapes(study, "pgd", "robust")
    assert found.verdict == "supported" and found.samples == COUNT - 2
    images = np.where(SQUARE, 180, 100)[None, None]
    assert found.effect == pytest.approx(1 - shape_correlation(images, HALVES[None, None])[0], abs=1e-4)
    assert perturbation_statistics.perturbations_follow_shapes(study, "pgd").verdict == "not measured"


def test_high_frequencies_of_the_robust_model_are_similar_and_little(study):
    similar = frequency_statistics.high_pass_similar(study, "robust", "1/4", 0.05)
    assert similar.effect == pytest.approx(0.05) and similar.verdict == "supported"
    apart = frequency_statistics.high_pass_similar(study, "standard", "1/4", 0.05)
    assert apart.effect == pytest.approx(0.05 - 0.5) and apart.verdict == "not supported"
    little = frequency_statistics.high_pass_little(study, "robust", "1/4")
    assert little.effect == pytest.approx((0.9 - 0.1) / 2 - (0.3 - 0.1))
    more = frequency_statistics.high_pass_standard_more(study, "natural", "1/4")
    assert more.effect == pytest.approx(0.3) and more.verdict == "supported"
