"""Adapters of attacks by other libraries: one module per library, each with a function `generate(request)`.

An adapter imports its library when it is imported itself, so that a recipe that names one adapter depends on no other
library. `attacks.external` measures and checks what an adapter returns.
"""
