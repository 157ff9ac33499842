"""Training: an interruption changes nothing, and the small parts are correct."""

import copy

import pytest
import torch

from workflow_scripts.models.classifier import build_classifier
from workflow_scripts.training import loop
from workflow_scripts.training.augment import Augmentation
from workflow_scripts.training.auxiliary_norm import LayerWithNorm, add_norms, without_norms
from workflow_scripts.training.evaluation import LabelledTensors, evaluate
from workflow_scripts.training.loop import Hyperparameters, Trainer
from workflow_scripts.training.resumable import DivergedError
from workflow_scripts.training.schedule import crop_size, learning_rate

DESCRIPTION = {
    "architecture": "good_init",
    "in_channels": 1,
    "classes": 10,
    "image_size": 12,
    "parameters": {"width": 0.125, "dropout": 0.2},
    "mean": [0.5],
    "std": [0.5],
}
HYPER = Hyperparameters(
    epochs=3, batch_size=16, learning_rate=0.05, schedule={"name": "cosine", "warmup": 0.2}, label_smoothing=0.1,
    gradient_clip=1.0, flip=True, shift=1, crop_stages=[{"from_epoch": 0, "size": 8}, {"from_epoch": 2, "size": 12}],
)  # fmt: skip


def images(count, seed):
    generator = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 10, (count,), generator=generator)
    x = torch.randint(0, 60, (count, 1, 12, 12), generator=generator, dtype=torch.uint8)
    x[torch.arange(count), 0, y] = 250
    return LabelledTensors(x, y)


def trainer(hyper=HYPER):
    torch.manual_seed(7)
    return Trainer(build_classifier(DESCRIPTION), hyper, images(80, 1), images(40, 2), seed=3)


def weights(t):
    return torch.cat([p.detach().flatten() for p in t.model.parameters()])


@pytest.mark.parametrize("stop_after", [1, 4, 5, 9, 14])
def test_resuming_gives_the_weights_of_an_uninterrupted_training(stop_after, tmp_path):
    uninterrupted = trainer()
    for _ in uninterrupted.steps():
        pass
    first = trainer()
    for count, _ in enumerate(first.steps(), start=1):
        if count == stop_after:
            torch.save(first.state(), tmp_path / "checkpoint.pt")
            break
    torch.manual_seed(12345)
    second = trainer()
    second.restore(torch.load(tmp_path / "checkpoint.pt", weights_only=True))
    for _ in second.steps():
        pass
    assert torch.equal(weights(uninterrupted), weights(second))
    assert uninterrupted.progress.history == second.progress.history
    best = uninterrupted.progress.best_weights, second.progress.best_weights
    assert all(torch.equal(best[0][k], best[1][k]) for k in best[0])


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not():
    results = []
    for seed in (3, 3, 4):
        torch.manual_seed(7)
        t = Trainer(build_classifier(DESCRIPTION), HYPER, images(80, 1), images(40, 2), seed=seed)
        for _ in t.steps():
            pass
        results.append(weights(t))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def test_history_and_best_epoch_agree():
    t = trainer()
    for _ in t.steps():
        pass
    accuracies = [row["validation_accuracy"] for row in t.progress.history]
    assert t.progress.best_accuracy == max(accuracies)
    assert t.progress.best_epoch == accuracies.index(max(accuracies)) + 1
    t.model.load_state_dict(t.progress.best_weights)
    assert evaluate(t.model, images(40, 2))[1] == pytest.approx(max(accuracies))


def test_a_loss_that_is_not_a_number_stops_with_a_remedy():
    broken = trainer()
    with torch.no_grad():
        next(broken.model.parameters()).fill_(float("nan"))
    with pytest.raises(DivergedError, match="learning_rate"):
        for _ in broken.steps():
            pass


def test_an_epoch_that_leaves_a_broken_network_stops_too(monkeypatch):
    """The last step's loss is finite, and the network that the step left has an infinite one."""
    monkeypatch.setattr(loop, "evaluate", lambda *_: (float("inf"), 0.1))
    with pytest.raises(DivergedError, match="validation loss became inf in epoch 1: lower learning_rate"):
        for _ in trainer().steps():
            pass


