"""Images by their spatial frequencies: filters that are exact partitions, and amplitude spectra.

Frequencies are counted in cycles per image along each axis, so that the radius of a frequency is its distance from the
centre of the spectrum as `fftshift` lays it out, in bins.
"""
