"""Names that lead nowhere, and combinations that cannot work: found in planning, before any job starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from workflow_scripts.configuration.messages import attack_mistake, nearest
from workflow_scripts.configuration.modules import BrokenModule, Signature, constant, known, signature, takes_any_size
from workflow_scripts.configuration.schema.attacks import BUILT_IN_NAMES, OwnAttack
from workflow_scripts.configuration.schema.data import Dataset
from workflow_scripts.configuration.schema.models import Model, Training
from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.configuration.schema.sources import SOURCES

ATTACK_IS_GIVEN = ("pixel_range", "seed", "indices")
"""Keywords that every attack is called with."""
ATTACK_RESERVED = (*ATTACK_IS_GIVEN, "record", "batch_size", "progress")
BUILD_IS_GIVEN = ("in_channels", "classes", "image_size", "width")
"""Keywords that every build() is called with."""


def references(configuration: Configuration) -> Iterator[str]:
    """Every mistake that a section alone does not show, a line each."""
    for name, dataset in configuration.datasets.items():
        yield from _dataset(f"datasets.{name}", dataset)
    for name, model in configuration.models.items():
        yield from _model(f"models.{name}", model, configuration)
    for name, attack in configuration.attacks.items():
        if attack.attack not in BUILT_IN_NAMES:
            yield from _own_attack(name, attack)


def image_size(dataset: Dataset) -> int | None:
    """The side of a data set's images in pixels; None where only the files tell."""
    return dataset.image_size or SOURCES[dataset.source].size


def split_limits(dataset: Dataset) -> dict[str, int | None]:
    """The most images that the splits `train` and `test` can have; None where only the files tell."""
    facts, wanted = SOURCES[dataset.source], dataset.split
    train = wanted.train
    if train is None and facts.pool is not None:
        train = facts.pool - wanted.validation - (0 if facts.test else wanted.test or 0)
    return {"train": train, "test": wanted.test or facts.test}


def _dataset(where: str, dataset: Dataset) -> Iterator[str]:
    facts, wanted = SOURCES[dataset.source], dataset.split
    for key in ("mean", "std"):
        count = len(getattr(dataset, key))
        if facts.channels is not None and count not in (1, facts.channels):
            allowed = "1 number" if facts.channels == 1 else f"1 or {facts.channels} numbers"
            yield f"{where}.{key}: has {count} numbers, but images of {dataset.source} take {allowed}"
        elif count not in (1, 3):
            yield f"{where}.{key}: has {count} numbers: give 1, or 3 for colour images"
    if facts.test is not None and (wanted.test or 0) > facts.test:
        yield f"{where}.split.test: {wanted.test} is more than the {facts.test} test images of {dataset.source}"
    if facts.pool is None:
        return
    parts = {"train": wanted.train, "validation": wanted.validation, "test": None if facts.test else wanted.test}
    total = sum(count or 0 for count in parts.values())
    if total > facts.pool or (total == facts.pool and wanted.train is None):
        said = " + ".join(f"{part} {count}" for part, count in parts.items() if count is not None)
        kind = "training images" if facts.test else "images"
        if wanted.train is None:
            yield f"{where}.split: {said} leaves no image to train on: {dataset.source} has {facts.pool} {kind}"
        else:
            yield f"{where}.split: {said} = {total} is more than the {facts.pool} {kind} of {dataset.source}"


def _model(where: str, model: Model, configuration: Configuration) -> Iterator[str]:
    dataset = configuration.datasets.get(model.dataset)
    training = configuration.trainings.get(model.training)
    if dataset is None:
        yield f"{where}.dataset: {no_entry('datasets', model.dataset, configuration.datasets)}"
    if training is None and model.training is not None:
        yield f"{where}.training: {no_entry('trainings', model.training, configuration.trainings)}"
    yield from repeated(f"{where}.seeds", model.seeds)
    yield from _origin(where, model, configuration)
    try:
        build = signature("models", model.architecture)
    except BrokenModule as error:
        yield f"{where}.architecture: {error}"
        return
    if build is None:
        close = nearest(model.architecture, known("models"))
        yield f"{where}.architecture: no architecture {model.architecture!r}{close}"
        return
    yield from _architecture(f"{where}.architecture", model.architecture, build)
    if model.pretrained_weights is not None and constant("models", model.architecture, "HEAD") is None:
        able = ", ".join(name for name in known("models") if constant("models", name, "HEAD") is not None)
        yield f"{where}.pretrained_weights: {model.architecture} has no published weights (architectures that do: {able})"
    function = f"build() of {model.architecture}"
    for key in model.parameters:
        yield from _parameter(f"{where}.parameters.{key}", key, build, BUILD_IS_GIVEN, function)
    yield from _lacking(f"{where}.parameters", [*BUILD_IS_GIVEN, *model.parameters], build, function)
    if dataset is not None:
        yield from _sizes(where, model, dataset, training)


