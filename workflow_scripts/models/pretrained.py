"""Load the weights of a network that was trained elsewhere into its architecture."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from workflow_scripts.models.classifier import Classifier

WRAPPERS = re.compile(r"^((module|network)\.)+")
"""Prefixes that data-parallel trainings and this project's own wrappers give to parameters' names."""
COUNTS = "num_batches_tracked"
"""Batch norm's counters, which evaluation mode does not read."""
SHOWN = 3


class MisfitError(ValueError):
    """Weights that are not those of the configured network."""


def load_pretrained(classifier: Classifier, state: Mapping[str, Tensor]) -> None:
    """Put `state` into the classifier's network, in place; names may have the prefixes `module.` and `network.`.

    Raises MisfitError, one line, where a parameter or running statistic is missing, unknown or of another shape, and
    where the file holds another normalisation than the classifier's.
    """
    own = {WRAPPERS.sub("", name): tensor for name, tensor in classifier.network.state_dict(keep_vars=True).items()}
    given = {WRAPPERS.sub("", name): tensor for name, tensor in state.items()}
    for name in ("mean", "std"):  # of a file that this project wrote
        if name in given and name not in own:
            _same_normalisation(name, getattr(classifier, name), given.pop(name))
    own, given = ({name: t for name, t in each.items() if not name.endswith(COUNTS)} for each in (own, given))
    wrong = {
        "lack": sorted(own.keys() - given.keys()),
        "have in addition": sorted(given.keys() - own.keys()),
        "have in another shape": sorted(n for n in own.keys() & given.keys() if own[n].shape != given[n].shape),
    }
    if any(wrong.values()):
        differences = "; ".join(f"{what} {_first(names)}" for what, names in wrong.items() if names)
        remedy = "correct models.<name>.weights, architecture, width or parameters"
        raise MisfitError(f"the weights are not those of the configured network: they {differences}: {remedy}")
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(given[name])


def _same_normalisation(name: str, own: Tensor, given: Tensor) -> None:
    if own.shape != given.shape or not torch.allclose(own, given.float()):
        values = ", ".join(f"{value:.6g}" for value in given.flatten().tolist())
        raise MisfitError(f"the weights are of a network with the {name} {values}: set datasets.<name>.{name} to that")


def _first(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
