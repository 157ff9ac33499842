"""Information paths beyond chance: plug-in mutual information minus what maps share by chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from workflow_scripts.analysis.information.expected_information import mean_expected_information
from workflow_scripts.analysis.information.mutual_information import to_numpy
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

    def arrays(self) -> dict[str, np.ndarray]:
        """The paths by their names in files: iip, oip, iip_expected and oip_expected, (N, K) in nats."""
        measured, by_chance = self.plug_in, self.expected
        return {
            "iip": measured.iip,
            "oip": measured.oip,
            "iip_expected": by_chance.iip,
            "oip_expected": by_chance.oip,
        }


def chance_corrected_paths(
    layer_maps: Mapping, source, buckets: int = 8, on_matrix: Callable[[str, np.ndarray], None] | None = None
) -> ChanceCorrectedPaths:
    """Plug-in and expected information paths of each input, in one pass; arguments and errors as in `mi_matrices`.

    on_matrix(name, matrix), if given, receives the matrices: name "<layer>/S" or "<layer>/T", and S^(k) (N, n_k, n_s)
    or T^(k) (N, n_k, n_t), float64 in nats.

    Per image and layer the two expectations are products of mean histograms of bucket sizes with one table, so that
    they cost little beside the matrices themselves. Beside one layer's matrices they take 2^20 numbers at a time, and
    8 MiB or less for the table of each size of maps up to 1,024 positions; larger maps have none
    (`expected_information`).
    """
    plug_in: dict[str, list[np.ndarray]] = {"S": [], "T": []}
    expected: dict[str, list[np.ndarray]] = {"S": [], "T": []}
    for layer in prepared_layers(layer_maps, source, buckets):
        for name, maps in (("S", layer.with_source), ("T", layer.with_target)):
            matrix = to_numpy(layer.compare(*maps))
            if on_matrix is not None:
                on_matrix(f"{layer.layer}/{name}", matrix)
            plug_in[name].append(mean_of_pairs(matrix))
            expected[name].append(mean_expected_information(*maps))
    return ChanceCorrectedPaths(
        *(
            InformationPaths(tuple(layer_maps), *(np.stack(means[name], axis=1) for name in ("S", "T")))
            for means in (plug_in, expected)
        )
    )
