"""Does the sign of a paired shift depend on the number of buckets, or on the size to which maps are pooled?"""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.aggregated_paths import CORRECTED, PATHS, PLUG_IN
from workflow_scripts.papers.information_flow.paired_shifts import mean_interval
from workflow_scripts.papers.information_flow.path_distances import InputGroup
from workflow_scripts.rendering.figures.shifts_by_buckets import ShiftByBuckets, shifts_by_buckets


def figure(inputs: Inputs):
    """A row of panels per size of maps, a column per path and estimate, a line per attack over the buckets."""
    with np.load(inputs.one(name="path_sensitivity").file("sensitivity.npz")) as content:
        columns = dict(content)
    lines = []
    for attack in dict.fromkeys(columns["attack"].tolist()):
        rows = columns["attack"] == attack
        for path in PATHS.values():
            plug_in = columns[path][rows]
            for estimate, values in ((PLUG_IN, plug_in), (CORRECTED, plug_in - columns[f"{path}_expected"][rows])):
                found = mean_interval([InputGroup(values, columns["index"][rows])])
                if found is not None:
                    bounds = (found.mean.T, found.lower.T, found.upper.T)
                    lines.append(ShiftByBuckets(attack, path, estimate, *bounds, found.samples))
    return shifts_by_buckets(lines, columns["buckets"].tolist(), columns["sides"].tolist())
