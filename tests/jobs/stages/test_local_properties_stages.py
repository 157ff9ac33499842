"""The stages of the local_properties study: what they store is what the library computes directly."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.handmade import Made
from workflow_scripts.analysis.responses.conv_kernels import equalise_means, roughness
from workflow_scripts.analysis.responses.differences import response_differences
from workflow_scripts.analysis.spectrum.accuracy import CURVES, filtered_correctness
from workflow_scripts.analysis.spectrum.amplitude import log_amplitudes
from workflow_scripts.analysis.spectrum.filters import high_pass, low_pass, swap_frequencies
from workflow_scripts.inputs.adversarial_sets import FILE, PER_SAMPLE, input_hashes, write_set
from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.inputs.pairs import read_pairs
from workflow_scripts.inputs.splits import select
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.stages import (
    filtered_predictions,
    kernel_responses,
    kernel_statistics,
    responses,
    robust_model,
    spectra,
)
from workflow_scripts.models.classifier import build_classifier

DESCRIPTION = {
    "architecture": "resnet18",
    "in_channels": 3,
    "classes": 10,
    "image_size": 8,
    "parameters": {"width": 0.125},
    "mean": [0.5],
    "std": [0.5],
}
IMAGES = {"split": "test", "count": 10, "selection_seed": 1}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Two untrained classifiers, a data set, and a set of random perturbations against each; some are skipped."""
    root, generator = tmp_path_factory.mktemp("world"), np.random.default_rng(0)
    (root / "dataset/test").mkdir(parents=True)
    images = generator.integers(0, 256, (14, 3, 8, 8), dtype=np.uint8)
    np.save(root / "dataset/test/images.npy", images)
    np.save(root / "dataset/test/labels.npy", np.arange(14) % 10)
    metrics = {"channels": 3, "classes": 10, "image_size": 8, "class_names": list("abcdefghij")}
    made = {"dataset": Made(root / "dataset", {"metrics": metrics, "recipe": {"kind": "dataset"}})}
    chosen = select(root / "dataset/test", IMAGES["count"], IMAGES["selection_seed"])
    for seed, name in enumerate(("standard", "robust")):
        torch.manual_seed(seed)
        classifier = build_classifier(DESCRIPTION).eval()
        (root / name).mkdir()
        save_file(classifier.state_dict(), root / name / "best.safetensors")
        made[name] = Made(root / name, {"metrics": {"description": DESCRIPTION}, "recipe": {"kind": "model"}})
        made[f"{name}_classifier"] = classifier
        natural = chosen.images.astype(np.float32) / 255
        x_adv = np.clip(natural + generator.choice([-0.1, 0.1], natural.shape), 0, 1).astype(np.float32)
        columns = {column: np.zeros(10) for column in PER_SAMPLE}
        skipped = np.isin(np.arange(10), (2, 5 + seed))
        x_adv[skipped] = natural[skipped]
        columns |= {"index": chosen.index, "label": chosen.labels, "skipped": skipped, "success": ~skipped}
        columns["predicted_before"] = np.where(skipped, -1, chosen.labels)
        (root / f"{name}_images").mkdir()
        write_set(root / f"{name}_images" / FILE, {**columns, "input_sha256": input_hashes(chosen.images)}, x_adv)
        manifest = {"metrics": {}, "recipe": {"kind": "adversarial", "parameters": {"images": IMAGES}}}
        made[f"{name}_images"] = Made(root / f"{name}_images", manifest)
        made[f"{name}_pairs"] = (natural, x_adv, skipped, chosen.labels)
    return made


def job(tmp_path, parameters, **inputs):
    out = tmp_path / "out"
    out.mkdir()
    chosen = tuple(RoleArtifact({"name": name}, artifact) for name, artifact in inputs.items())
    return Job("test", parameters, chosen, out, tmp_path / "scratch")


def on_a_set(world, tmp_path, model, victim, **parameters):
    inputs = {"model": world[model], "images": world[f"{victim}_images"], "dataset": world["dataset"]}
    return job(tmp_path, {"checkpoint": "best", **parameters}, **inputs)


