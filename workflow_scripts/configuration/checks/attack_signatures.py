"""Mistakes in the attack_signatures study: data sets, victims, and classes that cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_scripts.configuration.checks.datasets import image_size, split_limits
from workflow_scripts.configuration.checks.names import no_entry
from workflow_scripts.configuration.schema.attack_signatures import AttackSignatures, StudyDataset
from workflow_scripts.configuration.schema.root import Configuration

WHERE = "studies.attack_signatures"


def attack_signatures_mistakes(configuration: Configuration) -> Iterator[str]:
    """Every mistake in the section that it does not show alone, one line each."""
    study = configuration.studies.attack_signatures
    for index, dataset in enumerate(study.datasets):
        yield from _dataset(f"{WHERE}.datasets[{index}]", dataset, configuration)
        if study.saliency.example_images > dataset.test:
            yield (
                f"{WHERE}.saliency.example_images: {study.saliency.example_images} is more than the {dataset.test} "
                f"test images of datasets[{index}]"
            )
    names = [dataset.dataset for dataset in study.datasets]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield f"{WHERE}.datasets[{index}].dataset: {name!r} is that of datasets[{names.index(name)}] already"
    papers = [dataset.paper for dataset in study.datasets]
    for index, paper in enumerate(papers):
        if paper is not None and paper in papers[:index]:
            other = f"datasets[{papers.index(paper)}]"
            yield f"{WHERE}.datasets[{index}].paper: {paper!r} is that of {other} already: leave it out"
    yield from _attacks(study, configuration)
    yield from _equal_attacks(study, configuration)


def _dataset(where: str, wanted: StudyDataset, configuration: Configuration) -> Iterator[str]:
    dataset = configuration.datasets.get(wanted.dataset)
    if dataset is None:
        yield f"{where}.dataset: {no_entry('datasets', wanted.dataset, configuration.datasets)}"
    else:
        for split, most in split_limits(dataset).items():
            count = getattr(wanted, split)
            if most is not None and count > most:
                yield f"{where}.{split}: {count} is more than the {most} {split} images of datasets.{wanted.dataset}"
    models = configuration.models
    for index, name in enumerate(wanted.victims):
        place = f"{where}.victims[{index}]"
        model, earlier = models.get(name), wanted.victims[:index]
        if model is None:
            yield f"{place}: {no_entry('models', name, models)}"
        elif model.dataset != wanted.dataset:
            yield f"{place}: models.{name} is for datasets.{model.dataset}, not for {wanted.dataset}"
        if name in earlier:
            yield f"{place}: {name!r} is given twice"
        elif model is not None and (same := [other for other in earlier if models.get(other) == model]):
            yield f"{place}: models.{name} is the same network as models.{same[0]}: name another entry of models"


def _equal_attacks(study: AttackSignatures, configuration: Configuration) -> Iterator[str]:
    """Configurations of two classes that make the same images, which no recogniser can tell apart."""
    places: list[tuple[str, str, str]] = []
    for group, attacks in study.classes.items():
        for index, name in enumerate(attacks):
            attack = configuration.attacks.get(name)
            for other_group, other, place in places:
                if attack is not None and name != other and attack == configuration.attacks.get(other):
                    told = "which no recogniser can tell apart" if group != other_group else "which counts it twice"
                    yield (
                        f"{WHERE}.classes.{group}[{index}]: attacks.{name} has the settings of attacks.{other} "
                        f"in {place}, {told}"
                    )
                    break
            places.append((group, name, f"classes.{group}[{index}]"))


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
                yield f"{place}: {name!r} is in {places[name]} already"
            places[name] = place


def _patch(name: str, side: int, study: AttackSignatures, configuration: Configuration) -> Iterator[str]:
    for dataset in (each.dataset for each in study.datasets if each.dataset in configuration.datasets):
        size = image_size(configuration.datasets[dataset])
        if size is not None and side > size:
            images = f"the images of datasets.{dataset}, which have {size} pixels"
            yield f"attacks.{name}.size: {side} is larger than {images}"
