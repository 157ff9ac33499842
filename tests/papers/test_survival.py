"""Effects beyond their controls: pairing, verdicts, and Holm's correction by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import norm

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.bootstrap import Evidence, mean_above_zero, not_measured
from workflow_scripts.papers.survival import difference, holm, p_value, survival, survival_table

RNG = np.random.default_rng(11)
IMAGES = np.arange(150)
BASE = RNG.normal(0, 5, 150)


def shift(inputs: Inputs, attack: str) -> Evidence:
    """The mean of a made-up measurement, which stands in the place of an artifact."""
    values = inputs.one(name="measured", attack=attack)
    if inputs.parameters.get("information") == "corrected":
        values = values - 0.4
    return mean_above_zero([values], [IMAGES])


def made(claims: list[dict], **controls) -> Inputs:
    items = [RoleArtifact({"name": "measured", "attack": "pgd"}, BASE + 2)]
    items += [
        RoleArtifact({"name": "measured", "attack": "pgd", "control": kind}, values)
        for kind, values in controls.items()
    ]
    parameters = {"claims": json.dumps(claims), "study": "s", "name": "survival", "caption": "c", "notes": []}
    return Inputs("table/s", parameters, tuple(items))


def claim(control: str, **more) -> dict:
    return {
        "finding": "f", "claim": "Attacks move it", "source": "Q1", "effect": "mean", "statistic": "shift",
        "arguments": {"attack": "pgd"}, "control": control, "margin": 0.1, **more,
    }  # fmt: skip


def row(claims, **controls):
    return survival_table(made(claims, **controls), {"shift": shift}).rows[0]


def test_a_control_with_the_same_images_is_paired():
    found = row([claim("shuffled")], shuffled=BASE + 1)
    assert found.keys["beyond"] == "survives" and found.keys["verdict"] == "supported"
    assert found.cells["beyond_effect"].mean == pytest.approx(1)
    assert found.cells["upper"].mean - found.cells["lower"].mean < 1e-9


def test_an_effect_that_its_control_has_too_does_not_survive():
    found = row([claim("shuffled")], shuffled=BASE + 2 + RNG.normal(0, 0.05, 150))
    assert (found.keys["verdict"], found.keys["beyond"]) == ("supported", "no more than its control")


def test_between_zero_and_the_margin_nothing_is_decided():
    found = row([claim("shuffled")], shuffled=BASE + 2 + RNG.normal(0, 3, 150))
    assert found.keys["beyond"] == "undecided"


def test_chance_is_measured_on_corrected_paths():
    assert row([claim("chance")]).cells["beyond_effect"].mean == pytest.approx(BASE.mean() + 1.6)


def test_claims_without_a_control_say_why():
    table = survival_table(made([claim("none", why="an accuracy has no perturbation")]), {"shift": shift})
    assert table.rows[0].keys["beyond"] == "none applies"
    assert "f: no control applies: an accuracy has no perturbation." in table.notes


def test_a_control_that_the_study_does_not_make_is_said():
    table = survival_table(made([claim("gaussian")], shuffled=BASE), {"shift": shift})
    assert table.rows[0].keys["beyond"] == "not measured"
    assert "f: the study's controls have no gaussian." in table.notes


def test_evidence_without_replicates_has_a_normal_interval():
    found = difference(Evidence(3, 2, 4, 10), Evidence(1, 0.25, 1.75, 10))
    assert (found.effect, found.upper - found.lower) == (2, pytest.approx(2 * (1 + 0.75**2) ** 0.5))
    assert difference(Evidence(3, 2, 4, 10), not_measured("no")).note == "no"
    assert survival(not_measured("no"), 0.1) == "not measured"


def test_p_values_are_those_of_the_normal_test():
    values = RNG.normal(0.12, 1, 400)
    z = values.mean() / (values.std() / 20)

    assert p_value(mean_above_zero([values])) == pytest.approx(2 * norm.sf(abs(z)), abs=0.01)
    assert p_value(Evidence(1.96, 0.0, 3.92, 9)) == pytest.approx(0.05, abs=1e-3)
    assert p_value(not_measured("no")) is None


def test_holms_correction():
    """4 × 0.005, 3 × 0.01, 2 × 0.03, 1 × 0.04, and none below the one before it."""
    found = holm([0.01, 0.04, None, 0.03, 0.005])
    assert found.pop(2) is None
    assert found == pytest.approx([0.03, 0.06, 0.06, 0.02])
