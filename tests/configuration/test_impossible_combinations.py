"""Entries that fit the schema and cannot work together: refused in one line that names the entry."""

# ruff: noqa: E501  (the expected lines stand here as they are shown)

from __future__ import annotations

import copy

import pytest
from mistaken import DEFAULT, lines

from workflow_scripts.configuration.load import check

FLOW, LOCAL, SIGNATURES, ATLAS = (
    f"studies.{name}" for name in ("information_flow", "local_properties", "attack_signatures", "atlas")
)
MINE = {"architecture": "resnet18", "dataset": "mnist", "weights": "mine.pth"}

REFUSED = [
    # local_properties: two models, two attacks, and images that all of it can be measured on.
    ("the robust model is the standard one",
     {"models.mine": MINE, f"{LOCAL}.standard": "mine", f"{LOCAL}.robust": "mine"},
     f"{LOCAL}.robust: 'mine' is the standard model, too: name another entry of models"),
    ("one file of weights for both models",
     {"models.mine": MINE, "models.same": MINE, f"{LOCAL}.standard": "mine", f"{LOCAL}.robust": "same"},
     "models.same.weights: 'mine.pth' is also the file of models.mine, the standard model: give each its own"),
    ("a sweep of a finished network",
     {"models.mine": MINE, f"{LOCAL}.sweep.model": "mine"},
     f"{LOCAL}.sweep.model: 'mine' is a finished network (weights), which has no training to repeat"),
    ("one attack for both", {f"{LOCAL}.fgsm": "pgd_20"},
     f"{LOCAL}.fgsm: 'pgd_20' is the same attack as pgd: name another entry of attacks"),
    ("one attack by two names",
     {"attacks.same": {"attack": "fgsm", "epsilon": "0.15"}, f"{LOCAL}.pgd": "same"},
     f"{LOCAL}.fgsm: 'fgsm_15' is the same attack as pgd: name another entry of attacks"),
    ("filters wider than the spectrum", {f"{LOCAL}.radius_step": 17},
     f"{LOCAL}.radius_step: 17 is more than the highest frequency of the images of datasets.mnist, which is 16 cycles per image"),
    ("more examples than images", {f"{LOCAL}.example_images": 301},
     f"{LOCAL}.example_images: 301 is more than the 300 images of the study"),
    ("a robust model of other images", {"models.robust.dataset": "digits", f"{ATLAS}.models": ["good_init"], f"{LOCAL}.sweep": None, f"{LOCAL}.radius_step": 1},
     f"{LOCAL}.robust: models.robust is for datasets.digits, and models.standard for datasets.mnist: name a model for the same images"),
    # Controls of attacks.
    ("a control of no attack", {"attacks.noise": {"attack": "gaussian", "like": "pgd_2"}},
     "attacks.noise.like: attacks has no entry 'pgd_2'; did you mean 'pgd_20'?"),
    ("a control of a control",
     {"attacks.noise": {"attack": "gaussian", "like": "pgd_20"}, "attacks.again": {"attack": "shuffled", "like": "noise"}},
     "attacks.again.like: 'noise' is a control itself: name the attack that it imitates"),
    ("a control in other units", {"attacks.noise": {"attack": "shuffled", "like": "igsm"}},
     "attacks.noise.pixel_range: must be that of igsm, [-1, 1]"),
    ("a control twice", {f"{LOCAL}.controls": ["shuffled", "shuffled"]},
     f"{LOCAL}.controls[1]: 'shuffled' is given twice"),
    ("a control twice, of paths", {f"{FLOW}.controls": ["gaussian", "gaussian"]},
     f"{FLOW}.controls[1]: 'gaussian' is given twice"),
    # The atlas.
    ("a model twice", {f"{ATLAS}.models": ["good_init", "good_init"]},
     f"{ATLAS}.models[1]: 'good_init' is given twice"),
    ("a model that is not there", {f"{ATLAS}.models": ["good_int"]},
     f"{ATLAS}.models[0]: models has no entry 'good_int'; did you mean 'good_init'?"),
    ("models of other images", {f"{ATLAS}.models": ["good_init", "resnet_digits"]},
     f"{ATLAS}.models[1]: models.resnet_digits is for datasets.digits, and models.good_init for datasets.mnist: name a model for the same images"),
    ("a control among the attacks",
     {"attacks.noise": {"attack": "gaussian", "like": "pgd_20"}, f"{ATLAS}.attacks": ["noise"]},
     f"{ATLAS}.attacks[0]: 'noise' is a control: name its kind in {ATLAS}.controls"),
    ("an attack that is not there", {f"{ATLAS}.attacks": ["pgd_2"]},
     f"{ATLAS}.attacks[0]: attacks has no entry 'pgd_2'; did you mean 'pgd_20'?"),
    ("more images than there are", {f"{ATLAS}.images": 1001},
     f"{ATLAS}.images: 1001 is more than the 1000 test images of datasets.mnist"),
    # information_flow.
    ("a model of other classes", {"models.deep_conv.dataset": "digits"},
     f"{FLOW}.models[1]: models.deep_conv is for datasets.digits, and models.good_init for datasets.mnist: name a model for the same images"),
    ("a teacher of other images", {"models.teacher.dataset": "digits"},
     "models.distilled.teacher: models.teacher is for datasets.digits, and models.distilled for datasets.mnist: name a model for the same images"),
    ("an adaptive attack that is the regular one", {f"{FLOW}.distillation.adaptive": "jsma_regular"},
     f"{FLOW}.distillation.adaptive: 'jsma_regular' is the same attack as the regular one: name one with the temperature of the distilled model's training"),
    ("an adaptive attack without its temperature", {"attacks.jsma_adaptive.temperature": 1},
     f"{FLOW}.distillation.adaptive: 'jsma_adaptive' is the same attack as the regular one: name one with the temperature of the distilled model's training"),
    # attack_signatures.
    ("two classes of the same images", {"attacks.other": {**DEFAULT["attacks"]["pgd"]}, f"{SIGNATURES}.classes.other": ["other"]},
     f"{SIGNATURES}.classes.other[0]: attacks.other has the settings of attacks.pgd in classes.pgd[0], which no recogniser can tell apart"),
    ("one configuration twice in a class", {"attacks.other": {**DEFAULT["attacks"]["pgd"]}, f"{SIGNATURES}.classes.pgd": ["pgd", "other"]},
     f"{SIGNATURES}.classes.pgd[1]: attacks.other has the settings of attacks.pgd in classes.pgd[0], which counts it twice"),
    ("one network as two victims", {"models.vgg_mnist": DEFAULT["models"]["resnet_mnist"]},
     f"{SIGNATURES}.datasets[0].victims[1]: models.vgg_mnist is the same network as models.resnet_mnist: name another entry of models"),
    ("a warm-up longer than the training", {f"{SIGNATURES}.redrl.warmup_epochs": 9},
     f"{SIGNATURES}.redrl.warmup_epochs: 9 is more than the 8 epochs"),
    ("more saliency maps than images", {f"{SIGNATURES}.saliency.example_images": 201, f"{SIGNATURES}.datasets": DEFAULT["studies"]["attack_signatures"]["datasets"][:1]},
     f"{SIGNATURES}.saliency.example_images: 201 is more than the 200 test images of datasets[0]"),
    ("a percentile above all", {f"{SIGNATURES}.saliency.percentile": 101},
     f"{SIGNATURES}.saliency.percentile: must lie in 0 … 100, not 101"),
    # Attacks, trainings, data sets, the store.
    ("a budget in grey levels", {"attacks.pgd_20.epsilon": 8},
     "attacks.pgd_20.epsilon: 8 is more than the width of pixel_range [0, 1]: write 8 of 255 grey levels as 8/255"),
    ("a step wider than the range", {"attacks.igsm.alpha": 3},
     "attacks.igsm.alpha: 3 is more than the width of pixel_range [-1, 1]: write 8 of 255 grey levels as 8/255"),
    ("a training's budget in grey levels", {"trainings.resnet18_adversarial.adversarial.epsilon": 8},
     "trainings.resnet18_adversarial.adversarial.epsilon: 8 is more than 1, the range of pixel values: write 8 of 255 grey levels as 8/255"),
    ("batches larger than the training set", {"trainings.attack_victims.batch_size": 1500},
     "trainings.attack_victims.batch_size: 1500 is more than the 1200 training images of datasets.digits"),
    ("a momentum that nothing reads", {"trainings.attack_victims.optimizer": "adamw", "trainings.attack_victims.momentum": 0.9},
     "trainings.attack_victims.momentum: is not read by adamw: leave it out, or choose sgd_nesterov or sgd_torch"),
    ("an adversarial student", {"models.distilled.training": "resnet18_adversarial"},
     "models.distilled.training: 'resnet18_adversarial' is adversarial, which only a model from scratch can be: leave out teacher and compression, or give it another training"),
    ("a normalisation in grey levels", {"datasets.mnist.mean": [33.3]},
     "datasets.mnist.mean: 333/10 is not in 0 … 1, as pixel values are: divide grey levels by 255"),
    ("a store that is its own upstream", {"store.root": "shared", "store.upstream": ["other", "shared"]},
     "store.upstream[1]: 'shared' is store.root itself: name other people's stores alone"),
]  # fmt: skip


