"""Mistakes in studies.attack_signatures that its section alone does not show."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_scripts.configuration.checks.references import image_size, no_entry, split_limits
from workflow_scripts.configuration.schema.attack_signatures import AttackSignatures, StudyDataset
from workflow_scripts.configuration.schema.root import Configuration

WHERE = "studies.attack_signatures"


def signatures_mistakes(configuration: Configuration) -> Iterator[str]:
    """Names that lead nowhere, data sets that do not fit, and quantisations that come too late."""
    study = configuration.studies.attack_signatures
    for index, grid in enumerate(study.datasets):
        yield from _grid(f"{WHERE}.datasets[{index}]", grid, configuration)
    seen = [grid.dataset for grid in study.datasets]
    for index, name in enumerate(seen):
        if name in seen[:index]:
            yield f"{WHERE}.datasets[{index}].dataset: {name!r} has a grid already"
    papers = [grid.paper for grid in study.datasets]
    for index, paper in enumerate(papers):
        if paper is not None and paper in papers[:index]:
            other = f"datasets[{papers.index(paper)}]"
            yield f"{WHERE}.datasets[{index}].paper: {paper!r} stands beside {other} already: leave it out"
    yield from _attacks(study, configuration)


def _grid(where: str, grid: StudyDataset, configuration: Configuration) -> Iterator[str]:
    dataset = configuration.datasets.get(grid.dataset)
    if dataset is None:
        yield f"{where}.dataset: {no_entry('datasets', grid.dataset, configuration.datasets)}"
    else:
        for part, most in split_limits(dataset).items():
            wanted = getattr(grid, part)
            if most is not None and wanted > most:
                yield f"{where}.{part}: {wanted} is more than the {most} {part} images of datasets.{grid.dataset}"
    for index, name in enumerate(grid.victims):
        model = configuration.models.get(name)
        if model is None:
            yield f"{where}.victims[{index}]: {no_entry('models', name, configuration.models)}"
        elif model.dataset != grid.dataset:
            yield f"{where}.victims[{index}]: models.{name} is for datasets.{model.dataset}, not {grid.dataset}"
        if name in grid.victims[:index]:
            yield f"{where}.victims[{index}]: {name!r} is given twice"


def _attacks(study: AttackSignatures, configuration: Configuration) -> Iterator[str]:
    wanted = {study.quantisation, *study.compared_quantisations, *study.recognised_quantisations}
    places: dict[str, str] = {}
    for group, attacks in study.classes.items():
        for index, name in enumerate(attacks):
            place = f"{WHERE}.classes.{group}[{index}]"
            attack = configuration.attacks.get(name)
            if attack is None:
                yield f"{place}: {no_entry('attacks', name, configuration.attacks)}"
            elif attack.quantisation != "none" and wanted != {attack.quantisation}:
                others = ", ".join(sorted(wanted - {attack.quantisation}))
                yield (
                    f"{place}: attacks.{name} is stored with quantisation {attack.quantisation}, which leaves nothing "
                    f"to measure {others} on: set attacks.{name}.quantisation to none, or ask for one way alone"
                )
            elif attack.attack == "patch":
                yield from _patch(name, attack.size, study, configuration)
            if name in places:
                yield f"{place}: {name!r} stands in {places[name]} already"
            places[name] = place


def _patch(name: str, side: int, study: AttackSignatures, configuration: Configuration) -> Iterator[str]:
    for dataset in (grid.dataset for grid in study.datasets if grid.dataset in configuration.datasets):
        size = image_size(configuration.datasets[dataset])
        if size is not None and side > size:
            images = f"the images of datasets.{dataset}, which have {size} pixels"
            yield f"attacks.{name}.size: {side} is larger than {images}"
