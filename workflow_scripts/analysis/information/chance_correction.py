"""Information paths beyond chance: plug-in mutual information minus what maps share by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workflow_scripts.analysis.information.expected_information import mean_expected_information
from workflow_scripts.analysis.information.paths import InformationPaths, mean_of_pairs, prepared_layers


@dataclass(frozen=True)
class ChanceCorrectedPaths:
    """Information paths of N inputs with their chance level.

    plug_in: the paper's paths; expected: their expectation if the positions of maps were permuted at random, given the
    maps' bucket sizes (`expected_mutual_information`).
    """

    plug_in: InformationPaths
    expected: InformationPaths

    @property
    def corrected(self) -> InformationPaths:
        """Plug-in minus expected paths: 0 on average for maps that share nothing; negative values occur."""
        iip, oip = self.plug_in.iip - self.expected.iip, self.plug_in.oip - self.expected.oip
        return InformationPaths(self.plug_in.layers, iip, oip)


def chance_corrected_paths(layer_maps: Mapping, source, buckets: int = 8) -> ChanceCorrectedPaths:
    """Plug-in and expected information paths of each input, in one pass; arguments and errors as in `mi_matrices`.

    Per image and layer the two expectations are products of mean histograms of bucket sizes with one table, so that
    they cost little beside the matrices themselves.
    """
    plug_in: tuple[list, list] = ([], [])
    expected: tuple[list, list] = ([], [])
    for layer in prepared_layers(layer_maps, source, buckets):
        for path, maps in enumerate((layer.with_source, layer.with_target)):
            plug_in[path].append(mean_of_pairs(layer.compare(*maps)))
            expected[path].append(mean_expected_information(*maps))
    layers = tuple(layer_maps)
    plug_in_paths, expected_paths = (
        InformationPaths(layers, *(np.stack(columns, axis=1) for columns in paths)) for paths in (plug_in, expected)
    )
    return ChanceCorrectedPaths(plug_in_paths, expected_paths)
