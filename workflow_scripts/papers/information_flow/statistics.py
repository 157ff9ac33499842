"""What the findings table measures, by the names that `config/findings/information_flow.yaml` uses."""

from workflow_scripts.papers.information_flow.model_statistics import (
    accuracy_kept,
    adaptive_deviates,
    adaptive_succeeds,
    gap_on_compressed,
    gradients_vanish,
    target_beyond_others,
    transferable_beyond_stopped,
    transfers_to_original,
    vanished_gradients_stop,
)
from workflow_scripts.papers.information_flow.path_statistics import (
    approaches_last,
    deviation_grows,
    every_attack_shifts,
    nearest_attack,
    output_beyond_input,
)

__all__ = [
    "accuracy_kept",
    "adaptive_deviates",
    "adaptive_succeeds",
    "approaches_last",
    "deviation_grows",
    "every_attack_shifts",
    "gap_on_compressed",
    "gradients_vanish",
    "nearest_attack",
    "output_beyond_input",
    "target_beyond_others",
    "transferable_beyond_stopped",
    "transfers_to_original",
    "vanished_gradients_stop",
]
