"""Mistakes that no section shows alone: names that lead nowhere, and combinations that cannot work."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_scripts.configuration.checks.atlas import atlas_mistakes
from workflow_scripts.configuration.checks.attack_signatures import attack_signatures_mistakes
from workflow_scripts.configuration.checks.attacks import attack_mistakes
from workflow_scripts.configuration.checks.datasets import dataset_mistakes
from workflow_scripts.configuration.checks.information_flow import information_flow_mistakes
from workflow_scripts.configuration.checks.local_properties import local_properties_mistakes
from workflow_scripts.configuration.checks.models import model_mistakes
from workflow_scripts.configuration.schema.root import Configuration


def mistakes(configuration: Configuration) -> Iterator[str]:
    """Every such mistake in a configuration, one line each."""
    for name, dataset in configuration.datasets.items():
        yield from dataset_mistakes(f"datasets.{name}", dataset)
    for name in configuration.models:
        yield from model_mistakes(name, configuration)
    for name, attack in configuration.attacks.items():
        yield from attack_mistakes(name, attack, configuration.attacks)
    if configuration.studies.information_flow is not None:
        yield from information_flow_mistakes(configuration)
    if configuration.studies.attack_signatures is not None:
        yield from attack_signatures_mistakes(configuration)
    if configuration.studies.local_properties is not None:
        yield from local_properties_mistakes(configuration)
    if configuration.studies.atlas is not None:
        yield from atlas_mistakes(configuration)
