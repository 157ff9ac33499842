"""Mistakes in the local_properties study and in adversarial trainings are one clear line each."""

import copy
from pathlib import Path

import pytest
import yaml

from workflow_scripts.configuration.load import ConfigurationError, check

BASE = yaml.safe_load((Path(__file__).parents[1] / "workflow" / "local_properties.yaml").read_text())
STUDY = "studies.local_properties"
MISTAKES = {
    f"{STUDY}.standard: models has no entry 'standart'; did you mean 'standard'?": (STUDY, "standard", "standart"),
    f"{STUDY}.standard: 'robust' is adversarially trained": (STUDY, "standard", "robust"),
    f"{STUDY}.robust: the training of 'standard' is not adversarial (trainings that are: adversarial)": (
        STUDY, "robust", "standard",
    ),
    f"{STUDY}.robust: 'robust' is a good_init, and 'standard', the standard model, a resnet18: name models of one": (
        "models.robust", "architecture", "good_init",
    ),
    f"{STUDY}.pgd: attacks has no entry 'pdg' (known: fgsm, pgd)": (STUDY, "pgd", "pdg"),
    f"{STUDY}.attack_all: pgd is 'deepfool', which attacks only images that the model classifies correctly: name": (
        "attacks", "pgd", {"attack": "deepfool"},
    ),
    f"{STUDY}.attack_all: pgd has stop_at_success, and stops where the model is wrong already: set": (
        "attacks.pgd", "stop_at_success", True,
    ),
    f"{STUDY}.images: 100 is more than the 60 test images of datasets.digits": (STUDY, "images", 100),
    f"{STUDY}.sweep.weight_decays: must ascend": (f"{STUDY}.sweep", "weight_decays", ["1e-3", "5e-4"]),
    f"{STUDY}.sweep.model: the training of 'standard' is not adversarial": (f"{STUDY}.sweep", "model", "standard"),
    "models.robust.seeds: has no seed in common with models.standard.seeds": ("models.robust", "seeds", [4]),
    "models.robust.training: 'adversarial' is adversarial": ("models.robust", "teacher", "standard"),
    "trainings.adversarial.temperature: is not read by an adversarial training": (
        "trainings.adversarial", "temperature", 40,
    ),
    "trainings.adversarial.adversarial.epsilon: must be at least 0": (
        "trainings.adversarial.adversarial", "epsilon", "-8/255",
    ),
    "trainings.adversarial.adversarial.gard: unknown key; did you mean 'guard'?": (
        "trainings.adversarial.adversarial", "gard", {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("expected", MISTAKES)
def test_a_mistake_is_one_line(expected):
    where, key, value = MISTAKES[expected]
    content = copy.deepcopy(BASE)
    part = content
    for name in where.split("."):
        part = part[name]
    part[key] = value
    with pytest.raises(ConfigurationError) as found:
        check(content, "x.yaml")
    assert any(line.startswith(f"x.yaml: {expected}") for line in str(found.value).splitlines()), str(found.value)


def test_the_study_as_it_stands_has_no_mistake():
    assert check(BASE).studies.local_properties.sweep.model == "robust"
