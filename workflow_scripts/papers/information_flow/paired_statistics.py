"""Statistics of claims about paths, each input beside its own clean image; positive where they support the claim.

The distance of a mean shift from zero is never zero, however alike two groups are. Where a claim is that paths differ,
the shift is therefore compared between two halves of the images, and where it is that they are alike, with a margin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, not_measured
from workflow_scripts.papers.information_flow.aggregated_paths import measured_information
from workflow_scripts.papers.information_flow.paired_shifts import normal_spread, on_images, paired_shift
from workflow_scripts.papers.information_flow.path_distances import (
    MIN_GROUP_SIZE,
    InputGroup,
    bootstrap_common_seeds,
)

Groups = dict[int, InputGroup]


def halved_distance(shifts: np.ndarray) -> float:
    """The distance of a mean shift from zero, 0 on average where there is none; shifts (N, K + 1), nats.

    The last column says to which half each input belongs. At each layer the sign is taken from one half and the value
    from the other, in turns; the mean over layers and turns. 0 where a half is empty.
    """
    halves = [shifts[shifts[:, -1] == half, :-1] for half in (0, 1)]
    if not all(map(len, halves)):
        return 0.0
    first, second = (half.mean(axis=0) for half in halves)
    return float((np.sign(first) * second + np.sign(second) * first).mean() / 2)


def shift_size(shifts: np.ndarray) -> float:
    """The mean over layers of the absolute mean shift, in nats; shifts (N, K)."""
    return float(np.abs(shifts.mean(axis=0)).mean())


def halved(group: InputGroup) -> InputGroup:
    """The group with a last column that puts every other image, in the order of their keys, into the other half."""
    half = np.argsort(np.argsort(group.images)) % 2
    return InputGroup(np.concatenate([group.values, half[:, None]], axis=1), group.images)


def shifts_of(inputs: Inputs, path: str, attack: str, subset: str = "success", model: str | None = None) -> Groups:
    """Training seed → the paired shifts (N, K) of an attack's inputs, on the original model unless one is named."""
    items = inputs.all(
        name="aggregated_paths",
        model=model or inputs.parameters["original"],
        target="",
        attack=attack,
        subset=subset,
    )
    return {item.role["seed"]: paired_shift(inputs, item, path, measured_information(inputs)) for item in items}


def in_spreads(inputs: Inputs, groups: Groups, path: str, model: str | None = None) -> Groups:
    """The same shifts divided by the spread of normal inputs in that model and training."""
    model, estimate = model or inputs.parameters["original"], measured_information(inputs)
    return {
        seed: InputGroup(group.values / normal_spread(inputs, model, seed, path, estimate), group.images)
        for seed, group in groups.items()
    }


def every_attack_shifts_its_images(inputs: Inputs, attacks: Sequence[str]) -> Evidence:
    """The smallest distance, over attacks, of the mean OIP shift from zero."""
    groups = [_halved(shifts_of(inputs, "oip", attack)) for attack in attacks]
    if reason := _too_small(dict(zip(attacks, groups, strict=True))):
        return not_measured(reason)
    return bootstrap_common_seeds(groups, lambda *shifts: min(map(halved_distance, shifts)))


def output_shifts_beyond_input(inputs: Inputs, attacks: Sequence[str]) -> Evidence:
    """Distance from zero of the mean OIP shift minus that of the mean IIP shift, mean over attacks."""
    groups = [_halved(shifts_of(inputs, path, attack)) for attack in attacks for path in ("iip", "oip")]
    if reason := _too_small(dict(zip(attacks, groups[1::2], strict=True))):
        return not_measured(reason)

    def statistic(*shifts: np.ndarray) -> float:
        distances = [halved_distance(each) for each in shifts]
        return float(np.mean(np.subtract(distances[1::2], distances[::2])))

    return bootstrap_common_seeds(groups, statistic)


