"""Attacks against affine classifiers, whose nearest adversarial images are known."""

from __future__ import annotations

import pytest
import torch
from affine_victims import affine, affine_optimum
from torch import nn

from workflow_scripts.attacks import carlini_wagner_l2, deepfool, fgsm, pgd
from workflow_scripts.attacks.distances import distances
from workflow_scripts.attacks.gradients import ForwardPass
from workflow_scripts.attacks.linear_boundaries import nearest_boundary


def ratio(case, outcome):
    return distances(case.x, outcome.x_adv)["l2"].double() / affine_optimum(case)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e3])
def test_deepfool_is_overshoot_times_optimum(scale):
    case = affine(scale)
    outcome = deepfool.attack(case.model, case.x, case.y, overshoot=0.02)
    assert outcome.success.all()
    assert (ratio(case, outcome) - 1.02).abs().max() < 1e-3


def test_deepfool_at_other_image_scales():
    """Images squeezed into a part of [0, 1] are the same problem, made smaller."""
    case = affine()
    for scale in (0.1, 0.01):
        squeezed = nn.Sequential(nn.Flatten(), nn.Linear(108, 10)).eval()
        squeezed[1].weight.data = case.model[1].weight.data / scale
        squeezed[1].bias.data = case.model[1].bias.data
        small = type(case)(squeezed, case.x * scale, case.y)
        outcome = deepfool.attack(small.model, small.x, small.y)
        assert (ratio(small, outcome) - 1.02).abs().max() < 1e-3


def test_deepfool_moves_saturated_images():
    case = affine(saturated=True)
    outcome = deepfool.attack(case.model, case.x, case.y)
    assert outcome.success.all()
    assert ratio(case, outcome).max() < 1.1


@pytest.mark.parametrize(
    ("learning_rate", "c", "binary_search_steps", "steps"),
    [(0.01, 0.01, 9, 150), (0.1, 10, 9, 80), (0.25, 1, 10, 80)],
)
def test_carlini_wagner_is_near_the_optimum(learning_rate, c, binary_search_steps, steps):
    case = affine()
    outcome = carlini_wagner_l2.attack(
        case.model,
        case.x,
        case.y,
        learning_rate=learning_rate,
        initial_const=c,
        binary_search_steps=binary_search_steps,
        steps=steps,
    )
    assert outcome.success.all()
    found = ratio(case, outcome)
    assert found.mean() <= 1.02 and found.max() <= 1.05


@pytest.mark.parametrize("learning_rate", [0.005, 0.05, 0.25])
def test_carlini_wagner_moves_saturated_images(learning_rate):
    """The optimum is that within the box; the nearest class beyond the box's faces is another one than inside."""
    case = affine(saturated=True, n=200)
    outcome = carlini_wagner_l2.attack(
        case.model, case.x, case.y, learning_rate=learning_rate, initial_const=1, binary_search_steps=6, steps=100
    )
    assert outcome.success.all()
    found = ratio(case, outcome)
    assert found.mean() <= 1.02 and found.max() <= 1.05


@pytest.mark.parametrize("saturated", [False, True])
def test_the_nearest_linear_boundary_is_that_of_an_affine_model(saturated):
    case = affine(saturated=saturated)
    beyond = torch.zeros(len(case.x))
    found = nearest_boundary(ForwardPass(case.model, case.x), case.x, case.y, 9, beyond)
    assert (found.distance.double() / affine_optimum(case) - 1).abs().max() < 1e-3
    if not saturated:  # r = t * normal, and z_y - z_rival falls by t * ||normal||^2
        weight = case.model[1].weight.detach()
        normals = weight[found.rival] - weight[case.y]
        assert torch.allclose(found.weight, 2 * found.distance / normals.norm(dim=1), rtol=1e-3)


def test_a_boundary_outside_the_box_is_no_boundary():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2)).eval()
    model[1].weight.data = torch.tensor([[0.0] * 4, [1.0] * 4])
    model[1].bias.data = torch.tensor([4.5, 0.0])
    x, y = torch.full((2, 1, 2, 2), 0.5), torch.zeros(2, dtype=torch.int64)
    found = nearest_boundary(ForwardPass(model, x), x, y, 9, torch.zeros(2))
    assert found.distance.isinf().all() and (found.weight == 0).all() and (found.rival == 1).all()
    outcome = carlini_wagner_l2.attack(
        model, x, y, learning_rate=0.05, initial_const=1, binary_search_steps=2, steps=30
    )
    assert not outcome.success.any() and (outcome.x_adv > x).all(), "the best attempt"


@pytest.mark.parametrize("scale", [1e-2, 1e2])
def test_carlini_wagner_at_other_logit_scales(scale):
    case = affine(scale)
    outcome = carlini_wagner_l2.attack(
        case.model, case.x, case.y, learning_rate=0.05, initial_const=1, binary_search_steps=9, steps=100
    )
    assert outcome.success.all()
    assert ratio(case, outcome).max() <= 1.05


def test_published_carlini_wagner_is_farther_than_the_refined():
    case = affine()
    published = carlini_wagner_l2.attack(
        case.model, case.x, case.y, learning_rate=0.25, initial_const=10, binary_search_steps=1, steps=100, refine=False
    )
    assert published.success.float().mean() > 0.9
    assert ratio(case, published)[published.success].mean() > 1.2
    # 100 steps, and the predictions before and after: no input stops early as published.
    assert (published.forwards == 102).all() and (published.backwards == 100).all()


def test_confidence_is_kept():
    case = affine()
    outcome = carlini_wagner_l2.attack(
        case.model, case.x, case.y, learning_rate=0.05, initial_const=1, binary_search_steps=3, steps=60, confidence=2.0
    )
    logits = case.model(outcome.x_adv)
    right = logits.gather(1, case.y[:, None])[:, 0]
    assert outcome.success.all()
    assert (logits.amax(1) - right >= 2.0 - 1e-4).all()


def test_saturated_softmax_keeps_its_gradient():
    """At a thousand times the logits the softmax is exactly one; the steps are those of the model before."""
    case, steep = affine(), affine(scale=1e3)
    assert (steep.model(steep.x).softmax(1).amax(1) == 1).float().mean() > 0.9
    outcome = fgsm.attack(case.model, case.x, case.y, epsilon=0.1)
    saturated = fgsm.attack(steep.model, steep.x, steep.y, epsilon=0.1)
    assert (saturated.x_adv != steep.x).flatten(1).any(1).all()
    assert saturated.success.float().mean() >= outcome.success.float().mean() - 0.1
    assert saturated.zero_gradient.mean() > 0.5, "plain cross-entropy has no gradient there, and that is said"
    assert outcome.zero_gradient.max() == 0


def test_pgd_moves_pixels_at_the_bound():
    case = affine(saturated=True)
    outcome = pgd.attack(case.model, case.x, case.y, epsilon=0.05, alpha=0.02, steps=5, random_start=False)
    at_bound = (case.x == 0) | (case.x == 1)
    assert (outcome.x_adv != case.x)[at_bound].float().mean() > 0.3


def test_predictions_are_wrong_for_real():
    case = affine()
    outcome = deepfool.attack(case.model, case.x, case.y)
    assert torch.equal(outcome.predicted_after, case.model(outcome.x_adv).argmax(1))
    assert (outcome.iteration == 1).all() and (outcome.backwards == 9).all()
