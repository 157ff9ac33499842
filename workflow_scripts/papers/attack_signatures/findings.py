"""The findings of the attack_signatures paper: the statistics that config/findings/attack_signatures.yaml names."""

from __future__ import annotations

from dataclasses import replace

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.attack_order_statistics import (
    same_order_across_datasets,
    same_order_across_victims,
)
from workflow_scripts.papers.attack_signatures.recognition_samples import trainings_note
from workflow_scripts.papers.attack_signatures.recognition_statistics import (
    classes_recognised_better,
    datasets_differ,
    gap_closed,
    recognised_above_chance,
    recognised_below_chance,
    recognised_better,
    reconstructed_better,
    reconstruction_keeps,
    reconstruction_restores,
    relative_improvement,
)
from workflow_scripts.papers.attack_signatures.saliency_statistics import (
    deeper,
    even_over_layers,
    magnitudes_differ,
    profiles_differ,
)
from workflow_scripts.papers.attack_signatures.similarity_statistics import (
    profiles_closer,
    profiles_similar,
    regions_distinct,
)
from workflow_scripts.papers.findings import findings_renderer
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Table

STATISTICS = (
    classes_recognised_better,
    datasets_differ,
    deeper,
    even_over_layers,
    gap_closed,
    magnitudes_differ,
    profiles_closer,
    profiles_differ,
    profiles_similar,
    recognised_above_chance,
    recognised_below_chance,
    recognised_better,
    reconstructed_better,
    reconstruction_keeps,
    reconstruction_restores,
    regions_distinct,
    relative_improvement,
    same_order_across_datasets,
    same_order_across_victims,
)
_claims = findings_renderer(*STATISTICS)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per claim, and a note on what the verdicts say of other trainings."""
    claims = _claims(inputs, published)
    seeds = {item.role["seed"] for item in inputs.all(name="recogniser_evaluation")}
    victims = (
        "One training of each victim: verdicts on saliency and reconstruction are about the victims in this training."
    )
    return replace(claims, notes=[*claims.notes, trainings_note(max(1, len(seeds))), victims])
