"""Controls in a plan: the same measurements, of another set of the same images."""

from __future__ import annotations

import pytest

from workflow_scripts.configuration.load import check
from workflow_scripts.planning.controls import controls_of
from workflow_scripts.planning.planner import Planner

IMAGES = {"split": "test", "count": 10, "selection_seed": 0}


@pytest.fixture
def measured(planner):
    """A set and its aggregated paths, by streaming, and a model."""
    made = planner.adversarial("fgsm", "small", 0, IMAGES)
    paths = planner.information_streaming("small", 0, 8, made={"": made})
    aggregate = planner.aggregate(paths).as_input(name="aggregated_paths", attack="fgsm", seed=0)
    model = planner.model("small", 0).as_input(name="model")
    return [made.as_input(name="adversarial_set", attack="fgsm"), aggregate, model]


def test_each_measurement_has_its_twin_and_a_model_has_none(planner, measured):
    twins = controls_of(planner, measured, ["shuffled", "gaussian"])
    assert [twin.role for twin in twins] == [
        {**item.role, "control": kind} for kind in ("shuffled", "gaussian") for item in measured[:2]
    ]
    assert len({twin.folder for twin in twins} | {item.folder for item in measured}) == 7
    first = planner.plan.recipes[twins[0].folder]
    assert first.parameters["attack"] == "shuffled" and first.parameters["images"] == IMAGES
    assert [each.role["name"] for each in first.inputs] == ["model", "dataset", "like"]
    assert first.inputs[-1].digest == measured[0].digest


def test_a_twin_differs_in_its_images_alone(planner, measured):
    (_, aggregate) = controls_of(planner, measured, ["shuffled"])
    paths, original = (
        planner.plan.recipes[planner.plan.recipes[item.folder].inputs[0].folder] for item in (aggregate, measured[1])
    )
    assert (paths.parameters, paths.modules) == (original.parameters, original.modules)
    assert [i for i, j in zip(paths.inputs, original.inputs, strict=True) if i != j] == [
        planner.plan.recipes[controls_of(planner, measured[:1], ["shuffled"])[0].folder].as_input(
            name="images", target=""
        )
    ]


def test_an_entry_of_its_own_is_the_same_set(configuration):
    configuration["attacks"]["noise"] = {"attack": "gaussian", "like": "fgsm"}
    planner = Planner(check(configuration))
    made = planner.adversarial("fgsm", "small", 0, IMAGES)
    (twin,) = controls_of(planner, [made.as_input(name="adversarial_set")], ["gaussian"])
    assert planner.adversarial("noise", "small", 0, IMAGES).digest == twin.digest
