"""A map of attacks and models by the distances between their fingerprints."""

from __future__ import annotations

from workflow_scripts.analysis.comparison.ordering import classical_scaling
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.all_fingerprints import all_fingerprints
from workflow_scripts.papers.atlas.pairs import all_pairs
from workflow_scripts.rendering.figures.similarity_map import similarity_map


def figure(inputs: Inputs):
    """Classical multidimensional scaling to the plane."""
    found = all_fingerprints(all_pairs(inputs))
    points, shares = classical_scaling(found.distances)
    return similarity_map(points, found.names, shares)
