"""What every attack keeps to, whichever it is."""

from __future__ import annotations

import importlib

import pytest
import torch
from torch import nn

from workflow_scripts.attacks.distances import distances

SETTINGS = {
    "fgsm": {"epsilon": 0.1},
    "igsm": {"epsilon": 0.1, "alpha": 0.02, "steps": 8},
    "pgd": {"epsilon": 0.1, "alpha": 0.025, "steps": 8},
    "random_signs": {"epsilon": 0.1},
    "patch": {"epsilon": 0.5, "size": 6, "alpha": 0.1, "steps": 8},
    "carlini_wagner_linf": {"epsilon": 0.1, "learning_rate": 0.01, "const": 5.0, "steps": 20},
    "jsma": {"theta": 0.5, "gamma": 0.2},
    "deepfool": {},
    "carlini_wagner_l2": {"learning_rate": 0.02, "initial_const": 1.0, "binary_search_steps": 2, "steps": 20},
}
BUDGET = {"fgsm": 0.1, "igsm": 0.1, "pgd": 0.1, "random_signs": 0.1, "patch": 0.5, "carlini_wagner_linf": 0.1}
# The power of the image's scale with which a parameter grows; the L2 attack's learning rate is one of tanh space.
IN_SPACE = {"epsilon": 1, "alpha": 1, "theta": 1}
IN_SPACE_OF = {"carlini_wagner_l2": {"initial_const": 2}, "carlini_wagner_linf": {"const": 2, "learning_rate": 1}}
every_attack = pytest.mark.parametrize("name", SETTINGS)


def attack(name, case, **more):
    module = importlib.import_module(f"workflow_scripts.attacks.{name}")
    return module.attack(case.model, case.x, case.y, **{**SETTINGS[name], **more})


@every_attack
def test_box_budget_and_record(name, victim):
    x = victim.x.clone()
    outcome = attack(name, victim, record=True)
    assert torch.equal(victim.x, x)
    assert outcome.x_adv.dtype == torch.float32 and outcome.x_adv.shape == x.shape
    assert outcome.x_adv.min() >= 0 and outcome.x_adv.max() <= 1
    distance = distances(x, outcome.x_adv)
    assert distance["linf"].max() <= BUDGET.get(name, 1.0) + 1e-6
    if name == "jsma":
        assert distance["l0"].max() <= 0.2
    right = victim.model(x).argmax(1) == victim.y
    assert 0 < (~right).sum() < len(x)
    assert torch.equal(outcome.skipped, ~right)
    assert torch.equal(outcome.x_adv[~right], x[~right])
    assert not outcome.success[~right].any()
    assert torch.equal(outcome.predicted_before, victim.model(x).argmax(1))
    assert torch.equal(outcome.predicted_after, victim.model(outcome.x_adv).argmax(1))
    assert torch.equal(outcome.success, right & (outcome.predicted_after != victim.y))
    assert torch.equal(outcome.iteration >= 0, outcome.success)
    assert (outcome.forwards[right] >= 2).all() and (outcome.forwards[~right] == 1).all()
    assert (outcome.backwards[~right] == 0).all()
    assert (outcome.backwards[right] > 0).all() == (name != "random_signs")
    for image, x_adv, images in zip(x, outcome.x_adv, outcome.trajectory, strict=True):
        assert torch.equal(images[0], image) and torch.equal(images[-1], x_adv)
    failed = right & ~outcome.success
    if failed.any():
        assert (distance["l2"][failed] > 0).all(), "a failure returns its best attempt"


@pytest.mark.parametrize("name", ["fgsm", "pgd", "random_signs"])
def test_images_that_are_misclassified_already_can_be_attacked_too(name, victim):
    """What an attack makes of the images that the model gets right does not change, and the others move as far."""
    usual, every = attack(name, victim, seed=3), attack(name, victim, seed=3, attack_all=True)
    right = usual.predicted_before == victim.y
    assert (~right).sum() > 0 and not every.skipped.any()
    assert torch.equal(every.success, usual.success) and not every.success[~right].any()
    assert (every.x_adv[right] - usual.x_adv[right]).abs().max() <= 1e-5
    moved = distances(victim.x, every.x_adv)["linf"]
    assert (moved[~right] > 0.5 * BUDGET[name]).all() and moved.max() <= BUDGET[name] + 1e-6
    if name != "random_signs":
        loss = [
            nn.functional.cross_entropy(victim.model(x), victim.y, reduction="none") for x in (victim.x, every.x_adv)
        ]
        assert (loss[1] > loss[0])[~right].float().mean() > 0.9


@every_attack
def test_batch_size_and_order(name, victim_in_double):
    case = type(victim_in_double)(victim_in_double.model, victim_in_double.x[:28], victim_in_double.y[:28])
    together = attack(name, case, seed=7)
    order = torch.randperm(len(case.x), generator=torch.Generator().manual_seed(1))
    shuffled = type(case)(case.model, case.x[order], case.y[order])
    apart = attack(name, shuffled, seed=7, indices=order, batch_size=7)
    assert (apart.x_adv - together.x_adv[order]).abs().max() <= 1e-5
    for field in ("success", "iteration", "forwards", "backwards"):
        assert torch.equal(getattr(apart, field), getattr(together, field)[order]), field


