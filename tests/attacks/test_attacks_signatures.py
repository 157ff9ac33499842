"""C&W L∞ and patch: bounds, places, randomness by image, and strength."""

from __future__ import annotations

import pytest
import torch

from workflow_scripts.attacks import carlini_wagner_linf, patch
from workflow_scripts.attacks.distances import distances
from workflow_scripts.attacks.patch import patches

ATTACKS = {
    "carlini_wagner_linf": (carlini_wagner_linf.attack, {"epsilon": 0.1, "learning_rate": 0.02, "steps": 12}),
    "patch": (patch.attack, {"epsilon": 0.6, "size": 4, "alpha": 0.1, "steps": 12}),
}
both = pytest.mark.parametrize("name", ATTACKS)


@both
def test_bounds_are_kept_and_nothing_else_moves(name, victim):
    attack, settings = ATTACKS[name]
    x = victim.x.clone()
    outcome = attack(victim.model, victim.x, victim.y, **settings)
    assert torch.equal(victim.x, x)
    difference = outcome.x_adv - x
    assert difference.abs().max() <= settings["epsilon"] + 1e-6
    assert outcome.x_adv.min() >= 0 and outcome.x_adv.max() <= 1
    assert torch.equal(outcome.x_adv[outcome.skipped], x[outcome.skipped])
    assert outcome.success.float().mean() > 0.2
    if name == "patch":
        outside = 1 - patches(x, 4, 0, torch.arange(len(x)))
        assert (difference * outside == 0).all()
    none = attack(victim.model, victim.x, victim.y, **{**settings, "epsilon": 0.0})
    assert torch.equal(none.x_adv, x) and not none.success.any()


@both
def test_the_result_depends_neither_on_batches_nor_on_the_space(name, victim_in_double):
    attack, settings = ATTACKS[name]
    case = victim_in_double
    together = attack(case.model, case.x, case.y, **settings, seed=3)
    apart = attack(case.model, case.x, case.y, **settings, seed=3, batch_size=5)
    assert (together.x_adv - apart.x_adv).abs().max() <= 1e-5
    doubled = {key: 2 * v if key in ("epsilon", "alpha", "learning_rate") else v for key, v in settings.items()}
    if name == "patch":
        scaled = attack(case.model, case.x, case.y, **doubled, seed=3, pixel_range=(-1.0, 1.0))
        assert (together.x_adv - scaled.x_adv).abs().max() <= 1e-5


@both
def test_more_budget_is_never_weaker(name, victim):
    attack, settings = ATTACKS[name]
    rates = [
        attack(victim.model, victim.x, victim.y, **{**settings, "epsilon": e}).success.float().mean()
        for e in (0.02, 0.1, 0.6)
    ]
    assert rates == sorted(rates) and rates[-1] > rates[0]


def test_patches_reach_every_place_including_the_last():
    x, size = torch.zeros(4000, 1, 7, 9), 4
    masks = patches(x, size, 11, torch.arange(4000))
    assert (masks.flatten(1).sum(1) == size**2).all()
    tops = masks.amax((1, 3)).argmax(1)
    lefts = masks.amax((1, 2)).argmax(1)
    places = torch.stack([tops, lefts], 1)
    counts = torch.unique(places, dim=0, return_counts=True)
    assert len(counts[0]) == (7 - size + 1) * (9 - size + 1)
    assert places.amax(0).tolist() == [3, 5] and counts[1].min() > 4000 / 24 * 0.6
    again = patches(x[:3], size, 11, torch.tensor([17, 0, 3999]))
    assert torch.equal(again, masks[[17, 0, 3999]]), "a place belongs to the image's number, not to its row"


def test_a_patch_that_does_not_fit_is_refused(victim):
    with pytest.raises(ValueError, match="size"):
        patch.attack(victim.model, victim.x, victim.y, epsilon=0.1, size=11)


def test_carlini_wagner_returns_the_nearest_success_it_saw(victim):
    settings = ATTACKS["carlini_wagner_linf"][1]
    outcome = carlini_wagner_linf.attack(victim.model, victim.x, victim.y, **settings, record=True)
    size = distances(victim.x, outcome.x_adv)["linf"]
    for k in outcome.success.nonzero()[:5, 0].tolist():
        seen = outcome.trajectory[k]
        wrong = victim.model(seen).argmax(1) != victim.y[k]
        assert size[k] <= (seen[wrong] - victim.x[k]).abs().flatten(1).amax(1).min() + 1e-6
