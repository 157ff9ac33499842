"""Images by their spatial frequencies (local_properties paper, section 3.1).

`low_pass`, `high_pass` and `swap_frequencies` filter images, `filtered_correctness` says whether a classifier
recognises them, `restoring_radius` at which radius an attacked image has its clean prediction again; `log_amplitudes`
and `radial_average` give amplitude spectra, `band_energy` a perturbation's energy by frequency.

Frequencies are in cycles per image along each axis: the radius of a frequency is its distance from the centre of the
spectrum as `fftshift` lays it out, in bins.
"""

from workflow_scripts.analysis.public_names import lazy_names

_MODULES = {
    "band_energy": "perturbation_energy",
    "filtered_correctness": "accuracy",
    "high_pass": "filters",
    "largest_radius": "radii",
    "log_amplitudes": "amplitude",
    "low_pass": "filters",
    "radial_average": "amplitude",
    "restoring_radius": "perturbation_energy",
    "swap_frequencies": "filters",
}
__all__ = [*_MODULES]
__getattr__ = lazy_names(__name__, _MODULES)