def test_pairs_are_the_set_and_what_it_was_made_from(world):
    pairs = read_pairs(world["robust_images"], world["dataset"])
    natural, x_adv, skipped, labels = world["robust_pairs"]
    assert np.array_equal(pairs.natural(), natural) and np.array_equal(pairs.adversarial(), x_adv)
    assert np.array_equal(pairs.columns["skipped"], skipped) and np.array_equal(pairs.columns["label"], labels)
    first, second = pairs.tensors(slice(0, 4)), pairs.tensors(np.arange(4, 10))
    for part, expected in enumerate((natural, x_adv)):
        assert np.array_equal(torch.cat([first[part], second[part]]).numpy(), expected)


def test_pairs_of_another_data_set_are_refused(world, tmp_path):
    (tmp_path / "test").mkdir()
    np.save(tmp_path / "test/images.npy", np.zeros((14, 3, 8, 8), np.uint8))
    np.save(tmp_path / "test/labels.npy", np.zeros(14, np.int64))
    with pytest.raises(ValueError, match="was not made from"):
        read_pairs(world["robust_images"], Made(tmp_path, {}))


@pytest.mark.parametrize("victim", ["standard", "robust"])
def test_responses_are_those_of_a_direct_pass_through_the_measured_model(world, tmp_path, monkeypatch, victim):
    monkeypatch.setattr(responses, "BATCH", 4)
    made = on_a_set(world, tmp_path, "robust", victim)
    metrics = responses.realise(made)
    natural, x_adv, skipped, labels = world[f"{victim}_pairs"]
    pair = (torch.from_numpy(natural), torch.from_numpy(x_adv))
    expected = response_differences(world["robust_classifier"], iter([pair]))
    with np.load(made.out / "responses.npz") as found:
        assert list(found["layers"]) == list(expected.layers)
        assert np.allclose(found["maximum"], expected.maximum, rtol=1e-5)
        assert np.allclose(found["total"], expected.total, rtol=1e-5)
        assert np.allclose(found["relative"], expected.relative, rtol=1e-5)
        assert not found["total"][skipped].any() and found["total"][~skipped].all()
    assert metrics["attacked"] == 8
    assert metrics["adversarial_accuracy"] == pytest.approx((expected.predicted_adversarial == labels).mean())


def test_predictions_for_filtered_images_are_those_of_the_filters(world, tmp_path, monkeypatch):
    monkeypatch.setattr(filtered_predictions, "BATCH", 3)
    made = on_a_set(world, tmp_path, "standard", "standard", radius_step=2)
    assert filtered_predictions.realise(made)["radii"] == 4
    natural, x_adv, _, labels = world["standard_pairs"]
    x, adversarial, y = torch.from_numpy(natural), torch.from_numpy(x_adv), torch.from_numpy(labels)
    classifier = world["standard_classifier"]
    with np.load(made.out / "filtered_predictions.npz") as found, torch.no_grad():
        assert list(found["radii"]) == [0, 2, 4, 6]
        for place, radius in enumerate(found["radii"]):
            inputs = {
                "low_natural": low_pass(x, radius),
                "low_adversarial": low_pass(adversarial, radius),
                "high_natural": high_pass(x, radius),
                "high_adversarial": high_pass(adversarial, radius),
                "swapped_natural": swap_frequencies(x, adversarial, radius),
                "swapped_adversarial": swap_frequencies(adversarial, x, radius),
            }
            for name, images in inputs.items():
                assert np.array_equal(found[name][place], classifier(images).argmax(1).eq(y).numpy()), name
        assert np.array_equal(found["low_natural"][-1], found["high_natural"][0])
        assert np.array_equal(found["swapped_natural"][0], found["low_adversarial"][-1])


def test_every_curve_is_measured_once_per_radius(world):
    x = torch.from_numpy(world["standard_pairs"][0])
    found = filtered_correctness(world["standard_classifier"], [(x, x, torch.zeros(10, dtype=torch.int64))], [0, 3])
    assert tuple(found) == CURVES and all(values.shape == (2, 10) for values in found.values())


