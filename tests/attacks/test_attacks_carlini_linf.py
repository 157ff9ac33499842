"""Carlini and Wagner's L-infinity attack within a ball."""

from __future__ import annotations

import pytest
import torch
from affine_victims import affine

from workflow_scripts.attacks import carlini_wagner_linf, fgsm
from workflow_scripts.attacks.distances import distances


def linf_optimum(case):
    """The smallest L-infinity distance (N,) at which an affine model is wrong, for images away from the bounds."""
    weight, z = case.model[1].weight.data, case.model(case.x).detach()
    gap = z.gather(1, case.y[:, None]) - z
    l1 = (weight[None] - weight[case.y][:, None]).abs().sum(2)
    return (gap / l1).scatter(1, case.y[:, None], torch.inf).amin(1)


def test_near_the_optimum_of_an_affine_model():
    """Within a few per cent and the length of a step: Adam's first step moves every feature by the learning rate."""
    case = affine()
    rate = 0.002
    outcome = carlini_wagner_linf.attack(case.model, case.x, case.y, epsilon=0.3, learning_rate=rate, c=5, steps=200)
    found, optimum = distances(case.x, outcome.x_adv)["linf"], linf_optimum(case)
    assert outcome.success.all()
    assert (found >= optimum * (1 - 1e-4)).all() and (found <= 1.1 * optimum + rate).all()


@pytest.mark.parametrize("epsilon", [0.02, 0.05, 0.1, 0.2])
def test_within_the_ball_and_no_weaker_than_one_step(trained, epsilon):
    x, y = trained.x[1300:1400], trained.y[1300:1400]
    settings = {"epsilon": epsilon, "learning_rate": 0.01}
    outcome = carlini_wagner_linf.attack(trained.model, x, y, **settings)
    linf = distances(x, outcome.x_adv)["linf"]
    assert linf.max() <= epsilon + 1e-6
    assert outcome.success.sum() >= fgsm.attack(trained.model, x, y, epsilon=epsilon).success.sum()
    if epsilon == 0.2:
        assert linf[outcome.success].mean() < 0.12, "the penalty brings it below the budget"


def test_success_does_not_fall_as_epsilon_grows(trained):
    x, y = trained.x[1300:1400], trained.y[1300:1400]
    rates = [
        carlini_wagner_linf.attack(trained.model, x, y, epsilon=epsilon, learning_rate=0.01).success.float().mean()
        for epsilon in (0, 0.02, 0.05, 0.1, 0.2)
    ]
    assert rates == sorted(rates) and rates[0] == 0


def test_inputs_leave_once_the_norm_has_settled(trained):
    x, y = trained.x[1300:1400], trained.y[1300:1400]
    outcome = carlini_wagner_linf.attack(trained.model, x, y, epsilon=0.2, learning_rate=0.01)
    assert outcome.backwards[outcome.success].float().mean() < 80
    failed = carlini_wagner_linf.attack(trained.model, x, y, epsilon=0.01, learning_rate=0.01)
    hopeless = ~failed.success & ~failed.skipped
    # 100 passes forth and back, and the last image's: one of them is the prediction before, one more is after.
    assert (failed.backwards[hopeless] == 100).all() and (failed.forwards[hopeless] == 102).all()
