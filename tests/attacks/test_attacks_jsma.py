"""JSMA: the exact choice of pairs, the search domain, the targets."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import nn

from workflow_scripts.attacks import jsma
from workflow_scripts.attacks.saliency_pairs import best_pair_of_logits, best_pair_of_probabilities


def brute_force(alpha, beta, domain):
    """The largest score of algorithm 3 over all pairs of the domain (None without one), and its pairs."""
    scores = {}
    for p, q in itertools.combinations(domain.nonzero()[:, 0].tolist(), 2):
        a, b = (alpha[p] + alpha[q]).item(), (beta[p] + beta[q]).item()
        if a > 0 and b < 0:
            scores[(p, q)] = -a * b
    if not scores:
        return None, []
    best = max(scores.values())
    return best, [pair for pair, score in scores.items() if score == best]


@pytest.mark.parametrize("size", [2, 5, 14])
@pytest.mark.parametrize("rounded", [False, True])
def test_pairs_equal_brute_force(size, rounded):
    generator = torch.Generator().manual_seed(size)
    alpha = torch.randn(150, size, generator=generator, dtype=torch.double)
    beta = torch.randn(150, size, generator=generator, dtype=torch.double)
    if rounded:  # many ties
        alpha, beta = alpha.round(), beta.round()
    domain = torch.rand(150, size, generator=generator) < 0.8
    for second, (pairs, valid) in (
        (beta, best_pair_of_logits(alpha, beta, domain)),
        (-alpha, best_pair_of_probabilities(alpha, domain)),
    ):
        found = 0
        for row in range(150):
            score, best = brute_force(alpha[row], second[row], domain[row])
            assert bool(valid[row]) == (score is not None)
            if score is not None:
                assert tuple(sorted(pairs[row].tolist())) in best
                found += 1
        assert found > 5


def reference(model, x, target, theta, iterations, saliency, temperature):
    """One image, one target, all pairs: the changed images, x first, and whether the target was reached."""
    images, domain = [x.clone()], (x < 1 if theta > 0 else x > 0).flatten()
    sign = math.copysign(1.0, theta)
    for _ in range(iterations):
        if model(images[-1][None]).argmax() == target:
            return images, True

        def outputs(image):
            logits = model(image[None])[0]
            return (logits / temperature).softmax(0) if saliency == "probabilities" else logits

        jacobian = torch.autograd.functional.jacobian(outputs, images[-1]).flatten(1) * sign
        alpha = jacobian[target]
        beta = -alpha if saliency == "probabilities" else jacobian.sum(0) - alpha
        _, best = brute_force(alpha, beta, domain)
        if not best:
            return images, False
        image = images[-1].flatten().clone()
        for feature in best[0]:
            image[feature] = (image[feature] + theta).clamp(0, 1)
            domain[feature] = False
        images.append(image.view(x.shape))
    return images, bool(model(images[-1][None]).argmax() == target)


@pytest.mark.parametrize("theta", [0.6, -0.6])
@pytest.mark.parametrize(("saliency", "temperature"), [("probabilities", 1.0), ("probabilities", 5.0), ("logits", 1.0)])
def test_attack_equals_brute_force(theta, saliency, temperature):
    torch.manual_seed(5)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 12), nn.Tanh(), nn.Linear(12, 4)).eval()
    x = (torch.rand(6, 1, 4, 4) * 1.4 - 0.2).clamp(0, 1)
    y = model(x).argmax(1)
    iterations = 4  # floor(16 * 0.5 / 2)
    outcome = jsma.attack(model, x, y, theta=theta, gamma=0.5, saliency=saliency, temperature=temperature, record=True)
    compared = 0
    for i in range(len(x)):
        runs = [reference(model, x[i], t, theta, iterations, saliency, temperature) for t in range(4) if t != y[i]]
        reached = [images for images, success in runs if success]
        if not reached:
            continue
        fewest = min(len(images) for images in reached)
        shortest = [images for images in reached if len(images) == fewest]
        best = min(shortest, key=lambda images: (images[-1] - images[0]).norm().item())
        assert outcome.success[i] and outcome.iteration[i] == fewest - 1
        assert torch.allclose(outcome.trajectory[i], torch.stack(best))
        compared += 1
    assert compared >= 2


@pytest.mark.parametrize("saliency", ["probabilities", "logits"])
def test_domain_budget_and_trajectory(victim, saliency):
    outcome = jsma.attack(victim.model, victim.x, victim.y, theta=0.3, gamma=0.15, saliency=saliency, record=True)
    budget = math.floor(100 * 0.15 / 2)
    for image, images in zip(victim.x, outcome.trajectory, strict=True):
        assert len(images) <= budget + 1
        changed = torch.zeros_like(image, dtype=torch.bool)
        for before, after in itertools.pairwise(images):
            now = before != after
            assert now.sum() == 2 and not (now & changed).any(), "two features an iteration, each once"
            assert (image[now] < 1).all()
            assert torch.allclose(after[now], (before[now] + 0.3).clamp(max=1))
            changed |= now


def test_all_targets_need_no_more_features_than_one(victim):
    settings = {"theta": 1.0, "gamma": 0.3}
    every = jsma.attack(victim.model, victim.x, victim.y, targets="all", **settings)
    single = jsma.attack(victim.model, victim.x, victim.y, targets="single", **settings)
    listed = jsma.attack(victim.model, victim.x, victim.y, targets=list(range(10)), **settings)
    assert torch.equal(every.x_adv, listed.x_adv)
    reached = single.iteration > 0
    assert (every.iteration[reached] > 0).all() and (every.iteration[reached] <= single.iteration[reached]).all()
    assert every.success.float().mean() > 0.8
    one = jsma.attack(victim.model, victim.x, victim.y, targets=[3], **settings)
    assert (one.predicted_after[one.success] == 3).float().mean() > 0.9


def test_without_a_valid_pair_the_attack_ends():
    """Where the softmax saturates all derivatives are zero, and no feature is changed for nothing."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 3)).eval()
    model[1].bias.data = torch.tensor([2000.0, 0.0, -2000.0])
    x, y = torch.rand(2, 1, 4, 4), torch.zeros(2, dtype=torch.int64)
    outcome = jsma.attack(model, x, y, theta=0.4, gamma=1.0)
    assert torch.equal(outcome.x_adv, x) and not outcome.success.any()
    assert (outcome.zero_gradient == 1).all() and (outcome.backwards == 2).all()
    adaptive = jsma.attack(model, x, y, theta=0.4, gamma=1.0, temperature=1000.0)
    assert (adaptive.x_adv != x).any() and (adaptive.zero_gradient < 1).all()


def test_errors():
    model, x, y = nn.Flatten(), torch.rand(1, 1, 2, 2), torch.zeros(1, dtype=torch.int64)
    for wrong in ({"saliency": "softmax"}, {"targets": "best"}, {"targets": [7]}, {"temperature": 0}):
        right_y = x.flatten(1).argmax(1) if "targets" in wrong else y
        with pytest.raises(ValueError, match=next(iter(wrong))):
            jsma.attack(model.eval(), x, right_y, **{"theta": 0.1, "gamma": 0.5, **wrong})
