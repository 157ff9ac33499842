"""Tables and figures as a paper prints them, with measured values beside published ones.

Pure functions over plain values and arrays: nothing here imports torch or reads artifacts.
"""
