"""What the saliency of a victim holds for the study's tables and findings, and statistics of all victims at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.attack_signatures.classes_and_victims import image_numbers
from workflow_scripts.papers.bootstrap import MIN_INPUTS, Evidence, bootstrap, not_measured


@dataclass(frozen=True)
class VictimGroups:
    """The same images under several attacks on one victim.

    victim: its name; groups: an array (N, …) per attack; images: (N,) the images' numbers, which differ between data
    sets.
    """

    victim: str
    groups: list[NDArray]
    images: NDArray


def read_samples(item: RoleArtifact) -> dict[str, NDArray]:
    """By class: the numbers of the images misclassified only after the attack, and their saliency's statistics."""
    with np.load(item.artifact.file("samples.npz")) as content:
        return dict(content)


def common_images(inputs: Inputs, item: RoleArtifact, key: str, classes: Sequence[str]) -> VictimGroups | None:
    """`key` of the images that samples.npz holds for all of the classes, in one order.

    None where a class is missing or fewer than MIN_INPUTS images are common.
    """
    samples = read_samples(item)
    if any(f"{name}_index" not in samples for name in classes):
        return None
    common = reduce(np.intersect1d, (samples[f"{name}_index"] for name in classes))
    if len(common) < MIN_INPUTS:
        return None
    groups = []
    for name in classes:
        order = np.argsort(samples[f"{name}_index"])
        positions = order[np.searchsorted(samples[f"{name}_index"], common, sorter=order)]
        groups.append(samples[f"{name}_{key}"][positions])
    return VictimGroups(item.role["victim"], groups, image_numbers(inputs, item.role["dataset"], common))


def of_all_victims(inputs: Inputs, key: str, classes: Sequence[str]) -> list[VictimGroups]:
    """`common_images` of every victim that has some."""
    found = (common_images(inputs, item, key, classes) for item in inputs.all(name="saliency"))
    return [groups for groups in found if groups is not None]


def smallest_over_victims(
    measured: Sequence[VictimGroups], statistic: Callable[..., float], victims: int, otherwise: str
) -> Evidence:
    """The smallest of a statistic over the victims: a claim about victims in general has to hold for each.

    statistic: called with a victim's groups. The bootstrap draws images, the same ones for all victims of a data set.
    victims: how many the study has; the note says how many of them were measured, and which has the smallest value.
    otherwise: why nothing is measured where there is no victim.
    """
    if not measured:
        return not_measured(otherwise)
    size = len(measured[0].groups)

    def of_each(*groups: NDArray) -> list[float]:
        return [statistic(*groups[start : start + size]) for start in range(0, len(groups), size)]

    groups = [group for victim in measured for group in victim.groups]
    images = [victim.images for victim in measured for _ in victim.groups]
    evidence = bootstrap([groups], lambda *drawn: min(of_each(*drawn)), images=[images])
    least = measured[int(np.argmin(of_each(*groups)))].victim
    note = f"smallest of {len(measured)} of {victims} victims: {least}"
    return replace(evidence, samples=sum(len(victim.images) for victim in measured), note=note)


def pairs_text(pairs: int, least: int) -> str:
    """A number of pairs of images as a table's row says it: with the remark that they are too few to be compared."""
    return str(pairs) if pairs >= least else f"{pairs}, too few"


def raised_deviations_note(items: Iterable[RoleArtifact]) -> str:
    """A table's note: how many nearly dead filters' deviations were raised, for each victim that has some."""
    found = [(item.role["victim"], item.artifact.metrics) for item in items]
    raised = [f"{name} {m['raised_filters']} of {m['filters']}" for name, m in found if m["raised_filters"]]
    share = f"{found[0][1]['smallest_share']:.0%}"
    rule = f"A filter's deviation is {share} of its layer's median at least"
    return f"{rule}, which raises that of nearly dead filters: {', '.join(raised) if raised else 'none here'}."
