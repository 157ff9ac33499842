"""Mistakes in the local_properties study and in adversarial trainings that a section alone does not show."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_scripts.configuration.checks.references import no_entry, split_limits
from workflow_scripts.configuration.schema.local_properties import LocalProperties
from workflow_scripts.configuration.schema.root import Configuration


def local_properties_references(configuration: Configuration) -> Iterator[str]:
    """Every such mistake, a line each."""
    for name, model in configuration.models.items():
        derived = model.teacher is not None or model.compression is not None
        if derived and is_robust(name, configuration):
            yield (
                f"models.{name}.training: {model.training!r} trains adversarially, which a model from scratch does: "
                "leave out teacher and compression, or give it another training"
            )
    study = configuration.studies.local_properties
    if study is not None:
        yield from _study("studies.local_properties", study, configuration)


def is_robust(name: str, configuration: Configuration) -> bool:
    """Whether a model's training is adversarial."""
    training = configuration.trainings.get(configuration.models[name].training)
    return training is not None and training.adversarial is not None


def _study(where: str, study: LocalProperties, configuration: Configuration) -> Iterator[str]:
    models, attacks = configuration.models, configuration.attacks
    named = {"standard": study.standard, "robust": study.robust}
    if study.sweep is not None:
        named["sweep.model"] = study.sweep.model
        decays = study.sweep.weight_decays
        if decays != sorted(set(decays)):
            yield f"{where}.sweep.weight_decays: must ascend, each given once"
    for key, name in named.items():
        if name not in models:
            yield f"{where}.{key}: {no_entry('models', name, models)}"
        elif key == "standard" and is_robust(name, configuration):
            yield f"{where}.{key}: {name!r} is adversarially trained: name a model whose training has no adversarial"
        elif key == "robust" and models[name].weights is not None:
            continue  # a finished network, of which its owner knows how it was trained
        elif key != "standard" and not is_robust(name, configuration):
            trainings = [
                training for training, entry in configuration.trainings.items() if entry.adversarial is not None
            ]
            able = ", ".join(trainings) or "none yet"
            yield f"{where}.{key}: the training of {name!r} is not adversarial (trainings that are: {able})"
    for key in ("pgd", "fgsm"):
        name = getattr(study, key)
        if name not in attacks:
            yield f"{where}.{key}: {no_entry('attacks', name, attacks)}"
    yield from _same_images(where, study, configuration)


def _same_images(where: str, study: LocalProperties, configuration: Configuration) -> Iterator[str]:
    standard, robust = (configuration.models.get(name) for name in (study.standard, study.robust))
    if standard is None or robust is None:
        return
    if standard.dataset != robust.dataset:
        yield f"{where}.robust: is for datasets.{robust.dataset}, and standard for datasets.{standard.dataset}"
    sweep = None if study.sweep is None else configuration.models.get(study.sweep.model)
    if sweep is not None and sweep.dataset != robust.dataset:
        yield f"{where}.sweep.model: is for datasets.{sweep.dataset}, and robust for datasets.{robust.dataset}"
    if not set(standard.seeds) & set(robust.seeds):
        yield f"models.{study.robust}.seeds: has no seed in common with models.{study.standard}.seeds"
    if robust.dataset in configuration.datasets:
        most = split_limits(configuration.datasets[robust.dataset])["test"]
        if most is not None and study.images > most:
            yield f"{where}.images: {study.images} is more than the {most} test images of datasets.{robust.dataset}"
