"""Load the weights of a network that was trained elsewhere into its architecture."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from workflow_scripts.models.classifier import Classifier

WRAPPERS = re.compile(r"^((module|network|model|net|_orig_mod)\.)+")
"""Prefixes that data-parallel and compiled networks, and classes around a network, give to parameters' names."""
COUNTS = "num_batches_tracked"
"""Batch norm's counters, which evaluation mode does not read."""
NORMALISATION = {
    "mean": re.compile(r"(^|.*\.)(mean|means|mu|_mean|image_mean|pixel_mean)"),
    "std": re.compile(r"(^|.*\.)(std|stds|sd|sigma|_std|image_std|pixel_std)"),
}
"""Names under which files hold the normalisation that their network applies to images."""
SHOWN = 3


class MisfitError(ValueError):
    """Weights that are not those of the configured network."""


def load_pretrained(classifier: Classifier, state: Mapping[str, Tensor]) -> None:
    """Put `state` into the classifier's network, in place and in its precision; names may have wrappers' prefixes.

    Raises MisfitError, one line, where a parameter or running statistic is missing, unknown or of another shape, and
    where the file holds another normalisation than the classifier's.
    """
    own = without_wrappers(classifier.network.state_dict(keep_vars=True))
    given = aligned(own, state)
    for name in [name for name in given if name not in own]:
        for key, pattern in NORMALISATION.items():
            if pattern.fullmatch(name):
                _same_normalisation(key, name, getattr(classifier, key), given.pop(name))
    own, given = ({name: t for name, t in each.items() if not name.endswith(COUNTS)} for each in (own, given))
    wrong = {
        "lack": sorted(own.keys() - given.keys()),
        "have in addition": sorted(given.keys() - own.keys()),
        "have in another shape": sorted(n for n in own.keys() & given.keys() if own[n].shape != given[n].shape),
        "have as whole numbers": sorted(
            n for n in own.keys() & given.keys() if own[n].is_floating_point() and not given[n].is_floating_point()
        ),
    }
    if any(wrong.values()):
        differences = "; ".join(f"{what} {_first(names)}" for what, names in wrong.items() if names)
        remedy = "correct models.<name>.weights, architecture, width or parameters"
        raise MisfitError(f"the weights are not those of the configured network: they {differences}: {remedy}")
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(given[name])


def without_wrappers(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`state` without wrappers' prefixes in its names; as it is where that would give one name to two tensors."""
    stripped = {WRAPPERS.sub("", name): tensor for name, tensor in state.items()}
    return stripped if len(stripped) == len(state) else dict(state)


def aligned(own: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`state` with the names that `own` has, as far as one prefix that its names have makes the difference.

    The prefix may be that of any wrapper, such as `1.` of a Sequential of normalisation and network.
    """
    stripped = without_wrappers(state)
    if own.keys() <= stripped.keys() or not own:
        return stripped
    first = next(iter(own))
    for name in state:
        if name.endswith(f".{first}"):
            prefix = name.removesuffix(first)
            inside = {each.removeprefix(prefix): t for each, t in state.items() if each.startswith(prefix)}
            if own.keys() - {n for n in own if n.endswith(COUNTS)} <= inside.keys():
                return inside | {each: t for each, t in state.items() if not each.startswith(prefix)}
    return stripped


def _same_normalisation(key: str, name: str, own: Tensor, given: Tensor) -> None:
    values = given.float().flatten()
    if values.numel() not in (1, own.numel()) or not torch.allclose(own.flatten(), values.expand(own.numel())):
        shown = ", ".join(f"{value:.6g}" for value in values.tolist())
        named = "" if name == key else f" (their {name})"
        raise MisfitError(
            f"the weights are of a network with the {key} {shown}{named}: set models.<name>.{key} to that"
        )


def _first(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
