"""The number of classes before any label is read, and targets of attacks beyond it."""

import numpy as np
import pytest
from PIL import Image

from workflow_scripts.configuration.load import ConfigurationError, check
from workflow_scripts.planning.class_counts import count_classes
from workflow_scripts.planning.studies import make_plan

IMAGES = np.zeros((6, 4, 4, 3), np.uint8)


def entry(source: str, **more):
    content = {"source": source, "split": {"validation": 1, "test": 1}, **more}
    return check({"datasets": {"a": content}, "studies": {}}).datasets["a"]


@pytest.mark.parametrize(
    ("arrays", "classes"),
    [
        ({"labels": np.arange(6) % 3}, None),
        ({"labels": (np.arange(6) % 3)[:, None]}, None),
        ({"labels": (np.arange(6) % 3)[None]}, None),
        ({"labels": np.eye(6, dtype=int)[:, :4]}, 4),
        ({"labels": np.arange(6) % 3, "class_names": np.array(["a", "b", "c", "d", "e"])}, 5),
    ],
)
def test_the_classes_of_arrays_with_names_or_one_hot_labels(tmp_path, arrays, classes):
    np.savez(tmp_path / "mine.npz", images=IMAGES, **arrays)
    assert count_classes(entry("npz", path="mine.npz"), tmp_path) == classes


def test_the_classes_of_folders_and_of_known_sources(tmp_path):
    for name in ("ash", "beech", "yew"):
        (tmp_path / "trees" / name).mkdir(parents=True)
        Image.fromarray(IMAGES[0]).save(tmp_path / "trees" / name / "1.png")
    assert count_classes(entry("folder", path="trees", image_size=4), tmp_path) == 3
    assert count_classes(entry("torchvision:CIFAR100", path="cifar"), tmp_path) == 100
    assert count_classes(entry("sklearn_digits"), tmp_path) == 10


@pytest.mark.parametrize(
    "attack", [{"attack": "pgd", "steps": 1, "alpha": 0.1}, {"attack": "foolbox:LinfPGD", "norm": "linf"}]
)
def test_a_target_beyond_the_classes_is_one_line(configuration, attack):
    configuration["attacks"]["fgsm"] = {**attack, "epsilon": 0.1, "target": 10}
    study = configuration["studies"]["information_flow"]
    configuration["attacks"]["other"] = {"attack": "igsm", "epsilon": 0.1, "alpha": 0.1, "steps": 2, "target": 9}
    study["attacks"], study["trajectory"] = ["fgsm", "other"], {"attacks": ["other"]}
    with pytest.raises(ConfigurationError) as caught:
        make_plan(check(configuration))
    assert str(caught.value) == "attacks.fgsm.target: 10 is no class of datasets.digits, which has 0 to 9"
    configuration["attacks"]["fgsm"]["target"] = 9
    make_plan(check(configuration))
