"""The whole configuration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from workflow_scripts.configuration.schema.attacks import AnyAttack
from workflow_scripts.configuration.schema.base import InvalidKey, Label, Name, Natural, Positive, Section
from workflow_scripts.configuration.schema.data import Dataset
from workflow_scripts.configuration.schema.models import Model, Training
from workflow_scripts.configuration.schema.studies import Studies


def _written_out(path: str) -> str:
    """The path unchanged; ValueError for one that only a shell would expand."""
    if path.startswith("~"):
        raise ValueError(f"{path!r} is not expanded: write the path out, or relative to the working folder")
    return path


Folder = Annotated[str, Field(min_length=1, json_schema_extra={"format": "path"}), AfterValidator(_written_out)]


class Store(Section):
    """Where artifacts live."""

    root: Folder = Field("results/store", description="the folder of the store, which several checkouts may share")
    upstream: list[Folder] = Field(
        [],
        description="other people's stores, only read: an artifact found there is checked and copied, not made again",
    )

    @model_validator(mode="after")
    def _not_its_own_upstream(self) -> Store:
        if self.root in self.upstream:
            place = f"upstream[{self.upstream.index(self.root)}]"
            raise InvalidKey(place, f"{self.root!r} is store.root itself: name other people's stores alone")
        return self


class Execution(Section):
    """How jobs run; of this only the threads of a training change the identity of a result."""

    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="where networks run; auto: on the GPU where there is one"
    )
    data: Folder = Field("data", description="folder that holds data sets and weight files")
    code: list[Folder] = Field(
        [],
        description="folders of your own modules, searched in this order after the project's; what a recipe's modules "
        "import from there is part of the recipe",
    )
    threads: Natural = Field(
        0,
        description="CPU threads per heavy job (0: all that Snakemake was given, 4 on a cluster) and per training "
        "(0: 2), whose last bits depend on them, so that its recipe holds them",
    )
    max_hours: Positive | None = Field(
        None,
        description="the longest run time that a job may request, as a cluster limits it; a longer job is stopped "
        "there and resumes in its next attempt (--retries); null: no limit",
    )


class Configuration(Section):
    """The whole configuration."""

    numerics_epoch: Label = Field(
        "1", description="a label for the numerical results as a whole: a new one makes every artifact anew"
    )
    store: Store = Field(Store(), description="where artifacts live")
    execution: Execution = Field(
        Execution(), description="how jobs run; of this only the threads of a training change the identity of a result"
    )
    datasets: dict[Name, Dataset] = Field({}, description="data sets by name")
    trainings: dict[Name, Training] = Field({}, description="how networks are trained, by name")
    models: dict[Name, Model] = Field({}, description="models by name: an architecture trained on a data set")
    attacks: dict[Name, AnyAttack] = Field({}, description="attacks by name")
    studies: Studies = Field(
        Studies(), description="what is measured: the models, attacks and images of each paper's study"
    )
