"""REDRL: network sizes, losses by hand, sampling as published, and a training that resumes."""

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from torch import nn

from workflow_scripts.analysis.recognition import evaluation, training
from workflow_scripts.analysis.recognition.losses import Batch, LossNetworks, LossWeights, redrl_losses, total_loss
from workflow_scripts.analysis.recognition.networks import Recogniser, Reconstructor
from workflow_scripts.analysis.recognition.perception import IMAGENET_MEAN, IMAGENET_STD, Vgg16Features, WithFeatures
from workflow_scripts.analysis.recognition.pipeline import NetworkSizes, Pipeline, PipelineOutput
from workflow_scripts.analysis.recognition.sets import GroupRows, ImageGroup, ImageSets, clean_group, draw_rows
from workflow_scripts.analysis.recognition.training import (
    RecogniserHyperparameters,
    RecogniserTrainer,
    learning_rate_factor,
)
from workflow_scripts.models.classifier import build_classifier

CLASSES = ("clean", "pgd", "patch")
TINY = NetworkSizes(channels=4, blocks=1, width=1 / 16, small_stem=True)


def victim(seed=0):
    torch.manual_seed(seed)
    description = {
        "architecture": "resnet50",
        "in_channels": 1,
        "classes": 3,
        "image_size": 8,
        "parameters": {"width": 1 / 16, "depth": 1 / 4, "cifar_stem": True},
        "mean": [0.5],
        "std": [0.5],
    }
    return build_classifier(description).eval().requires_grad_(False)


