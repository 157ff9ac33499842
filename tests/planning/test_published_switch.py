"""Published values stand beside a run that measures what the papers measured, or where the configuration says so."""

import copy

import pytest

from workflow_scripts.configuration.load import check, read_yaml
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.fingerprint import ROOT

DEFAULT = read_yaml(ROOT / "config" / "config.yaml")


def tables(published_values: str, study: str) -> dict[str, dict]:
    """The parameters of a study's tables by name, in the default configuration with another switch."""
    content = copy.deepcopy(DEFAULT)
    content["studies"]["published_values"] = published_values
    plan = make_plan(check(content))
    return {
        each.name: each.recipe.parameters
        for each in plan.publications
        if each.study == study and each.recipe.kind == "table"
    }


@pytest.mark.parametrize("study, table", [("information_flow", "table_2"), ("local_properties", "table_1")])
def test_the_switch(study, table):
    shown, left_to_the_run, never = (tables(word, study) for word in ("always", "auto", "never"))
    assert shown[table]["published"] is not None and '"published"' in shown["findings"]["claims"]
    assert any("the published values are for CIFAR-10" in note for note in shown[table]["notes"])
    assert left_to_the_run == never  # mnist is not what the papers measured
    assert never[table]["published"] is None and '"published"' not in never["findings"]["claims"]
    assert not any("published values" in note for note in never[table]["notes"])


def test_signatures_say_it_by_data_set():
    assert tables("auto", "attack_signatures")["table_3_mnist_small"]["published"] is not None
    assert tables("never", "attack_signatures")["table_3_mnist_small"]["published"] is None
