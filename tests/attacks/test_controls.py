"""Controls of an attack: the norms and values that they claim, before clipping."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import kstest
from torch import nn

from workflow_scripts.attacks import gaussian, shuffled
from workflow_scripts.attacks.options import AttackError

PARTS = (gaussian, shuffled)


@pytest.fixture
def victim():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 16, 4)).eval()


@pytest.fixture
def images(victim):
    """Grey images that no perturbation of this size takes out of the box, their labels and their attacked versions."""
    x = 0.4 + 0.2 * torch.rand(40, 3, 4, 4)
    y = victim(x).argmax(1)
    perturbation = torch.randn(40, 3, 4, 4) * torch.linspace(0.001, 0.02, 40)[:, None, None, None]
    return x, y, {100 + i: x[i] + perturbation[i] for i in range(40)}, perturbation


def made(part, victim, x, y, given, seed=0):
    return part.attack(victim, x, y, given=given, seed=seed, indices=sorted(given))


@pytest.mark.parametrize("part", PARTS)
def test_each_image_has_the_attacks_l2_norm(part, victim, images):
    x, y, given, perturbation = images
    result = made(part, victim, x, y, given)
    moved = (result.x_adv - x).double().flatten(1).norm(dim=1)
    np.testing.assert_allclose(moved, perturbation.double().flatten(1).norm(dim=1), rtol=1e-5)
    assert (result.extra["clipped"] == 0).all() and not result.skipped.any()


def test_a_shuffled_perturbation_has_the_same_pixels_channels_together(victim, images):
    x, y, given, perturbation = images
    found = (made(shuffled, victim, x, y, given).x_adv - x).flatten(2)
    wanted = perturbation.flatten(2)
    changed = 0
    for mine, theirs in zip(found, wanted, strict=True):
        order, wanted_order = (each[0].argsort() for each in (mine, theirs))
        torch.testing.assert_close(mine[:, order], theirs[:, wanted_order], atol=1e-6, rtol=0)
        changed += int((mine - theirs).abs().max() > 1e-4)
    assert changed > 35


def test_gaussian_noise_is_normal_and_white(victim):
    noise = gaussian.gaussian_like(torch.zeros(50, 3, 8, 8), 5, torch.arange(50)).double().numpy()
    assert kstest(noise.ravel(), "norm").pvalue > 0.01
    assert abs(np.corrcoef(noise[:, :, :-1].ravel(), noise[:, :, 1:].ravel())[0, 1]) < 0.03


@pytest.mark.parametrize("part", PARTS)
def test_an_images_control_depends_on_its_index_and_the_seed_alone(part, victim, images):
    x, y, given, _ = images
    whole = made(part, victim, x, y, given).x_adv
    some = {index: given[index] for index in sorted(given)[10:20]}
    torch.testing.assert_close(made(part, victim, x[10:20], y[10:20], some).x_adv, whole[10:20], atol=0, rtol=0)
    assert not torch.equal(made(part, victim, x, y, given, seed=1).x_adv, whole)


@pytest.mark.parametrize("part", PARTS)
def test_clipping_is_reported(part, victim, images):
    x, _, given, perturbation = images
    white = torch.ones_like(x)
    result = made(part, victim, white, victim(white).argmax(1), {k: white[0] + perturbation[k - 100] for k in given})
    assert result.x_adv.max() <= 1
    assert result.extra["clipped"].mean() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("part", PARTS)
def test_an_image_without_an_attacked_one_is_an_error(part, victim, images):
    x, y, given, _ = images
    with pytest.raises(AttackError, match="lacks the images 139"):
        part.attack(victim, x, y, given={k: v for k, v in given.items() if k < 139}, seed=0, indices=sorted(given))
