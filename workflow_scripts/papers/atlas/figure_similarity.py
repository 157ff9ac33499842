"""Which attacks act alike on which models: distances between fingerprints, in the order of their clustering."""

from __future__ import annotations

from workflow_scripts.analysis.comparison.ordering import average_linkage
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.all_fingerprints import all_fingerprints
from workflow_scripts.papers.atlas.pairs import all_pairs
from workflow_scripts.rendering.figures.clustered_heat_map import clustered_heat_map


def figure(inputs: Inputs):
    """The heat map; a distance of 1 is what another choice of images makes by itself."""
    found = all_fingerprints(all_pairs(inputs))
    tree = average_linkage(found.distances)
    return clustered_heat_map(found.distances, found.names, tree, "distance (split-half deviations)")