def test_a_crop_is_a_window_of_the_padded_image():
    x = torch.arange(2 * 36, dtype=torch.float32).view(2, 1, 6, 6)
    out = Augmentation(flip=False, shift=0)(x, 4, torch.Generator().manual_seed(0))
    for image, window in zip(x, out, strict=True):
        windows = image.unfold(1, 4, 1).unfold(2, 4, 1).reshape(-1, 4, 4)
        assert any(torch.equal(window[0], candidate) for candidate in windows)


def test_a_flip_is_a_mirror_image_for_about_half():
    x = torch.rand(400, 1, 4, 4)
    out = Augmentation(flip=True)(x, 4, torch.Generator().manual_seed(0))
    mirrored = torch.tensor([torch.equal(a, b.flip(2)) for a, b in zip(out, x, strict=True)])
    kept = torch.tensor([torch.equal(a, b) for a, b in zip(out, x, strict=True)])
    assert bool((mirrored | kept).all())
    assert 150 < int(mirrored.sum()) < 250


def test_schedules_at_known_points():
    cosine = {"name": "cosine", "warmup": 0.2}
    assert learning_rate(cosine, 1.0, 1.0, 10) == pytest.approx(0.5)
    assert learning_rate(cosine, 1.0, 2.0, 10) == pytest.approx(1.0)
    assert learning_rate(cosine, 1.0, 6.0, 10) == pytest.approx(0.5)
    assert learning_rate(cosine, 1.0, 10.0, 10) == pytest.approx(0.0)
    steps = {"name": "multistep", "warmup": 0.0, "milestones": [50, 75], "factor": 0.1}
    assert [learning_rate(steps, 0.1, e, 100) for e in (0, 49.9, 50, 80)] == pytest.approx([0.1, 0.1, 0.01, 0.001])
    stages = [{"from_epoch": 2, "size": 16}, {"from_epoch": 5, "size": 24}]
    assert [crop_size(stages, e, 32) for e in (0, 2, 4, 5, 9)] == [32, 16, 16, 24, 24]


def test_weights_and_biases_are_decayed_apart():
    t = trainer(copy.replace(HYPER, weight_decay=0.1) if hasattr(copy, "replace") else HYPER)
    decayed, plain = t.optimizer.param_groups
    assert all(p.ndim > 1 for p in decayed["params"])
    assert all(p.ndim == 1 for p in plain["params"])
    assert plain["weight_decay"] == 0


@pytest.mark.parametrize("architecture", ["good_init", "deep_conv"])
def test_folded_norms_leave_the_published_network_and_its_function(architecture):
    torch.manual_seed(0)
    plain = build_classifier({**DESCRIPTION, "architecture": architecture, "image_size": 16})
    normed = copy.deepcopy(plain)
    add_norms(normed.network)
    x = torch.rand(32, 1, 16, 16)
    for _ in range(20):
        normed.train()(x)
    for part in normed.modules():
        if isinstance(part, torch.nn.modules.batchnorm._BatchNorm):
            torch.nn.init.uniform_(part.weight, 0.5, 2)
            torch.nn.init.normal_(part.bias)
    folded = without_norms(normed)
    assert folded.state_dict().keys() == plain.state_dict().keys()
    assert torch.allclose(folded.eval()(x), normed.eval()(x), atol=1e-4, rtol=1e-4)
    assert sum(isinstance(part, LayerWithNorm) for part in normed.modules()) == len(FOLDABLE[architecture])


FOLDABLE = {"good_init": range(16), "deep_conv": range(8)}


def test_norms_of_the_architectures_own_are_left_alone():
    vgg = build_classifier({**DESCRIPTION, "architecture": "vgg_like", "image_size": 32})
    with pytest.raises(ValueError, match="auxiliary_batch_norm"):
        add_norms(vgg.network)
