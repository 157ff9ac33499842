"""Targets of the project's own attacks, and PGD and FGSM in L2."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
import torch
from affine_victims import affine
from scipy.optimize import nnls

from workflow_scripts.attacks import carlini_wagner_l2, fgsm, pgd
from workflow_scripts.attacks.balls import L2Ball, ball
from workflow_scripts.attacks.batches import uniforms
from workflow_scripts.attacks.distances import distances
from workflow_scripts.attacks.options import AttackError
from workflow_scripts.attacks.targets import target_classes

LOGITS = torch.tensor([[3.0, 1.0, 2.0, 0.0], [0.0, 1.0, 5.0, 4.0], [4.0, 3.0, 2.0, 1.0]])
LABELS = torch.tensor([0, 2, 0])
TARGETED = {
    "fgsm": {"epsilon": 0.3},
    "igsm": {"epsilon": 0.3, "alpha": 0.03, "steps": 20},
    "pgd": {"epsilon": 0.3, "alpha": 0.03, "steps": 20},
    "carlini_wagner_linf": {"epsilon": 0.3, "learning_rate": 0.02, "steps": 30},
    "carlini_wagner_l2": {"learning_rate": 0.05, "initial_const": 1.0, "binary_search_steps": 3, "steps": 40},
}


def attack(name, case, **more):
    module = importlib.import_module(f"workflow_scripts.attacks.{name}")
    return module.attack(case.model, case.x, case.y, **{**TARGETED[name], **more})


@pytest.mark.parametrize(
    ("target", "classes"),
    [
        ("runner_up", [2, 3, 1]),
        ("least_likely", [3, 0, 3]),
        ("next", [1, 3, 1]),
        (2, [2, 3, 2]),
        (0.0, [2, 0, 1]),
    ],
)
def test_the_class_of_each_target(target, classes):
    assert target_classes(LOGITS, LABELS, target).tolist() == classes


def test_the_least_likely_is_never_the_label():
    assert target_classes(torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([0]), "least_likely").tolist() == [1]


@pytest.mark.parametrize("target", [4, -1, "nearest", True, 1.5])
def test_no_class_is_refused(target):
    with pytest.raises(AttackError, match="target: is .*; it may be none, runner_up"):
        target_classes(LOGITS, LABELS, target)


@pytest.mark.parametrize("name", TARGETED)
def test_a_target_is_reached_more_often_than_without(name, victim):
    outcome = attack(name, victim, target="next")
    attacked = ~outcome.skipped
    target = (victim.y + 1) % 10
    assert torch.equal(outcome.extra["target"][attacked], target[attacked])
    assert (outcome.extra["target"][outcome.skipped] == -1).all()
    plain = attack(name, victim)
    assert plain.extra == {}
    reached, by_chance = ((each.predicted_after == target)[attacked].float().mean() for each in (outcome, plain))
    assert reached > by_chance + (0.1 if name == "fgsm" else 0.4)
    if name != "fgsm":
        assert reached > 0.6
    assert outcome.x_adv.min() >= 0 and outcome.x_adv.max() <= 1
    if "epsilon" in TARGETED[name]:
        assert distances(victim.x, outcome.x_adv)["linf"].max() <= 0.3 + 1e-6


@pytest.mark.parametrize("name", [name for name in TARGETED if name != "fgsm"])
def test_a_target_does_not_depend_on_the_batch(name, victim_in_double):
    together = attack(name, victim_in_double, target="least_likely", seed=3)
    apart = attack(name, victim_in_double, target="least_likely", seed=3, batch_size=5)
    assert (together.x_adv - apart.x_adv).abs().max() <= 1e-5


def targeted_optimum(case, target):
    """The L2 distance (N,) at which an affine model far from the box's sides gives the target.

    It is the least distance to a polyhedron, z_t >= z_k for all k, by Lawson and Hanson (1974).
    """
    weight, bias = case.model[1].weight.data.double().numpy(), case.model[1].bias.data.double().numpy()
    found = []
    for x, t in zip(case.x.double().flatten(1).numpy(), target.tolist(), strict=True):
        normals = np.delete(weight[t] - weight, t, 0)
        lacking = -(np.delete(bias[t] - bias, t) + normals @ x)
        system = np.vstack([normals.T, lacking])
        goal = np.append(np.zeros(len(x)), 1.0)
        rest = system @ nnls(system, goal)[0] - goal
        found.append(np.linalg.norm(rest[:-1] / rest[-1]))
    return torch.tensor(np.array(found))


def test_carlini_wagner_is_near_the_optimum_of_its_target():
    case = affine(n=12)
    outcome = carlini_wagner_l2.attack(
        case.model, case.x, case.y, learning_rate=0.05, initial_const=1, binary_search_steps=6, steps=200, target="next"
    )
    target = (case.y + 1) % 10
    assert torch.equal(outcome.predicted_after, target)
    ratio = distances(case.x, outcome.x_adv)["l2"] / targeted_optimum(case, target)
    assert ratio.min() >= 0.999 and ratio.mean() <= 1.05 and ratio.max() <= 1.1


def test_a_step_in_l2_is_as_long_as_its_budget():
    case = affine()
    outcome = fgsm.attack(case.model, case.x, case.y, epsilon=0.1, norm="l2")
    r = (outcome.x_adv - case.x).flatten(1)
    assert r.norm(dim=1).allclose(torch.tensor(0.1), atol=1e-5), "far from the box's sides nothing is clipped"
    with torch.enable_grad():
        x = case.x.clone().requires_grad_()
        logits = case.model(x)
        loss = -logits.log_softmax(1).gather(1, case.y[:, None]).sum()
        (gradient,) = torch.autograd.grad(loss, x)
    cosine = torch.nn.functional.cosine_similarity(r, gradient.flatten(1))
    assert cosine.min() > 0.999


@pytest.mark.parametrize("random_start", [True, False])
def test_pgd_in_l2_stays_in_its_ball_and_beats_one_step(victim, random_start):
    settings = {"epsilon": 1.0, "norm": "l2"}
    outcome = pgd.attack(victim.model, victim.x, victim.y, alpha=0.25, steps=10, random_start=random_start, **settings)
    assert distances(victim.x, outcome.x_adv)["l2"].max() <= 1 + 1e-5
    assert outcome.x_adv.min() >= 0 and outcome.x_adv.max() <= 1
    assert (
        outcome.success.float().mean()
        > fgsm.attack(victim.model, victim.x, victim.y, **settings).success.float().mean()
    )
    doubled = pgd.attack(
        victim.model, victim.x, victim.y, alpha=0.5, steps=10, random_start=random_start, epsilon=2.0, norm="l2",
        pixel_range=(-1.0, 1.0),
    )  # fmt: skip
    assert (doubled.x_adv - outcome.x_adv).abs().max() < 1e-3


def test_pgd_in_l2_is_as_strong_as_foolbox(victim):
    foolbox = pytest.importorskip("foolbox")
    right = victim.model(victim.x).argmax(1) == victim.y
    x, y = victim.x[right], victim.y[right]
    theirs = foolbox.attacks.L2PGD(abs_stepsize=0.2, steps=20, random_start=False)
    x_adv = theirs(foolbox.PyTorchModel(victim.model, bounds=(0, 1)), x, y, epsilons=0.8)[1]
    ours = pgd.attack(victim.model, x, y, epsilon=0.8, alpha=0.2, steps=20, random_start=False, norm="l2")
    assert ours.success.sum() >= (victim.model(x_adv).argmax(1) != y).sum() > 0


def test_random_starts_in_l2_fill_the_ball():
    x, epsilon = torch.full((4000, 1, 1, 2), 0.5), 0.3
    start = L2Ball(x, epsilon).random_start(3, torch.arange(4000))
    r = (start - x).flatten(1)
    radius = r.norm(dim=1)
    assert radius.max() <= epsilon + 1e-6
    # In two dimensions the share within half the radius is a quarter, and every quadrant has as many.
    assert (radius < epsilon / 2).float().mean() == pytest.approx(0.25, abs=0.03)
    for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        assert (r.sign() == torch.tensor(signs)).all(1).float().mean() == pytest.approx(0.25, abs=0.03)
    again = L2Ball(x[:3], epsilon).random_start(3, torch.tensor([7, 0, 3999]))
    assert torch.equal(again, start[[7, 0, 3999]]), "a start belongs to the image's number, not to its row"
    assert uniforms(3, torch.arange(4000), 3).max() < 1


def test_a_flat_loss_moves_nothing_and_another_norm_is_refused():
    x = torch.full((2, 1, 2, 2), 0.5)
    assert torch.equal(L2Ball(x, 0.1).step(x, torch.zeros_like(x), 0.1, torch.arange(2)), x)
    tiny = torch.full_like(x, 1e-38)
    assert (L2Ball(x, 0.1).step(x, tiny, 0.1, torch.arange(2)) - x).flatten(1).norm(dim=1).allclose(torch.tensor(0.1))
    with pytest.raises(ValueError, match="norm: is 'l1'; it may be 'linf' or 'l2'"):
        ball(x, 0.1, "l1")
