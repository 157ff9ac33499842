"""Tables and figures as a paper prints them: every measured value beside its published one.

Pure functions over plain values and arrays; nothing here imports torch or knows where artifacts are kept.
"""
