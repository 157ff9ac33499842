"""The patch: where it lies, and that nothing else changes."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
import torch

from workflow_scripts.attacks import patch, pgd


def corners(masks):
    """The first row and column of each mask's (N, 1, H, W) ones, and that they are a square of ones."""
    found = []
    for mask in masks[:, 0]:
        rows, columns = mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
        assert mask.sum() == len(rows) * len(columns) and len(rows) == len(columns)
        assert rows[-1] - rows[0] == len(rows) - 1 and columns[-1] - columns[0] == len(columns) - 1
        found.append((rows[0].item(), columns[0].item()))
    return found


def test_every_place_up_to_the_last_row_and_column_is_drawn_evenly():
    n = 4800
    masks = patch.squares(torch.zeros(n, 1, 10, 8), 3, seed=1, indices=torch.arange(n))
    counts = Counter(corners(masks))
    assert set(counts) == set(product(range(8), range(6)))
    expected = n / 48
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 83, "chi-squared, 47 degrees, 0.1%"


@pytest.mark.parametrize("random_start", [False, True])
@pytest.mark.parametrize("size", [1, 4, 10])
def test_only_the_square_changes_and_not_by_more_than_epsilon(victim, size, random_start):
    settings = {"epsilon": 0.3, "patch_size": size, "alpha": 0.1, "steps": 5, "random_start": random_start, "seed": 4}
    indices = torch.arange(100, 100 + len(victim.x))
    outcome = patch.attack(victim.model, victim.x, victim.y, indices=indices, record=True, **settings)
    masks = patch.squares(victim.x, size, 4, indices).bool()
    for x, mask, images in zip(victim.x, masks, outcome.trajectory, strict=True):
        change = (images - x)[:, ~mask.expand_as(x)]
        assert (change == 0).all()
        assert (images - x).abs().max() <= 0.3 + 1e-6 and images.min() >= 0 and images.max() <= 1
    changed = (outcome.x_adv != victim.x)[~outcome.skipped].flatten(1).any(1)
    assert changed.float().mean() > (0.5 if size == 1 else 0.99), "a pixel alone may only make things worse"


def test_a_patch_of_the_whole_image_is_projected_gradient_descent(victim):
    settings = {"epsilon": 0.1, "alpha": 0.02, "steps": 6, "random_start": False}
    whole = patch.attack(victim.model, victim.x, victim.y, patch_size=10, **settings)
    assert torch.equal(whole.x_adv, pgd.attack(victim.model, victim.x, victim.y, **settings).x_adv)


def test_larger_patches_succeed_more_often(trained):
    x, y = trained.x[1300:1400], trained.y[1300:1400]
    rates = [
        patch.attack(trained.model, x, y, epsilon=0.5, patch_size=size, alpha=0.1, steps=10).success.float().mean()
        for size in (1, 4, 8)
    ]
    assert rates[0] < rates[1] < rates[2]


def test_a_patch_larger_than_the_image_is_an_error(victim):
    with pytest.raises(ValueError, match="patch_size: is 11; the images are 10 x 10"):
        patch.attack(victim.model, victim.x, victim.y, epsilon=0.1, patch_size=11)
