"""The findings of the information_flow paper: the statistics that config/findings/information_flow.yaml names."""

from __future__ import annotations

from workflow_scripts.papers.findings import findings_renderer
from workflow_scripts.papers.information_flow.compression_statistics import (
    accuracy_kept,
    gap_on_compressed,
    transfers_to_original,
)
from workflow_scripts.papers.information_flow.distillation_statistics import (
    adaptive_deviates,
    adaptive_succeeds,
    gradients_vanish,
    vanished_gradients_stop,
)
from workflow_scripts.papers.information_flow.paired_statistics import (
    attacks_differ,
    every_attack_shifts_its_images,
    nearest_to_its_images,
    output_shifts_beyond_input,
    paths_stay,
    regular_stays,
)
from workflow_scripts.papers.information_flow.path_statistics import (
    approaches_last,
    deviation_grows,
    every_attack_shifts,
    nearest_attack,
    output_beyond_input,
)
from workflow_scripts.papers.information_flow.transferability_statistics import (
    does_not_transfer,
    target_beyond_others,
    transferable_beyond_stopped,
)

STATISTICS = (
    accuracy_kept,
    adaptive_deviates,
    adaptive_succeeds,
    approaches_last,
    attacks_differ,
    deviation_grows,
    does_not_transfer,
    every_attack_shifts,
    every_attack_shifts_its_images,
    gap_on_compressed,
    gradients_vanish,
    nearest_attack,
    nearest_to_its_images,
    output_beyond_input,
    output_shifts_beyond_input,
    paths_stay,
    regular_stays,
    target_beyond_others,
    transferable_beyond_stopped,
    transfers_to_original,
    vanished_gradients_stop,
)
table = findings_renderer(*STATISTICS)
