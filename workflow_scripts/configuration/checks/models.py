"""Models: entries that lead nowhere, and origins and trainings that do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_scripts.configuration.checks.architectures import architecture_mistakes
from workflow_scripts.configuration.checks.datasets import split_limits
from workflow_scripts.configuration.checks.names import no_entry, repeated
from workflow_scripts.configuration.modules import constant, known
from workflow_scripts.configuration.schema.models import Model
from workflow_scripts.configuration.schema.root import Configuration


def model_mistakes(name: str, configuration: Configuration) -> Iterator[str]:
    """Mistakes in the entry `models.<name>` that its section alone does not show."""
    where, model = f"models.{name}", configuration.models[name]
    dataset = configuration.datasets.get(model.dataset)
    training = configuration.trainings.get(model.training)
    if dataset is None:
        yield f"{where}.dataset: {no_entry('datasets', model.dataset, configuration.datasets)}"
    if training is None and model.training is not None:
        yield f"{where}.training: {no_entry('trainings', model.training, configuration.trainings)}"
    yield from repeated(f"{where}.seeds", model.seeds)
    yield from _origin(where, model, configuration)
    if training is not None:
        yield from _training_mistakes(where, model, configuration)
    yield from architecture_mistakes(where, model, dataset, training)


def other_dataset(key: str, name: str, other: str, configuration: Configuration) -> Iterator[str]:
    """A message where the model `name`, given at `key`, and the model `other` are for different data sets."""
    models = configuration.models
    if name in models and other in models:
        first, second = models[name].dataset, models[other].dataset
        if first != second and {first, second} <= configuration.datasets.keys():
            yield (
                f"{key}: models.{name} is for datasets.{first}, and models.{other} for datasets.{second}: "
                "name a model for the same images"
            )


def is_robust(name: str, configuration: Configuration) -> bool:
    """Whether a model's training is adversarial."""
    training = configuration.trainings.get(configuration.models[name].training)
    return training is not None and training.adversarial is not None


def _training_mistakes(where: str, model: Model, configuration: Configuration) -> Iterator[str]:
    """A training that this model cannot have, or that its data set has too few images for."""
    training = configuration.trainings[model.training]
    derived = model.teacher is not None or model.compression is not None
    if derived and training.adversarial is not None:
        yield (
            f"{where}.training: {model.training!r} is adversarial, which only a model from scratch can be: "
            "leave out teacher and compression, or give it another training"
        )
    dataset = configuration.datasets.get(model.dataset)
    most = None if dataset is None else split_limits(dataset)["train"]
    if most is not None and most > 0 and training.batch_size > most:
        yield (
            f"trainings.{model.training}.batch_size: {training.batch_size} is more than the {most} training images of "
            f"datasets.{model.dataset}"
        )


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
    yield from other_dataset(key, name, where.removeprefix("models."), configuration)
    if trimmed:
        yield from _trimmable(where, key, model, origin, configuration)
    seen = [where.removeprefix("models.")]
    while name in configuration.models:
        if name in seen:
            yield f"{key}: is circular: {' → '.join([*seen, name])}"
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
    inherited = {"width": model.width != 1, "parameters": model.parameters, "layers": model.layers}
    inherited |= {"mean": model.mean, "std": model.std}
    for given in (key for key, value in inherited.items() if value):
        yield f"{where}.{given}: a trimmed model has what {key} has: leave it out"
    training = configuration.trainings.get(model.training)
    if training is not None and training.auxiliary_batch_norm:
        yield f"{where}.training: auxiliary_batch_norm would undo kept weights: give a trimmed model another training"
