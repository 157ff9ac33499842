"""Architectures: modules that cannot be built as configured, and images that they cannot take."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_scripts.configuration.checks.datasets import image_size
from workflow_scripts.configuration.checks.keywords import keyword_mistakes
from workflow_scripts.configuration.messages import nearest
from workflow_scripts.configuration.modules import (
    BrokenModule,
    constant,
    is_archive,
    known,
    signature,
    takes_any_size,
)
from workflow_scripts.configuration.network_callables import (
    FILLED_IN,
    callable_mistake,
    callable_signature,
    is_callable,
)
from workflow_scripts.configuration.schema.data import Dataset
from workflow_scripts.configuration.schema.models import Model, Training

BUILD_IS_GIVEN = ("in_channels", "classes", "image_size", "width")
"""Keywords that every build() is called with."""


def architecture_mistakes(
    where: str, model: Model, dataset: Dataset | None, training: Training | None
) -> Iterator[str]:
    """Mistakes in the architecture of the model at the key `where`, its parameters, and the images that it is given."""
    name = model.architecture
    try:
        if is_callable(name):
            yield from _callable_mistakes(where, model, dataset, training)
            return
        build = signature("models", name)
    except BrokenModule as error:
        yield f"{where}.architecture: {error}"
        return
    if build is None:
        yield f"{where}.architecture: no architecture {name!r}{nearest(name, known('models'))}"
        return
    function = f"build() of {name}"
    for keyword in BUILD_IS_GIVEN:
        if not build.takes(keyword):
            yield (
                f"{where}.architecture: {function} must take the keyword {keyword}, which every architecture is given"
            )
    has_start = model.weights is not None or model.initialisation is not None
    if constant("models", name, "INITIALISATION") is None and not has_start and not is_archive(name):
        yield f"{where}.architecture: workflow_scripts/models/{name}.py must set INITIALISATION to 'kaiming' or 'lsuv'"
    if model.pretrained_weights is not None and constant("models", name, "HEAD") is None:
        able = ", ".join(each for each in known("models") if constant("models", each, "HEAD") is not None)
        yield f"{where}.pretrained_weights: {name} has no published weights (architectures that do: {able})"
    yield from keyword_mistakes(f"{where}.parameters", model.parameters, build, function, reserved=BUILD_IS_GIVEN)
    yield from _archive_mistakes(where, model)
    if dataset is not None:
        yield from _size_mistakes(where, model, dataset, training)


def _archive_mistakes(where: str, model: Model) -> Iterator[str]:
    """Mistakes with a network that is given as an archive, and with an archive that is given as weights."""
    content = constant("models", model.architecture, "ARCHIVE")
    is_export = model.weights is not None and model.weights.endswith(".pt2")
    if content is None:
        if is_export:
            yield f"{where}.architecture: {model.weights} holds a whole network: set it to torch_export"
        return
    if model.weights is None:
        yield f"{where}.weights: is missing: {model.architecture} is a finished network in {content}: give its file"
    elif is_export != (model.architecture == "torch_export"):
        other = "torch_export" if is_export else "torchscript, or name a .pt2 file in weights"
        yield f"{where}.architecture: {model.weights} is not {content} (by its name): set it to {other}"
    unread = {"width": model.width != 1, "weights_key": model.weights_key is not None}
    for key in (key for key, given in unread.items() if given):
        yield f"{where}.{key}: has no effect on {content}: leave it out"


def _callable_mistakes(where: str, model: Model, dataset: Dataset | None, training: Training | None) -> Iterator[str]:
    """Mistakes with a network that is named as `module:callable`."""
    name = model.architecture
    mistake = callable_mistake(name)
    if mistake is not None:
        yield f"{where}.architecture: {mistake}"
        return
    if model.width != 1:
        yield f"{where}.width: is for the project's own architectures: give {name} its sizes in {where}.parameters"
    if model.pretrained_weights is not None:
        able = ", ".join(each for each in known("models") if constant("models", each, "HEAD") is not None)
        yield f"{where}.pretrained_weights: {name} cannot start from weights (architectures that can: {able})"
    if training is not None and training.auxiliary_batch_norm:
        yield (
            f"{where}.training: auxiliary_batch_norm of trainings.{model.training} is for the project's own "
            f"architectures: give {name} another training"
        )
    yield from _archive_mistakes(where, model)
    found = callable_signature(name)
    if found is not None:
        for mistake in keyword_mistakes(f"{where}.parameters", model.parameters, found, name, reserved=()):
            if not any(mistake.startswith(f"{where}.parameters.{key}: is missing") for key in FILLED_IN):
                yield mistake
    if dataset is not None:
        yield from _size_mistakes(where, model, dataset, training)


def _size_mistakes(where: str, model: Model, dataset: Dataset, training: Training | None) -> Iterator[str]:
    """Images and crops that a network cannot take."""
    size, least = image_size(dataset), constant("models", model.architecture, "SMALLEST_IMAGE") or 1
    if size is not None and size < least:
        yield (
            f"{where}.architecture: {model.architecture} takes images of {least} pixels or more, and "
            f"datasets.{model.dataset} has {size}: set datasets.{model.dataset}.image_size to {least}"
        )
        return
    if training is None:
        return
    trained, images = f"trainings.{model.training}", f"the images of datasets.{model.dataset}"
    if training.auxiliary_batch_norm and constant("models", model.architecture, "BATCH_NORM"):
        yield (
            f"{where}.training: {model.architecture} has batch norms of its own, and {trained} adds some "
            f"(auxiliary_batch_norm): give it another training"
        )
    if size is not None and training.shift >= size:
        yield f"{trained}.shift: {training.shift} is too far for {images}, which have {size} pixels"
    for index, stage in enumerate(training.crop_stages):
        crop = f"{trained}.crop_stages[{index}].size"
        if size is not None and stage.size > size:
            yield f"{crop}: {stage.size} is larger than {images}, which have {size} pixels"
        elif stage.size < least:
            yield f"{crop}: {stage.size} is too small: {model.architecture} takes {least} pixels or more"
        elif stage.size != size and not takes_any_size(model.architecture):
            able = ", ".join(name for name in known("models") if takes_any_size(name))
            yield (
                f"{where}.training: {model.training!r} trains on crops, but {model.architecture} takes one size of "
                f"image alone: choose a training without crop_stages (architectures of any size: {able})"
            )
            return
