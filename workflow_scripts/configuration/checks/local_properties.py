"""Mistakes in the local_properties study: which models are robust, and what they are compared on."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_scripts.configuration.checks.datasets import image_size, split_limits
from workflow_scripts.configuration.checks.models import is_robust, other_dataset
from workflow_scripts.configuration.checks.names import no_entry, repeated
from workflow_scripts.configuration.modules import is_archive
from workflow_scripts.configuration.schema.local_properties import LocalProperties
from workflow_scripts.configuration.schema.root import Configuration

WHERE = "studies.local_properties"
ALL_STEPS = ("fgsm", "pgd", "random_signs")
"""The attacks that take all their steps within a budget, and so have something to do where the model is wrong."""


def local_properties_mistakes(configuration: Configuration) -> Iterator[str]:
    """Every mistake in the section that it does not show alone, one line each."""
    study, attacks = configuration.studies.local_properties, configuration.attacks
    yield from _roles(study, configuration)
    yield from repeated(f"{WHERE}.controls", study.controls)
    for key in ("pgd", "fgsm"):
        name = getattr(study, key)
        if name not in attacks:
            yield f"{WHERE}.{key}: {no_entry('attacks', name, attacks)}"
        elif study.attack_all and attacks[name].attack not in ALL_STEPS:
            yield (
                f"{WHERE}.attack_all: {key} is {attacks[name].attack!r}, which attacks only images that the model "
                f"classifies correctly: name an entry with one of {', '.join(ALL_STEPS)}, or set attack_all: false"
            )
        elif study.attack_all and getattr(attacks[name], "stop_at_success", False):
            yield (
                f"{WHERE}.attack_all: {key} has stop_at_success, and stops where the model is wrong already: "
                f"set attacks.{name}.stop_at_success: false, or attack_all: false"
            )
    if study.fgsm == study.pgd or (study.fgsm in attacks and attacks[study.fgsm] == attacks.get(study.pgd)):
        yield f"{WHERE}.fgsm: {study.fgsm!r} is the same attack as pgd: name another entry of attacks"
    yield from _same_network(study, configuration)
    yield from _same_images(study, configuration)


def _roles(study: LocalProperties, configuration: Configuration) -> Iterator[str]:
    """The standard model is not adversarially trained; the robust one and the sweep's are."""
    models = configuration.models
    named = {"standard": study.standard, "robust": study.robust}
    if study.sweep is not None:
        named["sweep.model"] = study.sweep.model
        decays = study.sweep.weight_decays
        if decays != sorted(set(decays)):
            yield f"{WHERE}.sweep.weight_decays: must ascend, each given once"
    for key, name in named.items():
        if name not in models:
            yield f"{WHERE}.{key}: {no_entry('models', name, models)}"
        elif key == "standard" and is_robust(name, configuration):
            yield f"{WHERE}.{key}: {name!r} is adversarially trained: name a model whose training has no adversarial"
        elif key == "robust" and models[name].weights is not None:
            continue  # only its owner knows how a finished network was trained
        elif key == "sweep.model" and models[name].weights is not None:
            yield f"{WHERE}.{key}: {name!r} is a finished network (weights), which has no training to repeat"
        elif key != "standard" and not is_robust(name, configuration):
            trainings = [
                training for training, entry in configuration.trainings.items() if entry.adversarial is not None
            ]
            able = ", ".join(trainings) or "none yet"
            yield f"{WHERE}.{key}: the training of {name!r} is not adversarial (trainings that are: {able})"


def _same_network(study: LocalProperties, configuration: Configuration) -> Iterator[str]:
    """The standard model is not also the robust one, and has its architecture, without which no layers are compared."""
    if study.standard == study.robust:
        yield f"{WHERE}.robust: {study.robust!r} is the standard model, too: name another entry of models"
        return
    standard, robust = (configuration.models.get(name) for name in (study.standard, study.robust))
    if None not in (standard, robust) and standard.weights is not None and standard.weights == robust.weights:
        yield (
            f"models.{study.robust}.weights: {robust.weights!r} is also the file of models.{study.standard}, "
            "the standard model: give each its own"
        )
    if standard is None or robust is None or is_archive(standard.architecture) or is_archive(robust.architecture):
        return  # an archive may hold a network of any architecture
    if standard.architecture != robust.architecture:
        yield (
            f"{WHERE}.robust: {study.robust!r} is a {robust.architecture}, and {study.standard!r}, the standard model, "
            f"a {standard.architecture}: name models of one architecture, whose layers can be compared"
        )


def _same_images(study: LocalProperties, configuration: Configuration) -> Iterator[str]:
    standard, robust = (configuration.models.get(name) for name in (study.standard, study.robust))
    if standard is None or robust is None:
        return
    yield from other_dataset(f"{WHERE}.robust", study.robust, study.standard, configuration)
    if study.sweep is not None:
        yield from other_dataset(f"{WHERE}.sweep.model", study.sweep.model, study.robust, configuration)
    if not set(standard.seeds) & set(robust.seeds):
        yield f"models.{study.robust}.seeds: has no seed in common with models.{study.standard}.seeds"
    if robust.dataset in configuration.datasets:
        most = split_limits(configuration.datasets[robust.dataset])["test"]
        if most is not None and study.images > most:
            yield f"{WHERE}.images: {study.images} is more than the {most} test images of datasets.{robust.dataset}"
        size = image_size(configuration.datasets[robust.dataset])
        if size is not None and study.radius_step > size // 2:
            yield (
                f"{WHERE}.radius_step: {study.radius_step} is more than the highest frequency of the images of "
                f"datasets.{robust.dataset}, which is {size // 2} cycles per image"
            )
    if study.example_images > study.images:
        yield f"{WHERE}.example_images: {study.example_images} is more than the {study.images} images of the study"
