"""The findings of the attack_signatures paper: the statistics that config/findings/attack_signatures.yaml names."""

from __future__ import annotations

from workflow_scripts.papers.attack_signatures.attack_order_statistics import (
    same_order_across_datasets,
    same_order_across_victims,
)
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
from workflow_scripts.papers.findings import findings_renderer

STATISTICS = (
    classes_recognised_better,
    datasets_differ,
    deeper,
    even_over_layers,
    gap_closed,
    magnitudes_differ,
    profiles_differ,
    recognised_above_chance,
    recognised_below_chance,
    recognised_better,
    reconstructed_better,
    reconstruction_keeps,
    reconstruction_restores,
    relative_improvement,
    same_order_across_datasets,
    same_order_across_victims,
)
table = findings_renderer(*STATISTICS)
