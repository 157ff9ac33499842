"""The survival table: each claim's verdict as published, and what is left of its effect beyond its control.

A claim names its control in `config/findings/<study>.yaml`:

- a kind of control perturbation (`shuffled`, `gaussian`): the same statistic is measured with the controls of all
  attacks in their places, on the same images, and taken from the effect;
- `chance`: the statistic is measured on information paths minus what maps share by chance;
- `none`: no control applies, for the reason in `why`.

The effect beyond its control survives where its interval lies above zero; it is no more than its control where the
interval lies below the claim's `margin`, which is fixed beforehand; otherwise it is undecided.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import NormalDist

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import LEVEL, Evidence, Z, interval, not_measured
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table

CHANCE, NONE = "chance", "none"
CORRECTED = {"information": "corrected"}
"""What a recipe's parameters say to statistics that are to look at information beyond chance."""
KEYS = (
    Key("finding", "Finding"),
    Key("claim", "The paper's claim", wide=True),
    Key("verdict", "As published", verdict=True),
    Key("holm", "After Holm", verdict=True),
    Key("control", "Control", verdict=True),
    Key("beyond", "Beyond its control", verdict=True),
)
COLUMNS = (
    Column("effect", "Effect", 4),
    Column("beyond_effect", "Beyond", 4, optional=True),
    Column("lower", "95% from", 4, optional=True),
    Column("upper", "to", 4, optional=True),
    Column("p", "p (Holm)", 4),
)
Statistic = Callable[..., Evidence]


def survival_renderer(*statistics: Statistic) -> Callable[[Inputs, PublishedTable], Table]:
    """The renderer of a study's survival table, whose claims may name these statistics."""
    by_name = {statistic.__name__: statistic for statistic in statistics}

    def table(inputs: Inputs, published: PublishedTable) -> Table:
        """One row per claim, in the file's order."""
        return survival_table(inputs, by_name)

    return table


def survival_table(inputs: Inputs, statistics: dict[str, Statistic]) -> Table:
    """Measure every claim and its control; `claims` as in `findings_table`."""
    claims = json.loads(inputs.parameters["claims"])
    effects = [statistics[claim["statistic"]](inputs, **claim.get("arguments", {})) for claim in claims]
    adjusted = holm([p_value(effect) for effect in effects])
    rows, notes = [], []
    for claim, effect, p in zip(claims, effects, adjusted, strict=True):
        beyond = beyond_control(inputs, claim, statistics[claim["statistic"]], effect)
        keys = {
            "finding": claim["finding"],
            "claim": f"{claim['claim']} ({claim['source']})",
            "verdict": effect.verdict,
            "holm": after_holm(effect, p),
            "control": claim["control"],
            "beyond": "none applies" if claim["control"] == NONE else survival(beyond, claim["margin"]),
        }
        rows.append(Row(keys, _cells(effect, beyond, p)))
        if claim["control"] == NONE:
            notes.append(f"{claim['finding']}: no control applies: {claim['why']}.")
        elif beyond.note:
            notes.append(f"{claim['finding']}: {beyond.note}.")
    return paper_table(inputs, "Findings beyond their controls", KEYS, COLUMNS, rows, notes)


def beyond_control(inputs: Inputs, claim: dict, statistic: Statistic, effect: Evidence) -> Evidence:
    """The evidence for the claim's effect beyond its control."""
    control, arguments = claim["control"], claim.get("arguments", {})
    if control == NONE:
        return not_measured("no control applies")
    if control == CHANCE:
        return statistic(replace(inputs, parameters=inputs.parameters | CORRECTED), **arguments)
    try:
        controlled = inputs.under(control)
    except LookupError:
        return not_measured(f"the study's controls have no {control}")
    return difference(effect, statistic(controlled, **arguments))


def difference(effect: Evidence, control: Evidence) -> Evidence:
    """An effect minus its control's. Paired by image where both are bootstraps, else with normal intervals."""
    if effect.effect is None or control.effect is None:
        return not_measured((effect if effect.effect is None else control).note)
    value = effect.effect - control.effect
    common = {"samples": effect.samples, "seeds": effect.seeds, "resampled": effect.resampled}
    if effect.replicates is not None and control.replicates is not None:
        replicates = effect.replicates - control.replicates
        return Evidence(value, *interval(replicates), **common, replicates=replicates)
    half = Z * float(np.hypot(_standard_error(effect), _standard_error(control)))
    return Evidence(value, value - half, value + half, **common)


def survival(beyond: Evidence, margin: float) -> str:
    """`survives`, `no more than its control`, `undecided` or `not measured`."""
    if beyond.effect is None or beyond.lower is None or beyond.upper is None:
        return "not measured"
    if beyond.lower > 0:
        return "survives"
    return "no more than its control" if beyond.upper < margin else "undecided"


def p_value(evidence: Evidence) -> float | None:
    """Two-sided p of an effect of zero, normal, with the standard error of the replicates or of the interval.

    The replicates' share beyond zero would be no finer than one in their number, which no correction for dozens of
    claims leaves below 5%.
    """
    if evidence.effect is None:
        return None
    error = _standard_error(evidence)
    if error == 0:
        return 1.0 if evidence.effect == 0 else 0.0
    return 2 * NormalDist().cdf(-abs(evidence.effect) / error)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's adjusted p-values (1979), in the given order; None stays None and does not count as a test."""
    tests = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(tests):
        largest = max(largest, min(1.0, p * (len(tests) - rank)))
        adjusted[place] = largest
    return adjusted


def after_holm(effect: Evidence, p: float | None) -> str:
    """The verdict with Holm's correction for the number of claims: undecided where its p is above 5%."""
    decided = effect.verdict in ("supported", "not supported")
    return "undecided" if decided and p is not None and p > 1 - LEVEL else effect.verdict


def _standard_error(evidence: Evidence) -> float:
    if evidence.replicates is not None:
        return float(np.nanstd(evidence.replicates))
    return (evidence.upper - evidence.lower) / (2 * Z)


def _cells(effect: Evidence, beyond: Evidence, p: float | None) -> dict[str, Cell]:
    values = {
        "effect": (effect.effect, effect),
        "beyond_effect": (beyond.effect, beyond),
        "lower": (beyond.lower, beyond),
        "upper": (beyond.upper, beyond),
        "p": (p, effect),
    }
    return {
        name: Cell(value, None, 0 if value is None else evidence.seeds, evidence.samples)
        for name, (value, evidence) in values.items()
    }
