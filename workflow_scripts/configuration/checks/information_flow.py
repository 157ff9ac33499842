"""Mistakes in the information_flow study: names, origins of models, and numbers of images."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_scripts.configuration.checks.datasets import split_limits
from workflow_scripts.configuration.checks.models import other_dataset
from workflow_scripts.configuration.checks.names import no_entry, repeated
from workflow_scripts.configuration.messages import nearest
from workflow_scripts.configuration.modules import BrokenModule, signature
from workflow_scripts.configuration.schema.attacks import FROM_FILE
from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.configuration.schema.studies import InformationFlow

WHERE = "studies.information_flow"


def information_flow_mistakes(configuration: Configuration) -> Iterator[str]:
    """Every mistake in the section that it does not show alone, one line each."""
    study, where = configuration.studies.information_flow, WHERE
    for key in (
        "models",
        "attacks",
        "path_attacks",
        "model_attacks",
        "trajectory.attacks",
        "controls",
        "sensitivity.buckets",
        "sensitivity.sides",
    ):
        yield from repeated(f"{where}.{key}", _value(study, key))
    for key, name in _models(study):
        if name not in configuration.models:
            yield f"{where}.{key}: {no_entry('models', name, configuration.models)}"
    for key, name in _attacks(study):
        if name not in configuration.attacks:
            yield f"{where}.{key}: {no_entry('attacks', name, configuration.attacks)}"
    chosen = [(f"path_attacks[{i}]", name) for i, name in enumerate(study.path_attacks)]
    chosen += [(f"trajectory.attacks[{i}]", name) for i, name in enumerate(study.trajectory.attacks)]
    for key, name in chosen:
        if name not in study.attacks:
            yield f"{where}.{key}: {name!r} is not among {where}.attacks{nearest(name, study.attacks)}"
    yield from _recording(where, study, configuration)
    yield from _origins(where, study, configuration)
    yield from _enough_images(where, study, configuration)
    yield from _distillation(where, study, configuration)


def _value(study: InformationFlow, key: str) -> list:
    part: object = study
    for name in key.split("."):
        part = getattr(part, name)
    return part


def _models(study: InformationFlow) -> Iterator[tuple[str, str]]:
    """Key and name of every model that the study looks at."""
    yield "original", study.original
    if study.compressed is not None:
        yield "compressed", study.compressed
    if study.distillation is not None:
        yield "distillation.model", study.distillation.model
    yield from ((f"models[{i}]", name) for i, name in enumerate(study.models))


def _attacks(study: InformationFlow) -> Iterator[tuple[str, str]]:
    for key in ("attacks", "model_attacks"):
        yield from ((f"{key}[{i}]", name) for i, name in enumerate(getattr(study, key)))
    if study.distillation is not None:
        yield from ((f"distillation.{key}", getattr(study.distillation, key)) for key in ("regular", "adaptive"))
        yield from ((f"distillation.others[{i}]", name) for i, name in enumerate(study.distillation.others))


def _recording(where: str, study: InformationFlow, configuration: Configuration) -> Iterator[str]:
    for index, name in enumerate(study.trajectory.attacks):
        followed = configuration.attacks.get(name)
        if followed is not None and not _records(followed.attack):
            attacks = configuration.attacks
            able = [each for each in study.attacks if each in attacks and _records(attacks[each].attack)]
            yield (
                f"{where}.trajectory.attacks[{index}]: {name!r} does not record its intermediate inputs "
                f"(its function takes no keyword record); choose one of {', '.join(able) or 'another attack'}"
            )


def _records(attack: str) -> bool:
    if ":" in attack or attack == FROM_FILE:
        return False
    try:
        found = signature("attacks", attack)
    except BrokenModule:
        return True
    return found is None or found.takes("record")


def _origins(where: str, study: InformationFlow, configuration: Configuration) -> Iterator[str]:
    """The compressed model is trimmed from the original, and the distilled one has a teacher; all see one data set."""
    models = configuration.models
    small = models.get(study.compressed or "")
    if small is not None and (small.compression is None or small.compression.model != study.original):
        yield f"{where}.compressed: models.{study.compressed} is not trimmed from {study.original}: set its compression"
    if study.distillation is not None:
        taught = models.get(study.distillation.model)
        if taught is not None and taught.teacher is None:
            yield f"{where}.distillation.model: models.{study.distillation.model} has no teacher"
    first_keys: dict[str, str] = {}
    for key, name in _models(study):
        first_keys.setdefault(name, key)
    for name, key in first_keys.items():
        yield from other_dataset(f"{where}.{key}", name, study.original, configuration)


def _distillation(where: str, study: InformationFlow, configuration: Configuration) -> Iterator[str]:
    """The adaptive attack differs from the regular one."""
    if study.distillation is None:
        return
    regular, adaptive = study.distillation.regular, study.distillation.adaptive
    attacks = configuration.attacks
    if regular == adaptive or (regular in attacks and attacks[regular] == attacks.get(adaptive)):
        yield (
            f"{where}.distillation.adaptive: {adaptive!r} is the same attack as the regular one: "
            "name one with the temperature of the distilled model's training"
        )


def _enough_images(where: str, study: InformationFlow, configuration: Configuration) -> Iterator[str]:
    models = [configuration.models.get(name) for _, name in _models(study)]
    used = {model.dataset for model in models if model is not None}
    for name in sorted(used & set(configuration.datasets)):
        limits = split_limits(configuration.datasets[name])
        for key, part, kind in (("images", "test", "test"), ("profile_images", "train", "training")):
            wanted, most = getattr(study, key), limits[part]
            if most is not None and wanted > most:
                yield f"{where}.{key}: {wanted} is more than the {most} {kind} images of datasets.{name}"
