"""The findings of the local_properties paper: the statistics that config/findings/local_properties.yaml names."""

from __future__ import annotations

from workflow_scripts.papers.findings import findings_renderer
from workflow_scripts.papers.local_properties.frequency_statistics import (
    filtered_peak,
    filtering_helps_more,
    gap_widens,
    high_pass_above_chance,
    high_pass_below_chance,
    high_pass_little,
    high_pass_similar,
    high_pass_standard_more,
    low_frequencies_damage_more,
    swap_damages,
    swap_damages_more,
    swap_restores,
)
from workflow_scripts.papers.local_properties.kernel_statistics import (
    consistent_hit_smooth_kernels,
    rough_kernels_amplify,
    smoother_kernels,
)
from workflow_scripts.papers.local_properties.perturbation_statistics import (
    failed_follow_shapes,
    fgsm_less_disordered,
    perturbations_at_bound,
    perturbations_consistent,
    perturbations_follow_shapes,
)
from workflow_scripts.papers.local_properties.response_difference_statistics import (
    grows_with_depth,
    own_larger_than_transferred,
    pgd_larger_than_fgsm,
    pgd_stronger_than_fgsm,
    robust_outcomes_closer,
    standard_larger,
    successful_grow_apart,
    successful_larger,
    successful_similar,
    transferred_near_natural,
)
from workflow_scripts.papers.local_properties.spectrum_statistics import (
    amplitude_surplus,
    amplitude_surplus_differs,
    amplitude_surplus_is_high,
)
from workflow_scripts.papers.local_properties.weight_decay_and_overfitting_statistics import (
    overfits,
    sweep_differences_shrink,
    sweep_gap_narrows,
    sweep_kernels_shrink,
    sweep_overfits_less,
)

STATISTICS = (
    amplitude_surplus,
    amplitude_surplus_differs,
    amplitude_surplus_is_high,
    consistent_hit_smooth_kernels,
    failed_follow_shapes,
    fgsm_less_disordered,
    filtered_peak,
    filtering_helps_more,
    gap_widens,
    grows_with_depth,
    high_pass_above_chance,
    high_pass_below_chance,
    high_pass_little,
    high_pass_similar,
    high_pass_standard_more,
    low_frequencies_damage_more,
    overfits,
    own_larger_than_transferred,
    perturbations_at_bound,
    perturbations_consistent,
    perturbations_follow_shapes,
    pgd_larger_than_fgsm,
    pgd_stronger_than_fgsm,
    robust_outcomes_closer,
    rough_kernels_amplify,
    smoother_kernels,
    standard_larger,
    successful_grow_apart,
    successful_larger,
    successful_similar,
    swap_damages,
    swap_damages_more,
    swap_restores,
    sweep_differences_shrink,
    sweep_gap_narrows,
    sweep_kernels_shrink,
    sweep_overfits_less,
    transferred_near_natural,
)
table = findings_renderer(*STATISTICS)