@pytest.fixture
def sets():
    """Two victims; one configuration of PGD and two of the patch attack, of 20 of 30 images, in memory."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (30, 1, 8, 8), dtype=np.uint8)
    index, groups = np.arange(5, 25), []
    for number in range(2):
        made = []
        for attack, name in (("pgd", "pgd_8"), ("patch", "patch_4"), ("patch", "patch_8")):
            attacked = index % 7 != number
            noise = generator.uniform(-0.1, 0.1, (20, 1, 8, 8)) * attacked[:, None, None, None]
            x_adv = np.clip(images[index] / 255 + noise, 0, 1).astype(np.float32)
            rows = GroupRows(index, index % 3, (index + ~attacked) % 3, attacked)
            made.append(ImageGroup(attack, number, name, rows, x_adv))
        groups += [clean_group(made[0]), *made]
    return ImageSets(groups, images, CLASSES)


def test_networks_have_the_published_sizes():
    generator, recogniser = Reconstructor(3), Recogniser(6, 6)
    convolutions = [p for p in generator.modules() if isinstance(p, nn.Conv2d)]
    assert len(convolutions) == 2 + 2 * 23 and {c.out_channels for c in convolutions} == {64, 3}
    assert not any(isinstance(p, nn.BatchNorm2d) for p in generator.modules())
    assert recogniser.trunk.conv1.weight.shape == (64, 6, 7, 7)
    assert [type(p).__name__ for p in recogniser.trunk.fc] == ["Linear", "ReLU", "Linear"]
    assert [tuple(p.weight.shape) for p in recogniser.trunk.fc if isinstance(p, nn.Linear)] == [(32, 512), (6, 32)]
    plain = sum(p.numel() for n, p in recogniser.named_parameters() if not n.startswith("trunk.fc"))
    assert plain == 11_176_512 + 3 * 64 * 49  # torchvision's ResNet-18 without its head, with three more channels
    x = torch.rand(2, 3, 64, 64)
    assert generator(x).shape == x.shape and recogniser(torch.cat([x, x], 1)).shape == (2, 6)


def test_the_residual_is_taken_from_the_clamped_reconstruction():
    torch.manual_seed(0)
    pipeline = Pipeline("residual", 1, 3, TINY).eval()
    x_adv, x = torch.rand(2, 2, 1, 8, 8)
    with torch.no_grad():
        pipeline.reconstructor.last.bias.fill_(5.0)
    output = pipeline(x_adv, x)
    expected = pipeline.recogniser(torch.cat([x_adv - 1, x_adv], 1))
    torch.testing.assert_close(output.logits, expected)
    other = Pipeline("perturbation", 1, 3, TINY).eval()
    torch.testing.assert_close(other(x_adv, x).logits, other.recogniser(torch.cat([x_adv - x, x_adv], 1)))
    alone = Pipeline("image", 1, 3, TINY).eval()
    torch.testing.assert_close(alone(x_adv, x).logits, alone(x_adv, 0 * x).logits)


def test_losses_are_the_papers():
    torch.manual_seed(0)
    victims = [victim(0), victim(1)]
    networks = LossNetworks([WithFeatures(v) for v in victims])
    x_adv, x = torch.rand(2, 5, 1, 8, 8)
    batch = Batch(x_adv, x, torch.tensor([0, 1, 2, 1, 0]), torch.tensor([0, 1, 1, 0, 1]), torch.tensor([2, 0, 1, 1, 0]))
    output = PipelineOutput(torch.randn(5, 3), 1.5 * torch.rand(5, 1, 8, 8) - 0.2)
    weights = LossWeights(0.01, 0.1, 1.0)
    found = redrl_losses(output, batch, weights, networks, 0.0)
    image = output.reconstruction.clamp(0, 1)
    by_hand = {"recognition": 0.0, "reconstruction": 0.0, "features": 0.0, "classification": 0.0}
    for k in range(5):
        own = victims[batch.victim[k]]
        maps = [own.network.network.layer1, own.network.network.layer2]
        stem = own.network.network

        def features(picture, own=own, stem=stem, maps=maps):
            h = stem.relu(stem.bn1(stem.conv1((picture - own.mean) / own.std)))
            return maps[1](maps[0](h))

        by_hand["recognition"] -= output.logits[k].log_softmax(0)[batch.attack[k]].item() / 5
        by_hand["reconstruction"] += (output.reconstruction[k] - x[k]).abs().sum().item() / 5
        by_hand["features"] += (features(image[k : k + 1]) - features(x[k : k + 1])).norm().item() / 5
        by_hand["classification"] -= own(image[k : k + 1])[0].log_softmax(0)[batch.clean_prediction[k]].item() / 5
    assert {name: value.item() for name, value in found.items()} == pytest.approx(by_hand, rel=1e-4)
    expected = by_hand["recognition"] + 0.01 * by_hand["reconstruction"] + 0.1 * by_hand["features"]
    assert total_loss(found, weights).item() == pytest.approx(expected + by_hand["classification"], rel=1e-4)
    assert set(redrl_losses(output, batch, LossWeights(0.01, 0, 0), networks, 0.0)) == {"recognition", "reconstruction"}
    assert set(redrl_losses(PipelineOutput(output.logits, None), batch, weights, networks, 0.0)) == {"recognition"}


def test_vgg16_features_are_those_of_torchvisions_third_block():
    from torchvision.models import vgg16

    with torch.device("meta"):
        network = vgg16()
    torch.manual_seed(0)
    trunk = network.features[:16].to_empty(device="cpu")
    for part in trunk:
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight), nn.init.zeros_(part.bias)
    state = {f"features.{name}": weight for name, weight in trunk.state_dict().items()}
    x = torch.rand(2, 3, 16, 16)
    normalised = (x - torch.tensor(IMAGENET_MEAN)[:, None, None]) / torch.tensor(IMAGENET_STD)[:, None, None]
    torch.testing.assert_close(Vgg16Features(state)(x), trunk(normalised))
    assert Vgg16Features(state)(x[:, :1]).shape == (2, 256, 4, 4)
    with pytest.raises(ValueError, match="features.14.bias"):
        Vgg16Features({name: w for name, w in state.items() if name != "features.14.bias"})


def test_images_that_were_not_attacked_are_no_examples_of_an_attack(sets):
    for group in sets.groups:
        expected = np.arange(20) if group.is_clean else np.flatnonzero(group.rows.index % 7 != group.victim)
        assert group.usable.tolist() == expected.tolist()


def test_a_batch_holds_the_images_and_columns_of_its_rows(sets):
    rows = np.array([19, 3, 3])
    batch = sets.batch([(1, rows), (4, rows)])
    clean = sets.images[np.arange(5, 25)[rows]].astype(np.float32) / 255
    np.testing.assert_array_equal(batch.x.numpy(), np.concatenate([clean, clean]))
    np.testing.assert_array_equal(batch.x_adv.numpy(), np.concatenate([sets.groups[1].images[rows], clean]))
    assert batch.attack.tolist() == [1] * 3 + [0] * 3 and batch.victim.tolist() == [0] * 3 + [1] * 3
    expected = [sets.groups[number].rows.clean_prediction[row] for number in (1, 4) for row in rows]
    assert batch.clean_prediction.tolist() == expected


def test_batches_draw_classes_evenly_then_configurations_evenly(sets):
    generator = np.random.default_rng(0)
    counts = np.zeros(8)
    for _ in range(60):
        for number, rows in draw_rows(sets, 100, generator):
            counts[number] += len(rows)
            assert sets.groups[number].rows.attacked[rows].all()
    classes = {name: counts[numbers].sum() / 6000 for name, numbers in sets.by_class().items()}
    assert classes == pytest.approx(dict.fromkeys(CLASSES, 1 / 3), abs=0.03)
    assert counts[sets.by_class()["patch"]] / 2000 == pytest.approx([0.25] * 4, abs=0.05)


def test_the_learning_rate_is_the_published_schedule():
    hyper = RecogniserHyperparameters()
    found = [learning_rate_factor(hyper, epoch) for epoch in (0, 5, 10, 39, 40, 70, 99)]
    assert found == pytest.approx([0.01, 0.505, 1, 1, 0.1, 0.01, 0.001])


def trainer(sets):
    torch.manual_seed(3)
    hyper = RecogniserHyperparameters(epochs=2, steps_per_epoch=3, batch_size=8, warmup_epochs=0, milestones=(1,))
    networks = LossNetworks([WithFeatures(victim(0)), WithFeatures(victim(1))])
    return RecogniserTrainer(Pipeline("residual", 1, 3, TINY), hyper, sets, networks, 7)


def test_an_interrupted_training_ends_at_the_same_weights(sets):
    whole, broken = trainer(sets), trainer(sets)
    for _ in whole.steps():
        pass
    for count, _ in enumerate(broken.steps(), start=1):
        if count == 4:
            break
    again = trainer(sets)
    again.restore(broken.state())
    for _ in again.steps():
        pass
    for a, b in zip(whole.pipeline.state_dict().values(), again.pipeline.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    assert whole.progress.history == again.progress.history and len(again.progress.history) == 2
    expected = {"epoch", "total", "accuracy", "recognition", "reconstruction", "features", "classification"}
    assert set(whole.progress.history[0]) == expected


def test_the_loss_networks_are_not_trained(sets):
    made = trainer(sets)
    before = [p.clone() for v in made.loss_networks.victims for p in v.state_dict().values()]
    for _ in made.steps():
        pass
    after = [p for v in made.loss_networks.victims for p in v.state_dict().values()]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_evaluation_counts_every_image_once(sets):
    made = Pipeline("residual", 1, 3, TINY)
    victims = [victim(0), victim(1)]
    results = [evaluation.evaluate_group(made, sets, n, victims[g.victim], 7) for n, g in enumerate(sets.groups)]
    matrix = evaluation.confusion(results, sets)
    shown = {name: sum(len(sets.groups[n].usable) for n in numbers) for name, numbers in sets.by_class().items()}
    shown["clean"] = 20  # the two victims' clean images are the same ones
    assert matrix.sum(1).tolist() == list(shown.values())
    for result, group in zip(results, sets.groups, strict=True):
        repeated = group.attack == "clean" and group.victim > 0
        assert (result.recognised == -1).tolist() == (~group.rows.attacked | repeated).tolist()
        x = torch.from_numpy(sets.attacked_images(result.number, np.arange(20)))
        with torch.no_grad():
            right = victims[group.victim](x).argmax(1).numpy() == group.rows.label
            again = victims[group.victim](made.reconstructor(x).clamp(0, 1)).argmax(1).numpy() == group.rows.label
        assert (result.right_before == right).all() and (result.right_after == again).all()
    assert evaluation.micro_average(matrix) == np.trace(matrix) / sum(shown.values())


PER_VICTIM = {"pgd": 3, "deepfool": 1, "carlini_wagner_l2": 2, "carlini_wagner_linf": 3, "patch": 6}


@pytest.mark.parametrize("number", ["3", "5"])
def test_published_totals_are_micro_averages_that_count_clean_images_once(number):
    """Four victims, so many configurations of each class, and one set of clean images."""
    path = Path(__file__).parents[3] / f"config/published/attack_signatures/table_{number}.yaml"
    content = yaml.safe_load(path.read_text())
    shares = {(row["dataset"], row["class"]): row for row in content["rows"]}
    for dataset in ("cifar10", "tiny_imagenet"):
        for column in content["columns"]:
            weighted = sum(4 * n * shares[dataset, name][column] for name, n in PER_VICTIM.items())
            total = (weighted + shares[dataset, "clean"][column]) / (4 * sum(PER_VICTIM.values()) + 1)
            assert total == pytest.approx(shares[dataset, "total"][column], abs=0.12)


def test_recalls_of_a_matrix():
    assert evaluation.recalls(np.array([[3, 1], [0, 0]])) == [0.75, None]
    assert training.learning_rate_factor(RecogniserHyperparameters(warmup_epochs=0, milestones=()), 0) == 1