def nearest_to_its_images(inputs: Inputs, attack: str, others: Sequence[str]) -> Evidence:
    """The smallest OIP shift of the other attacks minus that of `attack`, on the images that all of them turned."""
    names = [attack, *(other for other in others if other != attack)]
    shifts = [shifts_of(inputs, "oip", name) for name in names]
    groups = [_halved(each) for each in _on_common_images(shifts)]
    if reason := _too_small({"the images that all of them turned": groups[0]}):
        return not_measured(reason)

    def statistic(this: np.ndarray, *rest: np.ndarray) -> float:
        return min(map(halved_distance, rest)) - halved_distance(this)

    return bootstrap_common_seeds(groups, statistic)


def attacks_differ(inputs: Inputs, attacks: Sequence[str], margin: float) -> Evidence:
    """The smallest distance, over pairs of attacks, between their OIPs on the images that both turned, minus a margin.

    In spreads of normal inputs. Pairs with fewer than ten such images in a training are left out; the note names them.
    """
    pairs, left_out = [], []
    for one, other in combinations(attacks, 2):
        both = _on_common_images([shifts_of(inputs, "oip", one), shifts_of(inputs, "oip", other)])
        group = {
            seed: InputGroup(both[0][seed].values - both[1][seed].values, both[0][seed].images) for seed in both[0]
        }
        if _too_small({"": group}):
            left_out.append(f"{one} and {other}")
        else:
            pairs.append(_halved(in_spreads(inputs, group, "oip")))
    note = f"too few images that both turned: {', '.join(left_out)}" if left_out else ""
    if not pairs:
        return not_measured(note)
    evidence = bootstrap_common_seeds(pairs, lambda *shifts: min(map(halved_distance, shifts)) - margin)
    return replace(evidence, note=note) if evidence.effect is not None else evidence


def paths_stay(inputs: Inputs, attacks: Sequence[str], path: str, margin: float) -> Evidence:
    """A margin minus the largest shift of the attacks' mean paths, in spreads of normal inputs: an equivalence test."""
    groups = [in_spreads(inputs, shifts_of(inputs, path, attack), path) for attack in attacks]
    if reason := _too_small(dict(zip(attacks, groups, strict=True))):
        return not_measured(reason)
    return bootstrap_common_seeds(groups, lambda *shifts: margin - max(map(shift_size, shifts)))


def regular_stays(inputs: Inputs, margin: float) -> Evidence:
    """A margin minus the OIP shift of the regular attack's inputs on the distilled model, in spreads of normal ones."""
    model, attack = inputs.parameters["distilled"], inputs.parameters["regular"]
    if model is None:
        return not_measured("no distilled model is configured")
    groups = in_spreads(inputs, shifts_of(inputs, "oip", attack, "attacked", model), "oip", model)
    if reason := _too_small({attack: groups}):
        return not_measured(reason)
    return bootstrap_common_seeds([groups], lambda shifts: margin - shift_size(shifts))


def _halved(groups: Groups) -> Groups:
    return {seed: halved(group) for seed, group in groups.items()}


def _on_common_images(groups: Sequence[Groups]) -> list[Groups]:
    """The same groups on the images that all of them have, in the order of their keys, of the seeds that all have."""
    seeds = [seed for seed in groups[0] if all(seed in each for each in groups)]
    result: list[Groups] = [{} for _ in groups]
    for seed in seeds:
        keys = set.intersection(*(set(each[seed].images.tolist()) for each in groups))
        for place, each in enumerate(groups):
            chosen = on_images(each[seed], keys)
            order = np.argsort(chosen.images)
            result[place][seed] = InputGroup(chosen.values[order], chosen.images[order])
    return result


def _too_small(groups: Mapping[str, Groups]) -> str:
    """Why these groups cannot be compared, or nothing: one is not measured, or has fewer than ten inputs."""
    for name, by_seed in groups.items():
        if not by_seed:
            return f"{name} is not measured"
        if min(len(group.values) for group in by_seed.values()) < MIN_GROUP_SIZE:
            return f"{name}: fewer than {MIN_GROUP_SIZE} inputs"
    return ""