def test_spectra_average_only_the_attacked_images(world, tmp_path, monkeypatch):
    monkeypatch.setattr(spectra, "BATCH", 3)
    made = job(tmp_path, {"images": 5}, images=world["robust_images"], dataset=world["dataset"])
    assert spectra.realise(made) == {"images": 5}
    natural, x_adv, skipped, _ = world["robust_pairs"]
    rows = np.flatnonzero(~skipped)[:5]
    with np.load(made.out / "spectra.npz") as found:
        assert np.allclose(found["natural"], log_amplitudes(natural[rows]).mean(0))
        assert np.allclose(found["adversarial"], log_amplitudes(x_adv[rows]).mean(0))
        assert found["adversarial_radial"].shape == (5, 6)
        power = (np.abs(np.fft.fft2(x_adv[rows].astype(np.float64))) ** 2).mean(1)
        assert np.allclose(found["adversarial_energy"].sum(1), power.sum((1, 2)))
        assert found["ring_sizes"].sum() == 64 and found["ring_sizes"][0] == 1


def test_kernel_statistics_are_those_of_the_weights(world, tmp_path):
    made = job(tmp_path, {"checkpoint": "best"}, model=world["standard"])
    metrics = kernel_statistics.realise(made)
    weights = {
        name: value.double().numpy()
        for name, value in world["standard_classifier"].state_dict().items()
        if value.ndim == 4 and value.shape[-1] > 1
    }
    every = np.concatenate([np.abs(weight).ravel() for weight in weights.values()])
    assert metrics["magnitude"] == pytest.approx(every.mean())
    inside = np.concatenate([weight.reshape(-1, 9).var(1) for weight in weights.values()])
    assert metrics["variance"] == pytest.approx(inside.mean())
    assert metrics["kernels"] == len(inside)
    with np.load(made.out / "kernel_statistics.npz") as found:
        assert list(found["layers"]) == list(weights)
        assert np.allclose(found["roughness/network.conv1.weight"], roughness(weights["network.conv1.weight"]))


def test_kernel_responses_are_shares_of_the_largest_possible(world, tmp_path):
    names = ("standard", "robust", "standard_images", "robust_images", "dataset")
    parameters = {"checkpoints": {"standard": "best", "robust": "best"}, "images": 100}
    made = job(tmp_path, parameters, **{name: world[name] for name in names})
    assert kernel_responses.realise(made) == {"pairs": 7, "standard_kernels": 24, "robust_kernels": 24}
    first = world["robust_classifier"].network.conv1.weight.detach().double().reshape(-1, 1, 3, 3)
    first = first / first.abs().sum(dim=(1, 2, 3), keepdim=True)
    natural, x_adv, skipped, _ = world["standard_pairs"]
    row = np.flatnonzero(~skipped & ~world["robust_pairs"][2])[3]
    moved = torch.from_numpy(x_adv[row] - natural[row]).double()
    expected = torch.nn.functional.conv2d(moved[:, None], first).abs().mean(dim=(0, 2, 3)) / moved.abs().max()
    with np.load(made.out / "kernel_responses.npz") as found:
        assert np.allclose(found["standard_response"][3, 24:], expected.numpy(), rtol=1e-5)
        assert list(found["kernel_model"]) == ["standard"] * 24 + ["robust"] * 24
        assert list(found["kernel_filter"]) == list(np.repeat(np.arange(16), 3))
        same_mean = equalise_means(
            np.concatenate(
                [world[f"{m}_classifier"].network.conv1.weight.detach().double().numpy().reshape(-1, 3, 3)
                 for m in ("standard", "robust")]
            )
        )  # fmt: skip
        kernels = torch.from_numpy(same_mean)[:, None]
        expected = torch.nn.functional.conv2d(moved[:, None], kernels).abs().mean(dim=(0, 2, 3)) / moved.abs().max()
        assert np.allclose(found["standard_response_same_mean"][3], expected.numpy(), rtol=1e-5)
        assert np.allclose(found["variance"], same_mean.var(axis=(1, 2)))
        for model in ("standard", "robust"):
            assert found[f"{model}_response"].min() > 0 and found[f"{model}_response"].max() <= 1


def test_a_recipe_gives_the_evaluation_and_the_guard_of_a_robust_training():
    attack = {"epsilon": "8/255", "guard": None, "evaluation": {"alpha": "1/255", "steps": 20, "images": 9, "every": 2}}
    found = robust_model.evaluation_of(attack)
    assert (found.epsilon, found.alpha, found.steps, found.images, found.every) == (8 / 255, 1 / 255, 20, 9, 2)
    assert robust_model.guard_of(None) is None
    assert robust_model.guard_of({"gap": "1/5", "steps": 5, "alpha": "2/255"}).gap == 0.2
