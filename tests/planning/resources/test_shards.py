"""Parts of attacked sets under a limit of work: long attacks are cut smaller, and every image is attacked once."""

from __future__ import annotations

import copy
from collections import defaultdict

import pytest

from workflow_scripts.commands.default_configuration import DEFAULT
from workflow_scripts.configuration.load import check
from workflow_scripts.planning.resources.estimate import Estimates
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.planning.studies.attack_signatures.measurements import round_down


def parts(**keys) -> tuple[dict, float]:
    """(attack, victim, split) → the ranges of its parts, and the most operations that a part takes."""
    content = copy.deepcopy(DEFAULT)
    content["studies"] = {"attack_signatures": {**content["studies"]["attack_signatures"], **keys}}
    plan = make_plan(check(content))
    estimates = Estimates(lambda item: plan.recipes[item.folder])
    found, most = defaultdict(list), 0.0
    for recipe in plan.recipes.values():
        if recipe.kind == "adversarial":
            images = recipe.parameters["images"]
            key = recipe.parameters["attack"], recipe.inputs[0].digest, images["split"]
            found[key].append((images.get("start", 0), images.get("stop", images["count"])))
            most = max(most, estimates.work(recipe).operations)
    return found, most


def test_long_attacks_are_cut_and_every_image_is_in_one_part():
    whole, largest = parts()
    assert all(len(ranges) == 1 for ranges in whole.values())
    limit = largest / 3 / 10**15
    cut, most = parts(shard_work=limit)
    assert cut.keys() == whole.keys() and most <= limit * 10**15
    assert {len(ranges) for ranges in cut.values()} > {1}
    for key, ranges in cut.items():
        ends = [0, *(stop for _, stop in sorted(ranges))]
        assert ends[:-1] == [start for start, _ in sorted(ranges)] and ends[-1] == whole[key][0][1]


def test_no_part_is_smaller_than_what_is_attacked_at_once():
    cut, _ = parts(shard_work=1e-9)
    assert {stop - start for ranges in cut.values() for start, stop in ranges} == {50}


def test_a_limit_that_binds_nothing_changes_nothing():
    assert parts(shard_work=1e6) == parts()


@pytest.mark.parametrize(
    ("count", "rounded"), [(0.2, 1), (1, 1), (4.9, 2), (5, 5), (99, 50), (100, 100), (12345, 10000)]
)
def test_round_down(count: float, rounded: int):
    assert round_down(count) == rounded