@every_attack
def test_batch_size_in_single_precision(name, victim):
    together, apart = attack(name, victim), attack(name, victim, batch_size=5)
    assert torch.equal(apart.success, together.success)
    difference = (apart.x_adv - together.x_adv).abs().flatten(1).amax(1)
    assert (difference <= 1e-5).float().mean() >= 0.9


@every_attack
def test_constant_added_to_the_logits(name, victim_in_double):
    class Shifted(nn.Module):
        def __init__(self, model, constant):
            super().__init__()
            self.model, self.constant = model, constant

        def forward(self, x):
            return self.model(x) + self.constant

    case, reference = victim_in_double, attack(name, victim_in_double)
    for constant in (1000.0, -1000.0):
        shifted = attack(name, type(case)(Shifted(case.model, constant).eval(), case.x, case.y))
        assert torch.equal(shifted.success, reference.success)
        # Carlini and Wagner's attacks keep a distance to the boundary that grows with the logits' rounding.
        tolerance = 0.02 if name.startswith("carlini_wagner") else 1e-5
        assert (shifted.x_adv - reference.x_adv).abs().max() <= tolerance


@every_attack
def test_space_is_a_matter_of_units(name, victim):
    here = attack(name, victim)
    powers = IN_SPACE | IN_SPACE_OF.get(name, {})
    rescaled = {key: value * 2 ** powers.get(key, 0) for key, value in SETTINGS[name].items()}
    there = attack(name, victim, **rescaled, pixel_range=(-1.0, 1.0))
    assert (here.x_adv - there.x_adv).abs().max() <= 1e-5
    twice = distances(victim.x, here.x_adv, pixel_range=(-1, 1))["l2"]
    assert torch.allclose(twice, 2 * distances(victim.x, here.x_adv)["l2"], atol=1e-6)


@every_attack
def test_nothing_to_do(name, victim):
    empty = type(victim)(victim.model, victim.x[:0], victim.y[:0])
    assert attack(name, empty).x_adv.shape == (0, 1, 10, 10)
    wrong = type(victim)(victim.model, victim.x, (victim.model(victim.x).argmax(1) + 1) % 10)
    outcome = attack(name, wrong)
    assert outcome.skipped.all() and torch.equal(outcome.x_adv, wrong.x)


@pytest.mark.parametrize(
    ("name", "nothing"),
    [(name, {"epsilon": 0.0}) for name in BUDGET]
    + [("jsma", {"theta": 0.0}), ("jsma", {"gamma": 0.0}), ("deepfool", {"steps": 0})]
    + [("carlini_wagner_l2", {"binary_search_steps": 0}), ("carlini_wagner_linf", {"steps": 0}), ("igsm", {"steps": 0})]
    + [("patch", {"steps": 0})],
)
def test_no_budget_returns_the_input(name, nothing, victim):
    outcome = attack(name, victim, **nothing)
    assert torch.equal(outcome.x_adv, victim.x)
    assert not outcome.success.any() and (outcome.iteration == -1).all()


@every_attack
def test_progress_and_parameters_are_left_as_they_were(name, victim):
    done = []
    victim.model[0].weight.requires_grad_(False)
    try:
        attack(name, victim, progress=done.append, batch_size=20)
        wanted = [parameter.requires_grad for parameter in victim.model.parameters()]
    finally:
        victim.model[0].weight.requires_grad_(True)
    assert sum(done) == len(victim.x) and len(done) >= 3
    assert wanted == [False] + [True] * (len(wanted) - 1)


@every_attack
def test_a_model_that_uses_view(name, victim):
    class Viewing(nn.Module):
        def __init__(self, model):
            super().__init__()
            self.features, self.head = model[:5], model[6:]

        def forward(self, x):
            features = self.features(x)
            return self.head(features.view(len(x), -1))

    outcome = attack(name, type(victim)(Viewing(victim.model).eval(), victim.x, victim.y))
    assert torch.equal(outcome.success, attack(name, victim).success)


@every_attack
def test_errors_name_what_is_wrong(name, victim):
    case = type(victim)
    with pytest.raises(ValueError, match=r"images are in \[0, 1\]"):
        attack(name, case(victim.model, victim.x * 2, victim.y))
    with pytest.raises(ValueError, match="float32"):
        attack(name, case(victim.model, victim.x.double(), victim.y))
    with pytest.raises(ValueError, match="labels are int64"):
        attack(name, case(victim.model, victim.x, victim.y[:3]))
    with pytest.raises(ValueError, match="pixel_range"):
        attack(name, victim, pixel_range=(1, 0))
    victim.model.train()
    try:
        with pytest.raises(ValueError, match=r"call model.eval\(\)"):
            attack(name, victim)
    finally:
        victim.model.eval()
    for key in SETTINGS[name].keys() - {"learning_rate", "theta"}:
        with pytest.raises(ValueError, match=key):
            attack(name, victim, **{key: -1})
