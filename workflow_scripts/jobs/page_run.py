"""What was run, as the results page tells it: data sets, networks, and the attacks on them."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.jobs.job import Job
from workflow_scripts.rendering.page.document import Attacked, Dataset, Network
from workflow_scripts.store.artifact import Artifact


def input_of(job: Job, made: Artifact, name: str) -> RoleArtifact:
    """The job's input of this name that `made` was made from; LookupError where it is not among them."""
    wanted = {item["digest"] for item in made.recipe["inputs"] if item["role"].get("name") == name}
    for item in job.all(name=name):
        if item.artifact.digest in wanted:
            return item
    raise LookupError(f"{made.path}: its {name} is not among the inputs of {job.label}")


def read_datasets(job: Job) -> list[Dataset]:
    """The data sets, by their names in the configuration."""
    return [
        Dataset(
            name=item.role["dataset"],
            source=item.artifact.parameters["source"],
            side=item.artifact.metrics["image_size"],
            channels=item.artifact.metrics["channels"],
            classes=item.artifact.metrics["classes"],
            train=item.artifact.metrics["train"],
            validation=item.artifact.metrics["validation"],
            test=item.artifact.metrics["test"],
        )
        for item in job.all(name="dataset")
    ]


def read_networks(job: Job) -> list[Network]:
    """The models of the configuration, each with all its seeds."""
    seeds: dict[str, list[Artifact]] = {}
    for item in job.all(name="model"):
        seeds.setdefault(item.role["model"], []).append(item.artifact)
    networks = []
    for name, artifacts in seeds.items():
        metrics = artifacts[0].metrics
        known = [made.metrics["best"]["test_accuracy"] for made in artifacts if "best" in made.metrics]
        networks.append(
            Network(
                name=name,
                architecture=metrics["description"]["architecture"],
                dataset=input_of(job, artifacts[0], "dataset").role["dataset"],
                parameters=metrics.get("parameters"),
                seeds=len(artifacts),
                accuracy=fmean(known) if known else None,
            )
        )
    return networks


def attacked_set(item: RoleArtifact, explored: bool) -> Attacked:
    """What the page says of an adversarial set; `explored`: whether it has pairs to look at."""
    parameters = item.artifact.parameters
    return Attacked(
        model=item.role["model"],
        attack=item.role["attack"],
        family=parameters["attack"],
        settings=settings_text(parameters["settings"]),
        success_rate=item.artifact.metrics["success_rate"],
        explored=explored,
    )


def settings_text(settings: Mapping[str, object]) -> str:
    """An attack's settings for print: `epsilon 1/5, steps 10`."""
    return ", ".join(f"{name} {value}" for name, value in sorted(settings.items()) if value is not None)
