"""Compare weight files with the networks that they are configured for, without any data.

Reads a JSON list of requests from standard input and writes a JSON list of answers to standard output: the mistake in
each file in one line, or null. Planning runs it as a process of its own, so that planning itself imports no torch:

python -m workflow_scripts.jobs.weight_files < requests.json
"""

from __future__ import annotations

import json
import pickle
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from workflow_scripts.analysis.recognition.perception import Vgg16Features
from workflow_scripts.models.classifier import Classifier, architecture
from workflow_scripts.models.pretrained import aligned, load_pretrained, without_wrappers
from workflow_scripts.models.published_weights import UnsuitableFileError, read_published

UNREADABLE = (OSError, ValueError, RuntimeError, KeyError, EOFError, pickle.UnpicklingError, SafetensorError)
"""What reading a file that holds no weights raises."""
CHANNELS = (3, 1)
"""Channels of images where only the files tell, in the order in which they are tried."""


def mistake(request: dict) -> str | None:
    """What is wrong with the weights that a request names, in one line, or None.

    request: `file`, its path; `key`, where it has several state dictionaries; `use`: `finished` (all of a network),
    `pretrained` (all but a last layer of other classes) or `perceptual` (VGG16's first three blocks). A network has also
    `architecture`; `parameters`, further keywords of its build(); `in_channels`, `classes` and `image_size`, each None
    where only the data set's files tell; and `mean` and `std`, lists of one number or one per channel.
    """
    try:
        state = read_published(Path(request["file"]), request.get("key"))
    except UnsuitableFileError as error:
        return _one_line(error)
    except UNREADABLE as error:
        return f"cannot be read as weights ({_one_line(error)}): give a .safetensors or .pth file of a state dictionary"
    if request["use"] == "perceptual":
        return _refusal(lambda: Vgg16Features(state))
    found = None
    for channels in CHANNELS if request["in_channels"] is None else (request["in_channels"],):
        mistaken = _refusal(lambda channels=channels: _load(request, state, channels))
        if mistaken is None:
            return None
        found = found or mistaken
    return found


def _load(request: dict, state: Mapping[str, Tensor], channels: int) -> None:
    """Load the weights into the configured network; ValueError where they do not fit."""
    classes = request["classes"]
    if classes is None:
        classes = _classes_of(request, state, channels)
    network = _network(request, channels, classes)
    if request["use"] == "pretrained":
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*meta parameter.*")  # that nothing is copied is the intention
            network.load_published(dict(state), architecture(request["architecture"]).HEAD)
        return
    mean, std = (request[key] * channels if len(request[key]) == 1 else request[key] for key in ("mean", "std"))
    load_pretrained(Classifier(network, mean, std), state)


def _network(request: dict, channels: int, classes: int) -> nn.Module:
    """The configured network, with shapes and without numbers."""
    with torch.device("meta"):
        return architecture(request["architecture"]).build(
            in_channels=channels, classes=classes, image_size=request["image_size"], **request["parameters"]
        )


def _classes_of(request: dict, state: Mapping[str, Tensor], channels: int) -> int:
    """The number of classes that the weights are for, as the layer tells whose shape depends on it; or else 2."""
    two, three = (without_wrappers(_network(request, channels, classes).state_dict()) for classes in (2, 3))
    given = aligned(two, state)
    for name, tensor in two.items():
        if tensor.shape != three[name].shape and name in given and given[name].ndim > 0:
            return len(given[name])
    return 2


def _refusal(load: Callable[[], object]) -> str | None:
    """What loading says against the weights, in one line, or None."""
    try:
        load()
    except (ValueError, RuntimeError) as error:
        return _one_line(error)
    return None


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def main() -> None:
    """Answer the requests on standard input."""
    json.dump([mistake(request) for request in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
