"""Only the local_properties study attacks images that are misclassified already; no other set does."""

from pathlib import Path

import pytest

from workflow_scripts.configuration.load import load
from workflow_scripts.planning.studies import make_plan

CONFIGURATION = Path(__file__).parents[2] / "config" / "config.yaml"


@pytest.mark.parametrize("attack_all", [True, False])
def test_only_the_sets_of_local_properties_say_so(attack_all):
    content = load(CONFIGURATION)
    study = content.studies.local_properties.model_copy(update={"attack_all": attack_all})
    studies = content.studies.model_copy(update={"local_properties": study})
    plan = make_plan(content.model_copy(update={"studies": studies}))
    sets = [recipe for recipe in plan.recipes.values() if recipe.kind == "adversarial"]
    named = [recipe for recipe in sets if "attack_all" in recipe.parameters]
    assert len(named) == (12 if attack_all else 0) and len(sets) > 60  # six sets, and a control of each
    assert all(recipe.parameters["attack_all"] is True for recipe in named)
    captions = {made.name: made.caption for made in plan.publications if made.study == "local_properties"}
    assert ("all test images" in captions["table_1"]) == attack_all
    assert "classifies correctly" in captions["table_2"]
