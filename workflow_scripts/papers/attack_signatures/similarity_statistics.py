"""Statistics of the claims that attacks' saliency is alike, and that attacks highlight pixels of their own.

That two things are alike is shown by an interval of their difference that lies within a margin, which the findings'
file fixes. Profiles are compared after each image's is divided by its mean: whether they have the same magnitude is
another claim.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import h5py
import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.saliency.profiles import divided_by_mean
from workflow_scripts.analysis.saliency.regions import region_overlap
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.attack_signatures.classes_and_victims import (
    CLEAN,
    attack_classes,
    image_numbers,
    paper_datasets,
)
from workflow_scripts.papers.bootstrap import MIN_INPUTS, Evidence, bootstrap, not_measured

NO_PAIRS = "the study lacks some of the attacks, or no two of them turn the same two images"


@dataclass(frozen=True)
class ProfilePair:
    """Two attacks on a victim's images: their names and the victim's; images (N,), numbers that data sets do not share.

    products: (N, N), the mean over filters of the products of two images' differences of divided profiles. The mean of
    the products over any choice of images is the squared distance of the two mean profiles.
    """

    attacks: tuple[str, str]
    victim: str
    images: NDArray
    products: NDArray

    def distance(self, rows: NDArray) -> float:
        """Root-mean-square difference of the mean divided profiles of the images `rows`, in mean saliences."""
        weights = np.bincount(rows, minlength=len(self.products)) / len(rows)
        return float(np.sqrt(max(0.0, weights @ self.products @ weights)))


def profiles_similar(inputs: Inputs, attacks: Sequence[str], margin: float) -> Evidence:
    """`margin` minus the largest distance of two of the attacks' mean divided profiles, on any victim."""
    pairs = profile_pairs(inputs, attacks)
    if not pairs:
        return not_measured(NO_PAIRS)
    largest = max(pairs, key=lambda pair: pair.distance(np.arange(len(pair.images))))
    note = f"most different of {len(pairs)} pairs: {' and '.join(largest.attacks)} on {largest.victim}"
    return replace(_of_distances(pairs, lambda distances: margin - distances.max()), note=note)


def profiles_closer(inputs: Inputs, attacks: Sequence[str]) -> Evidence:
    """The smallest distance of one of the attacks to one of the others, minus the largest between two of them.

    Distances are those of mean divided profiles; the effect is that of the victim with the smallest.
    """
    pairs = profile_pairs(inputs, list(attack_classes(inputs)))
    common = np.array([len(set(pair.attacks) & set(attacks)) for pair in pairs])
    victims = [np.array([pair.victim == name for pair in pairs]) for name in dict.fromkeys(p.victim for p in pairs)]
    victims = [own for own in victims if (own & (common == 1)).any() and (own & (common == 2)).any()]
    if not victims:
        return not_measured(NO_PAIRS)
    return _of_distances(
        pairs,
        lambda distances: min(
            distances[own & (common == 1)].min() - distances[own & (common == 2)].max() for own in victims
        ),
    )


def profile_pairs(inputs: Inputs, attacks: Sequence[str]) -> list[ProfilePair]:
    """Every two of the attacks on every victim that have two images or more in common."""
    pairs = []
    for item in inputs.all(name="saliency"):
        with h5py.File(item.artifact.file("image_profiles.h5"), "r") as file:
            for first, second in itertools.combinations(attacks, 2):
                if first in file and second in file:
                    pairs.append(_pair(inputs, item, file, (first, second)))
    return [pair for pair in pairs if len(pair.images) >= MIN_INPUTS]


def _pair(inputs: Inputs, item: RoleArtifact, file: h5py.File, attacks: tuple[str, str]) -> ProfilePair:
    common, *rows = np.intersect1d(*(file[f"{name}_index"][:] for name in attacks), return_indices=True)
    first, second = (
        divided_by_mean(file[name][:].astype(np.float64)[own]) for name, own in zip(attacks, rows, strict=True)
    )
    difference = first - second
    products = difference @ difference.T / difference.shape[1]
    return ProfilePair(attacks, item.role["victim"], image_numbers(inputs, item.role["dataset"], common), products)


def _of_distances(pairs: Sequence[ProfilePair], statistic: Callable[[NDArray], float]) -> Evidence:
    """The statistic of the pairs' distances (P,), and its interval over images."""

    def of_rows(*rows: NDArray) -> float:
        return float(statistic(np.array([pair.distance(own) for pair, own in zip(pairs, rows, strict=True)])))

    rows, images = [np.arange(len(pair.images)) for pair in pairs], [pair.images for pair in pairs]
    return replace(bootstrap([rows], of_rows, images=[images]), samples=max(map(len, images)))


def regions_distinct(inputs: Inputs, paper: str, margin: float) -> Evidence:
    """`margin` minus the largest share of their most salient pixels that two attacks on the same images have in common.

    Shares are means over the images that both attacks turned.
    """
    datasets = [name for name, in_paper in paper_datasets(inputs).items() if in_paper == paper]
    items = [item for name in datasets for item in inputs.all(name="input_saliency", dataset=name)]
    found = [overlaps for item in items for overlaps in region_overlaps(inputs, item, list(attack_classes(inputs)))]
    found = [(pair, shares, images) for pair, shares, images in found if len(shares) >= MIN_INPUTS]
    if not found:
        return not_measured("no two attacks turn the same two images whose pixels are compared")
    groups, images = [shares for _, shares, _ in found], [numbers for _, _, numbers in found]
    evidence = bootstrap([groups], lambda *shares: margin - max(map(np.mean, shares)), images=[images])
    largest = max(found, key=lambda each: each[1].mean())
    chance = f"by chance {items[0].artifact.metrics['region']:.2f}"
    note = f"largest of {len(found)} pairs: {' and '.join(largest[0])} {largest[1].mean():.2f}, {chance}"
    return replace(evidence, samples=len(np.unique(np.concatenate(images))), note=note)


def region_overlaps(
    inputs: Inputs, item: RoleArtifact, classes: Sequence[str]
) -> list[tuple[tuple[str, str], NDArray, NDArray]]:
    """For every two classes: their names, the overlaps (n,) of their regions on common images, the images' numbers.

    An attack's images are those that it turned; `clean` has all of them.
    """
    with np.load(item.artifact.file("regions.npz")) as content:
        arrays = dict(content)
    numbers = image_numbers(inputs, item.role["dataset"], arrays["index"])
    shown = {name: arrays[f"{name}_success"] if name != CLEAN else np.ones(len(numbers), bool) for name in classes}
    found = []
    for first, second in itertools.combinations(classes, 2):
        both = shown[first] & shown[second]
        shares = region_overlap(arrays[f"{first}_region"][both], arrays[f"{second}_region"][both])
        found.append(((first, second), shares, numbers[both]))
    return found
