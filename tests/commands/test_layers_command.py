"""The command that shows a model's layers before anything runs."""

# ruff: noqa: E501  (an entry of a configuration per line)

from __future__ import annotations

import pytest
import yaml

from workflow_scripts.commands.layers import main

CONTENT = {
    "datasets": {
        "digits": {"source": "sklearn_digits", "split": {"test": 300}},
        "own": {"source": "npz", "path": "images.npz"},
    },
    "trainings": {"short": {"epochs": 1}},
    "models": {
        "plain": {"architecture": "good_init", "dataset": "digits", "training": "short"},
        "small": {"architecture": "good_init", "dataset": "digits", "training": "short", "compression": {"model": "plain"}},
        "residual": {"architecture": "torchvision:resnet18", "dataset": "own", "weights": "not_there.pth"},
        "named": {"architecture": "torchvision:resnet18", "dataset": "digits", "training": "short", "layers": ["layer[12]"]},
        "wrong": {"architecture": "torchvision:resnet18", "dataset": "digits", "training": "short", "layers": ["layer7"]},
    },
    "attacks": {},
    "studies": {},
}  # fmt: skip


@pytest.fixture
def shown(tmp_path, capsys):
    """The exit status, output and errors of the command for a model of CONTENT."""
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(CONTENT))

    def run(*arguments: str) -> tuple[int, list[str], str]:
        status = main(["--configfile", str(path), *arguments])
        out, err = capsys.readouterr()
        return status, out.splitlines(), err

    return run


def test_the_layers_that_an_architecture_names(shown):
    status, lines, _ = shown("plain")
    assert status == 0 and lines[0].startswith("plain, images of 1 × 8 × 8; layers as the architecture")
    assert lines[4] == "| `conv1` | Sequential | 32 × 8 × 8 |" and len(lines) == 4 + 15
    assert shown("small")[1][4:] == lines[4:]


def test_the_layers_that_are_found_without_data_or_weights(shown):
    status, lines, _ = shown("residual", "--image-size", "64", "--channels", "3")
    assert status == 0 and "found: the first convolution and the stages" in lines[0]
    assert [line.split("|")[1].strip() for line in lines[4:]] == [
        "`conv1`", "`layer1`", "`layer2`", "`layer3`", "`layer4`"
    ]  # fmt: skip
    assert lines[5] == "| `layer1` | Sequential | 64 × 16 × 16 |"


def test_the_layers_that_the_configuration_names(shown):
    _, lines, _ = shown("named")
    assert [line.split("|")[1].strip() for line in lines[4:]] == ["`layer1`", "`layer2`"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["residual"], "error: datasets.own: only its files tell the size of its images: give --channels\n"),
        (["residual", "--channels", "3"], "error: datasets.own: only its files tell the size of its images: give --image-size\n"),
        (["wrong"], "error: models.wrong.layers: 'layer7' matches no submodule; did you mean 'layer4'?\n"),
        (["plane"], "error: models has no entry 'plane'; did you mean 'plain'?\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_one_line(shown, arguments, said):
    status, lines, error = shown(*arguments)
    assert status == 1 and lines == [] and error == said
