"""Adversarial training: the attack within it, its guard, its measurements, and interruptions that change nothing."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.models.classifier import build_classifier
from workflow_scripts.training.adversarial import AdversarialCrossEntropy, Guard, PgdAttack, overfitted
from workflow_scripts.training.evaluation import LabelledTensors
from workflow_scripts.training.loop import Hyperparameters, Trainer
from workflow_scripts.training.robustness import Evaluation, RobustnessAlongEpochs, evenly_spaced_subset, robustness

DESCRIPTION = {
    "architecture": "resnet18",
    "in_channels": 1,
    "classes": 4,
    "image_size": 8,
    "parameters": {"width": 0.125},
    "mean": [0.5],
    "std": [0.5],
}
HYPER = Hyperparameters(3, 16, 0.05, {"name": "cosine", "warmup": 0.2}, flip=True, shift=1)
EVALUATION = Evaluation(epsilon=0.1, alpha=0.05, steps=3, images=20)


def images(count, seed):
    generator = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 4, (count,), generator=generator)
    x = torch.randint(0, 90, (count, 1, 8, 8), generator=generator, dtype=torch.uint8)
    x[torch.arange(count), 0, y] += 120
    return LabelledTensors(x, y)


def trainer(guard=None, steps=2):
    torch.manual_seed(7)
    parts = {"train": images(80, 1), "validation": images(40, 2), "test": images(40, 3)}
    objective = AdversarialCrossEntropy(PgdAttack(0.1, 0.05, steps), 0.1, guard, lambda: made.progress.history)
    measure = RobustnessAlongEpochs(parts, EVALUATION, HYPER.epochs, seed=3)
    made = Trainer(
        build_classifier(DESCRIPTION), HYPER, parts["train"], parts["validation"], 3, objective, measure,
        select_by="pgd_validation_accuracy",
    )  # fmt: skip
    return made


def weights(t):
    return torch.cat([value.detach().double().flatten() for value in t.model.state_dict().values()])


class Linear(nn.Module):
    """Two classes whose log-odds are linear in the image: the best perturbation is known."""

    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(size, generator=torch.Generator().manual_seed(0)))
        self.norm = nn.BatchNorm2d(1)

    def forward(self, x):
        odds = (self.norm(x)[:, 0] * self.weight).flatten(1).sum(1)
        return torch.stack([odds, -odds], dim=1)


def test_the_ascent_finds_the_optimum_of_a_linear_model_and_leaves_the_model_alone():
    model = Linear((5, 5)).train()
    x, y = torch.rand(6, 1, 5, 5), torch.tensor([0, 1, 0, 1, 0, 1])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = PgdAttack(epsilon=0.2, alpha=0.05, steps=10)(model, x, y)
    away = torch.where(y == 0, -1.0, 1.0)[:, None, None, None] * model.weight.sign()
    assert torch.allclose(found, (x + 0.2 * away).clamp(0, 1), atol=1e-6)
    assert model.training and model.weight.requires_grad and model.weight.grad is None
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not found.requires_grad


@pytest.mark.parametrize("random_start", [True, False])
def test_the_ascent_stays_in_the_ball_and_the_box_and_costs_one_pass_a_step(random_start):
    torch.manual_seed(0)
    model, x = build_classifier(DESCRIPTION).train(), torch.rand(5, 1, 8, 8)
    y, passes = torch.zeros(5, dtype=torch.int64), []
    model.register_forward_hook(lambda module, inputs, output: passes.append(module.training))
    found = PgdAttack(0.1, 0.04, 6, random_start)(model, x, y)
    assert passes == [False] * 6
    assert (found - x).abs().max() <= 0.1 + 1e-6 and found.min() >= 0 and found.max() <= 1
    model.eval()
    with torch.no_grad():
        assert F.cross_entropy(model(found), y) > F.cross_entropy(model(x), y)
    assert torch.equal(PgdAttack(0.1, 0.04, 0, random_start=False)(model, x, y), x)


@pytest.mark.parametrize("stop_after", [2, 5, 8])
def test_an_interrupted_training_ends_with_the_weights_of_an_unbroken_one(stop_after, tmp_path):
    guard = Guard(gap=-1.0, steps=3, alpha=0.02)  # acts after every epoch
    unbroken = trainer(guard)
    for _ in unbroken.steps():
        pass
    first = trainer(guard)
    for count, _ in enumerate(first.steps(), start=1):
        if count == stop_after:
            torch.save(first.state(), tmp_path / "checkpoint.pt")
            break
    torch.manual_seed(12345)
    second = trainer(guard)
    second.restore(torch.load(tmp_path / "checkpoint.pt", weights_only=True))
    assert second.progress.step == stop_after % 5
    for _ in second.steps():
        pass
    assert torch.equal(weights(unbroken), weights(second))
    assert unbroken.progress.history == second.progress.history


def test_the_best_epoch_is_the_most_robust_one():
    t = trainer()
    for _ in t.steps():
        pass
    column = [row["pgd_validation_accuracy"] for row in t.progress.history]
    assert t.progress.best_accuracy == max(column) and t.progress.best_epoch == column.index(max(column)) + 1
    last = t.progress.history[-1]
    for part in ("train", "validation", "test"):
        assert last[f"pgd_{part}_loss"] > last[f"natural_{part}_loss"]


def test_the_guard_acts_after_an_epoch_that_overfitted_to_one_step():
    def row(fgsm, pgd):
        return {"fgsm_validation_accuracy": fgsm, "pgd_validation_accuracy": pgd}

    history = []
    usual, guarded = PgdAttack(0.1, 0.125, 1), PgdAttack(0.1, 0.02, 5)
    objective = AdversarialCrossEntropy(usual, 0.0, Guard(0.2, 5, 0.02), lambda: history)
    assert objective.attack_now() == usual
    history.append(row(0.5, 0.4))
    assert objective.attack_now() == usual
    history.append(row(0.9, 0.0))
    assert objective.attack_now() == guarded
    history.append(row(math.nan, math.nan))  # an epoch without evaluation tells nothing new
    assert objective.attack_now() == guarded and overfitted(history, 0.2)
    history.append(row(0.6, 0.5))
    assert objective.attack_now() == usual


def test_robustness_is_what_a_direct_count_says():
    torch.manual_seed(0)
    model, part = build_classifier(DESCRIPTION).eval(), images(30, 4)
    none = robustness(model, part, Evaluation(0.0, 0.01, 2, 30), seed=0)
    with torch.no_grad():
        logits = model(to_unit_range(part.x))
    accuracy = logits.argmax(1).eq(part.y).float().mean().item()
    for kind in ("natural", "pgd", "fgsm"):
        assert none[kind] == pytest.approx((accuracy, F.cross_entropy(logits, part.y).item()), rel=1e-5)
    weak, strong = (robustness(model, part, Evaluation(e, 0.05, 5, 30), seed=0)["pgd"] for e in (0.05, 0.4))
    assert strong[0] <= weak[0] <= accuracy and strong[1] > weak[1]


def test_epochs_that_are_not_due_are_nan_and_the_last_one_is_due():
    part = images(30, 5)
    measure = RobustnessAlongEpochs({"test": part}, Evaluation(0.1, 0.05, 1, 10, every=2), epochs=5, seed=0)
    model = build_classifier(DESCRIPTION)
    rows = [measure(model, epoch) for epoch in range(5)]
    assert [math.isnan(row["pgd_test_accuracy"]) for row in rows] == [True, False, True, False, False]
    assert len({tuple(row) for row in rows}) == 1
    assert len(evenly_spaced_subset(part, 10)) == 10 and len(evenly_spaced_subset(part, 99)) == 30
