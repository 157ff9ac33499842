"""Compare weight files with the networks that they are configured for; run networks of other code once; without data.

Reads a JSON list of requests from standard input and writes a JSON list of answers to standard output: the mistake in
each file in one line, or null. Planning runs it as a process of its own, so that planning itself imports no torch:

python -m workflow_scripts.jobs.weight_files < requests.json
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from workflow_scripts.analysis.recognition.perception import Vgg16Features
from workflow_scripts.models.classifier import Classifier, architecture, build_network
from workflow_scripts.models.network_file import check_archive
from workflow_scripts.models.pretrained import aligned, load_pretrained, without_wrappers
from workflow_scripts.models.published_weights import ARCHIVE, UnsuitableFileError, read_archive, read_published

UNREADABLE = (OSError, ValueError, RuntimeError, KeyError, EOFError, UnpicklingError, SafetensorError)
"""What reading a file that holds no weights raises."""
CHANNELS = (3, 1)
"""Channels of images where only the files tell, in the order in which they are tried."""


def mistake(request: dict) -> str | None:
    """What is wrong with the network and the weights that a request names, in one line, or None.

    request: `use`: `finished` (all of a network), `pretrained` (all but a last layer of other classes), `perceptual`
    (VGG16's first three blocks) or `untrained` (no weights). Where there are weights, `file`, their path, and `key`,
    where it has several state dictionaries, and `archive`, whether it is one of the whole network. Of a network,
    `architecture`; `parameters`, further keywords of its build(); `layers`, those named; `code`, the user's folders of
    code; `in_channels`, `classes` and `image_size`, each None where only the data set's files tell; and `mean` and
    `std`, lists of one number or one per channel.
    """
    state = None
    if request["use"] != "untrained" and not request.get("archive"):
        try:
            state = read_published(Path(request["file"]), request.get("key"))
        except UnsuitableFileError as error:
            return _one_line(error)
        except UNREADABLE as error:
            reason = _one_line(error)
            return f"cannot be read as weights ({reason}): give a .safetensors or .pth file of a state dictionary"
    if request["use"] == "perceptual":
        return _refusal(lambda: Vgg16Features(state))
    found = None
    for channels in CHANNELS if request["in_channels"] is None else (request["in_channels"],):
        mistaken = _refusal(lambda channels=channels: _load(request, state, channels))
        if mistaken is None:
            return None
        found = found or mistaken
    return found


def _load(request: dict, state: Mapping[str, Tensor] | None, channels: int) -> None:
    """Load the weights, if any, into the configured network; ValueError where they do not fit, or it cannot be used."""
    classes = request["classes"]
    if classes is None:
        classes = 2 if state is None else _classes_of(request, state, channels)
    if request["use"] == "pretrained":
        network = _network(request, channels, classes)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*meta parameter.*")  # that nothing is copied is the intention
            network.load_published(dict(state), architecture(request["architecture"]).HEAD)
        return
    classifier = make_classifier(request, channels, classes)
    if state is not None:
        load_pretrained(classifier, state)
    if _is_run(request):
        check_usable(classifier, channels, request["image_size"], request["classes"])
        if request.get("archive"):
            check_archive(classifier, channels, request["image_size"])


def make_classifier(request: dict, channels: int, classes: int) -> Classifier:
    """The untrained classifier of a request, or that of its archive, in evaluation mode; ValueError, one line, where it
    cannot be built.
    """
    network = _network(request, channels, classes)
    mean, std = (request[key] * channels if len(request[key]) == 1 else request[key] for key in ("mean", "std"))
    if request.get("archive"):
        network.open(read_archive(Path(request["file"]))[ARCHIVE])
    return Classifier(network, mean, std, layers=request.get("layers"), image_size=request["image_size"]).eval()


def _is_run(request: dict) -> bool:
    """Whether the network is built with its numbers, to be run: the project's own need that only for named layers."""
    given = (request.get("layers"), request.get("archive"))
    return ":" in request["architecture"] or request["use"] == "untrained" or any(given)


def _network(request: dict, channels: int, classes: int) -> nn.Module:
    """The configured network, without numbers where it is not run."""
    sys.path[1:1] = [folder for folder in request.get("code", []) if folder not in sys.path]
    name, size = request["architecture"], request["image_size"]
    with torch.device("cpu" if _is_run(request) else "meta"):
        try:
            return build_network(name, request["parameters"], in_channels=channels, classes=classes, image_size=size)
        except Exception as error:  # of code that is not the project's: anything
            if ":" not in name:
                raise
            shown = f"{type(error).__name__}: {_one_line(error)}"
            raise ValueError(
                f"models.<name>.architecture: {name} cannot be built ({shown}): correct models.<name>.parameters"
            ) from error


@torch.no_grad()
def check_usable(classifier: Classifier, channels: int, size: int, classes: int | None) -> None:
    """ValueError, one line, where a network does not return logits (N, classes), or has no layers to measure."""
    classifier.eval()
    key, images = "models.<name>.architecture", torch.zeros(2, channels, size, size)
    try:
        output = classifier(images)
    except Exception as error:  # of code that is not the project's: anything
        shown = f"{type(error).__name__}: {_one_line(error)}"
        raise ValueError(
            f"{key}: fails for images of {channels} × {size} × {size} ({shown}): choose another"
        ) from error
    if not isinstance(output, Tensor):
        raise ValueError(
            f"{key}: returns a {type(output).__name__}, not logits alone: name a function that builds the network in a "
            "module that returns its logits"
        )
    if output.ndim != 2 or len(output) != len(images):
        raise ValueError(f"{key}: returns a tensor of shape {('N', *output.shape[1:])}, not logits (N, classes)")
    if classes is not None and output.shape[1] != classes:
        raise ValueError(
            f"{key}: returns {output.shape[1]} logits and datasets.<name> has {classes} classes: give it their number "
            "in models.<name>.parameters"
        )
    if not torch.is_floating_point(output) or not output.isfinite().all():
        raise ValueError(f"{key}: returns logits that are not finite numbers: correct its weights")
    classifier.layers  # noqa: B018 - finds them


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