def with_changes(changes: dict[str, object]) -> dict:
    """The default configuration with some keys set."""
    content = copy.deepcopy(DEFAULT)
    for key, value in changes.items():
        *above, last = key.split(".")
        place = content
        for part in above:
            place = place.setdefault(part, {})
        place[last] = copy.deepcopy(value)
    return content


@pytest.mark.parametrize(
    ("changes", "line"), [(each[1], each[2]) for each in REFUSED], ids=[each[0] for each in REFUSED]
)
def test_a_combination_that_cannot_work_is_one_line(changes, line):
    assert lines(with_changes(changes)) == [f"my.yaml: {line}"]


@pytest.mark.parametrize(
    "changes",
    [
        {"models.mine": MINE, "models.other": {**MINE, "weights": "other.pth"}, f"{LOCAL}.standard": "mine", f"{LOCAL}.robust": "other"},
        {"attacks.pgd_20.epsilon": 1, "attacks.igsm.alpha": 2},
        {"trainings.attack_victims.batch_size": 1200},
        {f"{LOCAL}.radius_step": 16, f"{LOCAL}.example_images": 300},
        {"trainings.attack_victims.optimizer": "adamw"},
        {"datasets.mnist.mean": [0], "datasets.mnist.std": [1]},
    ],
)  # fmt: skip
def test_the_limits_themselves_are_accepted(changes):
    assert check(with_changes(changes))
