"""Mistakes in the attack_signatures study: one line each."""

# ruff: noqa: E501  (the expected lines stand here as they are shown)

from __future__ import annotations

import copy

import pytest
from mistaken import DEFAULT

from workflow_scripts.configuration.load import ConfigurationError, check

STUDY = "studies.attack_signatures"
MISTAKES = [
    (("datasets", 0, "dataset"), "mnist_smal",
     [f"{STUDY}.datasets[0].dataset: datasets has no entry 'mnist_smal'; did you mean 'mnist_small'?",
      f"{STUDY}.datasets[0].victims[0]: models.resnet_mnist is for datasets.mnist_small, not for mnist_smal",
      f"{STUDY}.datasets[0].victims[1]: models.vgg_mnist is for datasets.mnist_small, not for mnist_smal"]),
    (("datasets", 1, "victims"), ["resnet_mnist", "vgg"],
     [f"{STUDY}.datasets[1].victims[0]: models.resnet_mnist is for datasets.mnist_small, not for digits",
      f"{STUDY}.datasets[1].victims[1]: models has no entry 'vgg'; did you mean 'vgg_digits'?"]),
    (("datasets", 0, "test"), 1001, [f"{STUDY}.datasets[0].test: 1001 is more than the 1000 test images of datasets.mnist_small"]),
    (("datasets", 0, "train"), 3001, [f"{STUDY}.datasets[0].train: 3001 is more than the 3000 train images of datasets.mnist_small"]),
    (("datasets", 1, "paper"), "cifar10", [f"{STUDY}.datasets[1].paper: 'cifar10' is that of datasets[0] already: leave it out"]),
    (("classes", "pgd"), ["pgdd"], [f"{STUDY}.classes.pgd[0]: attacks has no entry 'pgdd'; did you mean 'pgd'?"]),
    (("classes", "pgd"), ["patch"], [f"{STUDY}.classes.patch[0]: 'patch' is in {STUDY}.classes.pgd[0] already"]),
    (("classes", "clean"), ["pgd"], [f"{STUDY}.classes: 'clean' is the class of images without an attack, which is always there: leave it out or rename it"]),
    (("classes", "misclassified"), ["pgd"], [f"{STUDY}.classes: 'misclassified' is the class of clean images that a victim gets wrong, which saliency is compared with: leave it out or rename it"]),
    (("classes", "pgd"), [], [f"{STUDY}.classes.pgd: names no configuration"]),
    (("saliency_attacks",), {"pgd": "patch"}, [f"{STUDY}.saliency_attacks.pgd: 'patch' is not among classes.pgd"]),
    (("redrl", "milestones"), [8, 6], [f"{STUDY}.redrl.milestones: must ascend, not [8, 6]"]),
    (("redrl", "milestones"), [8], [f"{STUDY}.redrl.milestones: 8 never comes: the training has 8 epochs"]),
    (("redrl", "perceptual_weights"), "/vgg.pth",
     [f"{STUDY}.redrl.perceptual_weights: '/vgg.pth' must lie below execution.data: relative, without '..'"]),
]  # fmt: skip


def lines(content):
    with pytest.raises(ConfigurationError) as caught:
        check(content, "my.yaml")
    return [line.removeprefix("my.yaml: ") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize(("key", "value", "expected"), MISTAKES, ids=[str(key) for key, _, _ in MISTAKES])
def test_a_mistake_is_one_line(key, value, expected):
    content = copy.deepcopy(DEFAULT)
    place = content["studies"]["attack_signatures"]
    for step in key[:-1]:
        place = place[step]
    place[key[-1]] = value
    assert lines(content) == expected


def test_a_stored_quantisation_leaves_no_other_to_compare():
    content = copy.deepcopy(DEFAULT)
    content["attacks"]["pgd"]["quantisation"] = "truncate"
    (line,) = lines(content)
    assert line.startswith(f"{STUDY}.classes.pgd[0]: attacks.pgd is stored with quantisation truncate")
    content["studies"]["attack_signatures"]["compared_quantisations"] = ["truncate"]
    assert check(content)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ("vgg", "models.vgg_mnist.pretrained_weights: 'vgg' is neither a file (.safetensors, .pth, .pt, .th, "
         ".tar, .ckpt, .bin, .model, .pkl, .pt2) nor a name of torchvision's weights (such as ResNet50_Weights.IMAGENET1K_V1)"),
        ("../vgg.pth", "models.vgg_mnist.pretrained_weights: '../vgg.pth' must lie below execution.data: relative, without '..'"),
    ],
)  # fmt: skip
def test_weights_that_are_neither_file_nor_name(weights, expected):
    content = copy.deepcopy(DEFAULT)
    content["models"]["vgg_mnist"]["pretrained_weights"] = weights
    assert lines(content) == [expected]


def test_an_architecture_without_published_weights_starts_from_none():
    content = copy.deepcopy(DEFAULT)
    content["models"]["good_init"]["pretrained_weights"] = "VGG16_Weights.IMAGENET1K_V1"
    (line,) = lines(content)
    assert line == (
        "models.good_init.pretrained_weights: good_init has no published weights (architectures that do: densenet121, "
        "resnet50, resnext50_32x4d, vgg19_bn)"
    )


def test_a_patch_has_to_fit_its_images():
    content = copy.deepcopy(DEFAULT)
    content["attacks"]["patch"]["size"] = 17
    assert lines(content) == [
        f"attacks.patch.size: 17 is larger than the images of datasets.{name}, which have 16 pixels"
        for name in ("mnist_small", "digits")
    ]
