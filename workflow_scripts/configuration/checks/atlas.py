"""Mistakes in the atlas: names, and models that see other images."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_scripts.configuration.checks.datasets import split_limits
from workflow_scripts.configuration.checks.models import other_dataset
from workflow_scripts.configuration.checks.names import no_entry, repeated
from workflow_scripts.configuration.schema.attacks import Control
from workflow_scripts.configuration.schema.root import Configuration

WHERE = "studies.atlas"


def atlas_mistakes(configuration: Configuration) -> Iterator[str]:
    """Every mistake in the section that it does not show alone, one line each."""
    study, models, attacks = configuration.studies.atlas, configuration.models, configuration.attacks
    for key in ("models", "attacks", "controls"):
        yield from repeated(f"{WHERE}.{key}", getattr(study, key))
    for index, name in enumerate(study.models):
        if name not in models:
            yield f"{WHERE}.models[{index}]: {no_entry('models', name, models)}"
        elif index and study.models[0] in models:
            yield from other_dataset(f"{WHERE}.models[{index}]", name, study.models[0], configuration)
    for index, name in enumerate(study.attacks):
        if name not in attacks:
            yield f"{WHERE}.attacks[{index}]: {no_entry('attacks', name, attacks)}"
        elif isinstance(attacks[name], Control):
            yield f"{WHERE}.attacks[{index}]: {name!r} is a control: name its kind in {WHERE}.controls"
    first = models.get(study.models[0])
    if first is not None and first.dataset in configuration.datasets:
        most = split_limits(configuration.datasets[first.dataset])["test"]
        if most is not None and study.images > most:
            yield f"{WHERE}.images: {study.images} is more than the {most} test images of datasets.{first.dataset}"
