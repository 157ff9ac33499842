"""Stronger settings do not do worse, and the attacks rank as they should."""

from __future__ import annotations

import pytest
import torch

from workflow_scripts.attacks import fgsm, igsm, pgd, random_signs


def rate(outcome):
    return outcome.success.float().mean().item()


@pytest.fixture
def many(trained):
    return type(trained)(trained.model, trained.x[1300:1500], trained.y[1300:1500])


def test_success_does_not_fall_as_epsilon_grows(many):
    for attack, more in (
        (igsm, {"alpha": 0.02, "steps": 20}),
        (pgd, {"alpha": 0.02, "steps": 20}),
        (fgsm, {}),
    ):
        rates = [rate(attack.attack(many.model, many.x, many.y, epsilon=e, **more)) for e in (0, 0.02, 0.05, 0.1, 0.2)]
        assert rates == sorted(rates) and rates[0] == 0 and rates[-1] > 0.5


@pytest.mark.parametrize("stop_at_success", [False, True])
def test_success_does_not_fall_as_steps_grow(many, stop_at_success):
    settings = {"epsilon": 0.08, "alpha": 0.02, "stop_at_success": stop_at_success}
    sets = [pgd.attack(many.model, many.x, many.y, steps=n, **settings).success for n in (0, 1, 2, 5, 10)]
    for fewer, more in zip(sets, sets[1:], strict=False):
        assert not (fewer & ~more).any(), "no input is lost by a further step"


def test_pgd_beats_fgsm_beats_random_signs(many):
    for epsilon in (0.05, 0.1):
        strongest = rate(pgd.attack(many.model, many.x, many.y, epsilon=epsilon, alpha=epsilon / 4, steps=10))
        single = rate(fgsm.attack(many.model, many.x, many.y, epsilon=epsilon))
        assert strongest >= single > rate(random_signs.attack(many.model, many.x, many.y, epsilon=epsilon))


def test_half_the_range_reaches_chance(many):
    outcome = pgd.attack(many.model, many.x, many.y, epsilon=0.5, alpha=0.1, steps=10)
    assert (outcome.predicted_after == many.y).float().mean() <= 0.1


def test_done_inputs_leave_the_batch(many):
    seen = []

    class Counting(torch.nn.Module):
        def forward(self, x):
            seen.append(len(x))
            return many.model(x)

    outcome = igsm.attack(Counting().eval(), many.x, many.y, epsilon=0.2, alpha=0.02, steps=20, batch_size=200)
    assert sum(seen) == outcome.forwards.sum()
    stopped = outcome.success
    # The prediction at x is the attack's first pass too; one more is that of the result.
    assert (outcome.forwards[stopped] == outcome.iteration[stopped] + 2).all()
    assert sum(seen) < 0.8 * len(many.x) * 22


def test_random_streams_are_each_inputs_own(many):
    settings = {"epsilon": 0.1, "seed": 5}
    whole = random_signs.attack(many.model, many.x[:50], many.y[:50], **settings)
    part = random_signs.attack(many.model, many.x[30:50], many.y[30:50], indices=range(30, 50), **settings)
    assert torch.equal(whole.x_adv[30:], part.x_adv)
    other = random_signs.attack(many.model, many.x[:50], many.y[:50], epsilon=0.1, seed=6)
    assert not torch.equal(other.x_adv, whole.x_adv)
