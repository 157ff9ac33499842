"""The saliency of filters and of pixels that was measured for a class of attack, for the results page."""

from __future__ import annotations

from dataclasses import dataclass

import h5py
import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import RoleArtifact

CLEAN = "clean"


@dataclass(frozen=True)
class Saliency:
    """Filter saliency in standard deviations of a filter's saliency on clean images.

    layers: L names; counts (L,): their numbers of filters. index (m,): the attacked images, by their positions in the
    split; by_layer (m, L): means per layer; clean (L,): mean over clean images.
    profile_index (p,), profiles (p, F): the absolute profiles of some images, each layer's filters from most to least
    salient.
    """

    layers: list[str]
    counts: NDArray
    index: NDArray
    by_layer: NDArray
    clean: NDArray
    profile_index: NDArray
    profiles: NDArray

    def most_salient(self, image: int, count: int) -> list[tuple[str, int, float]]:
        """The `count` most salient filters of an image: layer, rank within the layer from 1, salience.

        image: its position in the split. Empty where it has no profile.
        """
        rows = np.flatnonzero(self.profile_index == image)
        if not len(rows):
            return []
        profile, ends = self.profiles[rows[0]], np.cumsum(self.counts)
        largest = np.argsort(-profile, kind="stable")[:count]
        layer = np.searchsorted(ends, largest, side="right")
        rank = largest - (ends - self.counts)[layer] + 1
        return [
            (self.layers[of], int(place), float(profile[at]))
            for of, place, at in zip(layer, rank, largest, strict=True)
        ]


@dataclass(frozen=True)
class InputSaliency:
    """Heat maps (n, H, W) in [0, 1] of the images `index` (n,), clean and attacked."""

    index: NDArray
    clean: NDArray
    attacked: NDArray


def read_saliency(measured: list[RoleArtifact], attack_class: str) -> Saliency | None:
    """The saliency under a class of attack; None where it was not measured."""
    if not measured:
        return None
    artifact = measured[0].artifact
    with np.load(artifact.file("statistics.npz")) as content:
        layers, counts = content["layers"].tolist(), content["counts"]
    with np.load(artifact.file("samples.npz")) as content:
        index, by_layer = content[f"{attack_class}_index"], content[f"{attack_class}_layers"]
        clean_images = content[f"{CLEAN}_layers"]
    clean = clean_images.mean(0) if len(clean_images) else np.full(len(layers), np.nan)
    with h5py.File(artifact.file("image_profiles.h5"), "r", locking=False) as file:
        profile_index, profiles = file[f"{attack_class}_index"][:], file[attack_class][:]
    return Saliency(layers, counts, index, by_layer, clean, profile_index, profiles)


def read_input_saliency(measured: list[RoleArtifact], attack_class: str) -> InputSaliency | None:
    """The input saliency under a class of attack; None where it was not measured."""
    if not measured:
        return None
    with np.load(measured[0].artifact.file("maps.npz")) as content:
        return InputSaliency(content["index"], content[f"{CLEAN}_heat"], content[f"{attack_class}_heat"])
