"""What the saliency of a victim holds for the study's tables and findings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import RoleArtifact


def read_samples(item: RoleArtifact) -> dict[str, NDArray]:
    """By class: the numbers of the images misclassified only after the attack, and their saliency's statistics."""
    with np.load(item.artifact.file("samples.npz")) as content:
        return dict(content)


def raised_deviations_note(items: Iterable[RoleArtifact]) -> str:
    """A table's note: how many nearly dead filters' deviations were raised, for each victim that has some."""
    found = [(item.role["victim"], item.artifact.metrics) for item in items]
    raised = [f"{name} {m['raised_filters']} of {m['filters']}" for name, m in found if m["raised_filters"]]
    share = f"{found[0][1]['smallest_share']:.0%}"
    rule = f"A filter's deviation is {share} of its layer's median at least"
    return f"{rule}, which raises that of nearly dead filters: {', '.join(raised) if raised else 'none here'}."
