"""Show the layers of a model that the analyses measure, before anything runs.

python -m workflow_scripts.commands.layers --configfile config/mine.yaml MODEL
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workflow_scripts.commands.configuration_options import (
    DEFAULT_CONFIGURATION,
    add_configuration_options,
    load_configuration,
)
from workflow_scripts.configuration.load import ConfigurationError
from workflow_scripts.configuration.messages import nearest
from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.planning.network_parameters import network_parameters
from workflow_scripts.planning.weight_files import network_request

FOUND = {
    "named": "as the architecture or the configuration names them",
    "plain": "found: every convolution with what follows it up to the next",
    "residual": "found: the first convolution and the stages of a residual network",
    "dense": "found: the first convolution and the blocks of a densely connected network",
    "transformer": "found: the blocks of a transformer, their tokens as maps",
}

CLASSES = 10
"""Where only the data set's files tell; the layers that are measured do not depend on it."""


def layers_table(model: str, configuration: Configuration, side: int | None = None, channels: int | None = None) -> str:
    """The layers of a configured model as Markdown: name, class of the module, shape (C, H, W) of the feature maps.

    side, channels: of the images, where only the data set's files tell. ConfigurationError, one line, where the network
    cannot be built or has no layers.
    """
    request = _request(model, configuration, side, channels)
    from workflow_scripts.jobs.network_layers import (
        network_layers,
    )  # imports torch, which a mistake above does not need

    try:
        found, layers = network_layers(request, request["classes"] or CLASSES)
    except (ValueError, OSError) as error:
        raise ConfigurationError(" ".join(str(error).split()).replace("models.<name>", f"models.{model}")) from error
    rows = [f"| `{name}` | {kind} | {' × '.join(map(str, shape))} |" for name, kind, shape in layers]
    images = f"{request['in_channels']} × {request['image_size']} × {request['image_size']}"
    title = f"{model}, images of {images}; layers {FOUND[found]}:"
    return "\n".join([title, "", "| layer | module | feature maps |", "|---|---|---|", *rows])


def _request(model: str, configuration: Configuration, side: int | None, channels: int | None) -> dict:
    """A model's network as the check of networks is asked about it, with the sizes of images filled in."""
    if model not in configuration.models:
        raise ConfigurationError(f"models has no entry {model!r}{nearest(model, configuration.models)}")
    entry = configuration.models[model]
    while entry.compression is not None:  # a trimmed network has the layers of the one that it is trimmed from
        model = entry.compression.model
        entry = configuration.models[model]
    dataset = configuration.datasets[entry.dataset]
    network, _ = network_parameters(model, configuration)
    request = {**network_request(network, dataset.source, side or dataset.image_size), "use": "untrained"}
    request["in_channels"] = request["in_channels"] or channels
    for key, option in (("in_channels", "--channels"), ("image_size", "--image-size")):
        if request[key] is None:
            raise ConfigurationError(
                f"datasets.{entry.dataset}: only its files tell the size of its images: give {option}"
            )
    if request["archive"]:
        request["file"] = str(Path(configuration.execution.data) / entry.weights)
    return request | {"code": list(configuration.execution.code)}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.commands.layers", description=__doc__.split("\n")[0]
    )
    add_configuration_options(parser)
    parser.add_argument("model", metavar="MODEL", help="an entry of models")
    parser.add_argument("--image-size", type=int, help="side of the images in pixels, where only their files tell")
    parser.add_argument("--channels", type=int, help="channels of the images, where only their files tell")
    options = parser.parse_args(arguments)
    try:
        path = options.configfile[-1] if options.configfile else DEFAULT_CONFIGURATION
        configuration = load_configuration(path, options.config)
        print(layers_table(options.model, configuration, options.image_size, options.channels))
    except ConfigurationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
