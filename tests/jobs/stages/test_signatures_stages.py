"""Stages of the attack_signatures study: shards, robust accuracy, recognisers, and saliency."""

import csv

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.handmade import made, run
from workflow_scripts.analysis.recognition.denoisers import median_filter
from workflow_scripts.analysis.saliency.filters import filter_saliency
from workflow_scripts.analysis.saliency.profiles import sorted_within_layers, standardised
from workflow_scripts.attacks.quantise import quantise
from workflow_scripts.data.images import fit
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.inputs.splits import select
from workflow_scripts.jobs.stages import (
    adversarial,
    input_saliency,
    recogniser,
    recogniser_evaluation,
    robust_accuracy,
    saliency,
)
from workflow_scripts.models.classifier import build_classifier

DESCRIPTION = {
    "architecture": "resnet50",
    "in_channels": 1,
    "classes": 4,
    "image_size": 8,
    "parameters": {"width": 1 / 16, "depth": 1 / 4, "cifar_stem": True},
    "mean": [0.5],
    "std": [0.5],
}
CLASSES = ["pgd", "patch"]
SETTINGS = {
    "pgd": {"epsilon": "1/5", "alpha": "1/20", "steps": 6},
    "patch": {"epsilon": "1", "size": 4, "alpha": "1/5", "steps": 6},
}
ATTACK = {"pgd": "pgd", "patch": "patch"}
EVALUATED = {"classes": CLASSES, "quantisation": "truncate"}
COUNT = 24


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Two untrained victims that are right about three images of four, and their attacked images in two parts each."""
    root = tmp_path_factory.mktemp("world")
    images = np.random.default_rng(0).integers(0, 256, (40, 1, 8, 8), dtype=np.uint8)
    victims = []
    for number in range(2):
        torch.manual_seed(number)
        classifier = build_classifier(DESCRIPTION)
        classifier(torch.from_numpy(images).float() / 255)
        classifier.eval()
        with torch.no_grad():
            classifier.network.network.fc.weight.mul_(20)
        (root / f"model{number}").mkdir()
        save_file(classifier.state_dict(), root / f"model{number}/best.safetensors")
        victims.append((classifier, made(root / f"model{number}", {"description": DESCRIPTION})))
    with torch.no_grad():
        labels = victims[0][0](torch.from_numpy(images).float() / 255).argmax(1).numpy()
    labels[::4] = (labels[::4] + 1) % 4
    for part in ("train", "validation", "test"):
        (root / "dataset" / part).mkdir(parents=True)
        np.save(root / "dataset" / part / "images.npy", images)
        np.save(root / "dataset" / part / "labels.npy", labels)
    facts = {"channels": 1, "classes": 4, "image_size": 8, "class_names": list("abcd")}
    dataset = made(root / "dataset", facts)
    parts = []
    for number, (_, model) in enumerate(victims):
        for name in CLASSES:
            for start, stop in ((0, 10), (10, COUNT)):
                images_wanted = {"split": "test", "count": COUNT, "selection_seed": 3, "start": start, "stop": stop}
                parameters = attack_parameters(name, images_wanted)
                inputs = [({"name": "model"}, model), ({"name": "dataset"}, dataset)]
                part = run(adversarial, root, f"{number}-{name}-{start}", parameters, inputs)
                role = {"name": "shard", "victim": number, "class": name, "configuration": 0, "start": start}
                parts.append((role, part))
    return {"root": root, "victims": victims, "dataset": dataset, "parts": parts, "images": images, "labels": labels}


def attack_parameters(name, images):
    return {
        "attack": ATTACK[name],
        "settings": SETTINGS[name],
        "pixel_range": ["0", "1"],
        "quantisation": "none",
        "images": images,
        "checkpoint": "best",
        "seed": 5,
    }


def of_victim(world, number):
    return [(role, part) for role, part in world["parts"] if role["victim"] == number]


def test_shards_make_up_the_whole_set(world):
    inputs = [({"name": "model"}, world["victims"][0][1]), ({"name": "dataset"}, world["dataset"])]
    wanted = {"split": "test", "count": COUNT, "selection_seed": 3}
    whole = run(adversarial, world["root"], "whole", attack_parameters("patch", wanted), inputs)
    pieces = [part for role, part in of_victim(world, 0) if role["class"] == "patch"]
    together = np.concatenate([read_images(part.file(FILE)) for part in pieces])
    np.testing.assert_allclose(together, read_images(whole.file(FILE)), atol=1e-6)
    for name in ("index", "success", "input_sha256"):
        joined = np.concatenate([read_columns(part.file(FILE), (name,))[name] for part in pieces])
        assert (joined == read_columns(whole.file(FILE), (name,))[name]).all()


def test_shards_make_up_a_selection(world):
    folder = world["dataset"].file("test")
    whole = select(folder, 13, 1)
    parts = [select(folder, 13, 1, a, b) for a, b in ((0, 5), (5, 10), (10, 13))]
    for name in ("index", "images", "labels"):
        np.testing.assert_array_equal(np.concatenate([getattr(part, name) for part in parts]), getattr(whole, name))


def test_small_images_are_padded_or_enlarged():
    images = np.full((2, 3, 4, 4), 200, np.uint8)
    assert fit(images, 8).sum() == images.sum()
    enlarged = fit(images, 8, "resize")
    assert enlarged.shape == (2, 3, 8, 8) and (enlarged == 200).all()


@torch.no_grad()
def test_robust_accuracy_is_counted_from_the_quantised_images(world):
    classifier, model = world["victims"][1]
    inputs = [({"name": "model"}, model), ({"name": "dataset"}, world["dataset"]), *of_victim(world, 1)]
    ways = ["none", "round", "truncate"]
    artifact = run(
        robust_accuracy, world["root"], "robust_accuracy", {"quantisations": ways, "checkpoint": "best"}, inputs
    )
    assert len(artifact.metrics["sets"]) == 6
    for row in artifact.metrics["sets"]:
        right = successes = 0
        for role, part in of_victim(world, 1):
            if role["class"] == row["class"]:
                stored = quantise(torch.from_numpy(read_images(part.file(FILE))), row["quantisation"])
                x = stored.float() / 255 if stored.dtype == torch.uint8 else stored
                columns = read_columns(part.file(FILE))
                correct = classifier(x).argmax(1).numpy() == columns["label"]
                right += correct.sum()
                successes += (~correct & ~columns["skipped"]).sum()
        assert (row["images"], row["right"], row["successes"]) == (COUNT, right, successes)
    with artifact.file("robust_accuracy.csv").open() as stream:
        assert [int(row["right"]) for row in csv.DictReader(stream)] == [r["right"] for r in artifact.metrics["sets"]]


def recogniser_parameters(sees="residual"):
    return {
        "sees": sees,
        "classes": CLASSES,
        "quantisation": "truncate",
        "sizes": {"channels": 4, "blocks": 1, "width": "1/16", "small_stem": True},
        "weights": {"reconstruction": "1/100", "features": "1/10", "classification": "1"},
        "training": {
            "learning_rate": "1/500",
            "epochs": 2,
            "steps_per_epoch": 2,
            "batch_size": 6,
            "weight_decay": "1/2000",
            "warmup_epochs": 1,
            "milestones": [1],
            "label_smoothing": "1/10",
        },
        "seed": 4,
    }


def grid_inputs(world):
    victims = [
        ({"name": "victim", "victim": number, "checkpoint": "best"}, model)
        for number, (_, model) in enumerate(world["victims"])
    ]
    return [({"name": "dataset"}, world["dataset"]), *victims, *world["parts"]]


def test_a_recogniser_is_trained_twice_to_the_same_bytes_and_evaluated(world):
    root, inputs = world["root"], grid_inputs(world)
    first = run(recogniser, root, "redrl", recogniser_parameters(), inputs)
    again = run(recogniser, root, "again", recogniser_parameters(), inputs)
    assert first.file("pipeline.safetensors").read_bytes() == again.file("pipeline.safetensors").read_bytes()
    assert first.metrics["perception"] == "the victims' own features"
    assert first.metrics["victims_layers"] == ["layer2", "layer2"]
    denoisers = {"blur": {"filter": "gaussian", "size": "1/2"}, "median": {"filter": "median", "size": "3"}}
    inputs = [({"name": "recogniser"}, first), *inputs]
    evaluated = run(recogniser_evaluation, root, "evaluation", {**EVALUATED, "denoisers": denoisers}, inputs)
    metrics = evaluated.metrics
    attacked = sum(int((~read_columns(part.file(FILE))["skipped"]).sum()) for _, part in world["parts"])
    assert np.sum(metrics["confusion"]) == attacked + COUNT  # the clean images once
    with np.load(evaluated.file("predictions.npz")) as content:
        columns = dict(content)
    assert len(columns["index"]) == 6 * COUNT and set(columns["right_after"]) <= {0, 1}
    clean = columns["group"] == metrics["groups"].index(next(g for g in metrics["groups"] if g["class"] == "clean"))
    x = torch.from_numpy(world["images"][columns["index"][clean]]).float() / 255
    label = torch.from_numpy(columns["label"][clean]).long()
    with torch.no_grad():
        filtered, logits = (world["victims"][0][0](images) for images in (median_filter(x, 3), x))
    assert (columns["right_median"][clean] == filtered.argmax(1).eq(label).numpy()).all() and "right_blur" in columns
    losses = torch.nn.functional.cross_entropy(logits, label, reduction="none")
    np.testing.assert_allclose(columns["loss"][clean], losses, rtol=1e-4, atol=1e-5)
    truth = np.array([metrics["classes"].index(group["class"]) for group in metrics["groups"]])[columns["group"]]
    shown = columns["recognised"] >= 0
    assert metrics["total"] == pytest.approx((truth == columns["recognised"])[shown].mean())
    with np.load(evaluated.file("examples.npz")) as content:
        assert content["pgd_reconstruction"].shape[1:] == (1, 8, 8)


def test_a_baseline_has_no_reconstruction(world):
    made_of = run(recogniser, world["root"], "image", recogniser_parameters("image"), grid_inputs(world))
    assert made_of.metrics["perception"] is None
    inputs = [({"name": "recogniser"}, made_of), *grid_inputs(world)]
    evaluated = run(recogniser_evaluation, world["root"], "plain", {**EVALUATED, "denoisers": {}}, inputs)
    assert all(group["accuracy_after"] is None for group in evaluated.metrics["groups"])
    assert not (world["root"] / "plain" / "examples.npz").exists()


def saliency_parameters():
    return {
        "classes": CLASSES,
        "quantisation": "truncate",
        "checkpoint": "best",
        "images": None,
        "comparison_images": 5,
        "permutations": 49,
        "seed": 0,
    }


def test_profiles_are_means_over_the_images_misclassified_after_the_attack(world):
    classifier, model = world["victims"][0]
    inputs = [({"name": "model"}, model), ({"name": "dataset"}, world["dataset"]), *of_victim(world, 0)]
    artifact = run(saliency, world["root"], "saliency", saliency_parameters(), inputs)
    x, y = torch.from_numpy(world["images"]).float() / 255, torch.from_numpy(world["labels"])
    raw = filter_saliency(classifier, x, y).double().numpy()
    mean, deviation = raw.mean(0), raw.std(0, ddof=1)
    with np.load(artifact.file("statistics.npz")) as content:
        statistics = dict(content)
    np.testing.assert_allclose(statistics["mean"], mean, rtol=1e-4, atol=1e-9)
    counts = statistics["counts"].tolist()
    misclassified, labels = [], []
    for role, part in of_victim(world, 0):
        if role["class"] == "pgd":
            x_adv = quantise(torch.from_numpy(read_images(part.file(FILE))), "truncate").float() / 255
            label = torch.from_numpy(read_columns(part.file(FILE))["label"])
            with torch.no_grad():
                wrong = (classifier(x_adv).argmax(1) != label) & ~torch.from_numpy(
                    read_columns(part.file(FILE))["skipped"]
                )
            misclassified.append(x_adv[wrong]), labels.append(label[wrong])
    saliencies = filter_saliency(classifier, torch.cat(misclassified), torch.cat(labels)).numpy()
    expected = sorted_within_layers(standardised(saliencies, mean, deviation, signed=False), counts).mean(0)
    with np.load(artifact.file("profiles.npz")) as content:
        np.testing.assert_allclose(content["pgd_absolute"], expected, rtol=1e-2, atol=1e-3)
    assert artifact.metrics["images"]["pgd"] == len(saliencies)
    assert artifact.metrics["validation_images"] == 40 and len(artifact.metrics["comparisons"]) == 3
    rows = artifact.metrics["controls"]  # 24 images are attacked: too few pairs to compare at matched loss
    assert [row["pairs"] >= 30 or "distance" not in row for row in rows if row["images"] == "matched loss"] == [
        True
    ] * 6
    assert all("distance" in row for row in rows if row["images"] == "same") and len(rows) == 7
    with torch.no_grad():
        logits = classifier(x)
        wrong = (logits.argmax(1) != y).numpy()
        losses = torch.nn.functional.cross_entropy(logits, y, reduction="none").numpy()
    with np.load(artifact.file("samples.npz")) as content:
        assert sorted(content["misclassified_index"]) == np.flatnonzero(wrong).tolist()
        np.testing.assert_allclose(content["misclassified_loss"], losses[content["misclassified_index"]], rtol=1e-4)
        np.testing.assert_allclose(content["clean_loss"], losses[content["clean_index"]], rtol=1e-3, atol=1e-5)
    boost = {"example_images": 2, "region_images": 5, "boosted_filters": 10, "boost": "100", "percentile": "99"}
    kept = {"classes": CLASSES, "quantisation": "truncate", "checkpoint": "best", **boost}
    maps = run(input_saliency, world["root"], "maps", kept, [*inputs, ({"name": "saliency"}, artifact)])
    with np.load(maps.file("maps.npz")) as content:
        assert content["patch_heat"].shape == (2, 8, 8) and content["clean_saliency"].shape == (2, 1, 8, 8)
        assert np.isfinite(content["pgd_saliency"]).all() and content["pgd_saliency"].max() > 0
    with np.load(maps.file("regions.npz")) as content:
        assert (content["patch_region"].sum((1, 2)) == 7).all() and len(content["index"]) == 5, "a tenth of 64 pixels"
        assert not content["clean_success"].any() and (content["pgd_success"] | content["patch_success"]).all()


def test_fewer_images_are_the_same_ones_for_every_class(world):
    inputs = [
        ({"name": "model"}, world["victims"][0][1]),
        ({"name": "dataset"}, world["dataset"]),
        *of_victim(world, 0),
    ]
    some = run(saliency, world["root"], "some", {**saliency_parameters(), "images": 6, "comparison_images": 6}, inputs)
    every = run(saliency, world["root"], "every", {**saliency_parameters(), "comparison_images": 40}, inputs)
    rank = np.random.default_rng(saliency_parameters()["seed"]).permutation(40)
    with np.load(some.file("samples.npz")) as few, np.load(every.file("samples.npz")) as all_of_them:
        for name in ("clean", *CLASSES):
            index = all_of_them[f"{name}_index"]
            assert few[f"{name}_index"].tolist() == sorted(index, key=lambda k: rank[k])[:6]
            depth = dict(zip(index.tolist(), all_of_them[f"{name}_depth"].tolist(), strict=True))
            np.testing.assert_allclose([depth[k] for k in few[f"{name}_index"]], few[f"{name}_depth"], rtol=1e-4)
