"""The results page as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined

from workflow_scripts.rendering.page.contents import Study


@dataclass(frozen=True)
class Dataset:
    """A data set. side: in pixels; train, validation, test: numbers of images."""

    name: str
    source: str
    side: int
    channels: int
    classes: int
    train: int
    validation: int
    test: int


@dataclass(frozen=True)
class Network:
    """A model of the configuration. parameters: how many it has, None where that was not counted; accuracy: mean test
    accuracy over its seeds, None where it was not measured.
    """

    name: str
    architecture: str
    dataset: str
    parameters: int | None
    seeds: int
    accuracy: float | None


@dataclass(frozen=True)
class Attacked:
    """An adversarial set. settings: for print; success_rate: None where nothing was attacked; explored: whether the
    explorer has pairs of it.
    """

    model: str
    attack: str
    family: str
    settings: str
    success_rate: float | None
    explored: bool


def page_text(
    template: str,
    studies: Sequence[Study],
    datasets: Sequence[Dataset],
    networks: Sequence[Network],
    attacked: Sequence[Attacked],
    pairs: Sequence[dict],
) -> str:
    """The page. template: the text of `index.html.j2`; pairs: what the explorer chooses from, with model, attack, file.

    Every text is escaped, but the tables' HTML, whose texts are escaped already.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["percent"] = lambda share: "–" if share is None else f"{100 * share:.1f}%"
    environment.filters["address"] = partial(quote, safe="")
    return environment.from_string(template).render(
        studies=studies,
        datasets=datasets,
        networks=networks,
        attacks={each.attack: each for each in attacked},
        victims=list(dict.fromkeys(each.model for each in attacked)),
        attacked={(each.attack, each.model): each for each in attacked},
        pairs=pairs,
        tables=sum(each.kind == "table" for study in studies for each in study.publications),
        figures=sum(each.kind == "figure" for study in studies for each in study.publications),
    )