def _origin(where: str, model: Model, configuration: Configuration) -> Iterator[str]:
    """The model that this one is trimmed from or taught by."""
    trimmed = model.compression is not None
    key = f"{where}.compression.model" if trimmed else f"{where}.teacher"
    name = model.compression.model if trimmed else model.teacher
    if name is None:
        return
    origin = configuration.models.get(name)
    if origin is None:
        yield f"{key}: {no_entry('models', name, configuration.models)}"
        return
    if origin.dataset != model.dataset:
        yield f"{key}: {name} is for datasets.{origin.dataset}, and this model for datasets.{model.dataset}"
    if trimmed:
        yield from _trimmable(where, key, model, origin, configuration)
    seen = [where.removeprefix("models.")]
    while name in configuration.models:
        if name in seen:
            yield f"{key}: goes in a circle: {' → '.join([*seen, name])}"
            return
        seen.append(name)
        origin = configuration.models[name]
        name = origin.compression.model if origin.compression is not None else origin.teacher


def _trimmable(where: str, key: str, model: Model, origin: Model, configuration: Configuration) -> Iterator[str]:
    if origin.architecture != model.architecture:
        yield f"{where}.architecture: must be that of {key}, {origin.architecture}, not {model.architecture}"
    elif constant("models", model.architecture, "SIZES") is None:
        able = ", ".join(name for name in known("models") if constant("models", name, "SIZES") is not None)
        yield f"{where}.architecture: {model.architecture} cannot be trimmed (architectures that can: {able})"
    if model.width != 1 or model.parameters:
        given = "width" if model.width != 1 else "parameters"
        yield f"{where}.{given}: a trimmed model has what {key} has: leave it out"
    training = configuration.trainings.get(model.training)
    if training is not None and training.auxiliary_batch_norm:
        yield f"{where}.training: auxiliary_batch_norm would undo kept weights: give a trimmed model another training"


def _architecture(where: str, name: str, build: Signature) -> Iterator[str]:
    for keyword in BUILD_IS_GIVEN:
        if not build.takes(keyword):
            yield f"{where}: build() of {name} must take the keyword {keyword}, which every architecture is given"
    if constant("models", name, "INITIALISATION") is None:
        yield f"{where}: workflow_scripts/models/{name}.py must set INITIALISATION to 'kaiming' or 'lsuv'"


def _sizes(where: str, model: Model, dataset: Dataset, training: Training | None) -> Iterator[str]:
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


def _own_attack(name: str, attack: OwnAttack) -> Iterator[str]:
    mistake = attack_mistake(name, attack.attack)
    if mistake is not None:
        yield mistake
        return
    found, where, function = signature("attacks", attack.attack), f"attacks.{name}", f"attack() of {attack.attack}"
    for keyword in ATTACK_IS_GIVEN:
        if not found.takes(keyword):
            yield f"{where}.attack: {function} must take the keyword {keyword}, which every attack is given"
    for key in attack.parameters:
        yield from _parameter(f"{where}.parameters.{key}", key, found, ATTACK_RESERVED, function)
    given = [*found.positional, *ATTACK_RESERVED, *attack.parameters]
    yield from _lacking(f"{where}.parameters", given, found, function)


def _parameter(where: str, key: str, found: Signature, reserved: Sequence[str], function: str) -> Iterator[str]:
    if key in reserved:
        yield f"{where}: is set by the workflow: leave it out"
    elif not found.takes(key):
        free = [keyword for keyword in found.keywords if keyword not in (*reserved, *found.positional)]
        yield f"{where}: {function} has no keyword {key!r}{nearest(key, free)}"


def _lacking(where: str, given: Sequence[str], found: Signature, function: str) -> Iterator[str]:
    for keyword in found.required:
        if keyword not in given:
            yield f"{where}.{keyword}: is missing: {function} has no default for it"


def no_entry(section: str, name: str, entries: Iterable[str]) -> str:
    return f"{section} has no entry {name!r}{nearest(name, entries)}"


def repeated(where: str, values: Sequence) -> Iterator[str]:
    for index, value in enumerate(values):
        if value in values[:index]:
            yield f"{where}[{index}]: {value!r} is given twice"
