"""Table 4 beside trivial denoisers: does the reconstructor restore more than a blur or a median filter does?"""

from __future__ import annotations

from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import (
    CLASS_KEY,
    all_classes,
    only_dataset,
    victims_by_dataset,
)
from workflow_scripts.papers.attack_signatures.recognition_samples import (
    ImageValues,
    bootstrap_images,
    by_image,
    share,
    trainings_note,
)
from workflow_scripts.papers.bootstrap import Evidence
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

NOTES = (
    "I: the images before reconstruction; G(I): after the reconstructor; the others: after a trivial denoiser instead, "
    "sizes in pixels.",
    "Difference: G(I) minus the denoiser that is best in the row; its interval is a percentile bootstrap over images.",
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per victim and class; the paper has no such table. `denoisers`: name → filter and size."""
    items = inputs.all(name="recogniser_evaluation", recogniser="redrl")
    denoisers = inputs.parameters["denoisers"]
    measured = ["before", "after", *denoisers]
    rows = []
    for number, victim in enumerate(victims_by_dataset(inputs)[only_dataset(inputs)]):
        for name in all_classes(inputs):
            seeds = [[_right(inputs, item, column, name, number) for column in measured] for item in items]
            cells = {
                column: pool([share(of_seed[k].values) for of_seed in seeds], len(seeds[0][k].images))
                for k, column in enumerate(measured)
            }
            found = bootstrap_images([of_seed[1:] for of_seed in seeds], _minus_best, paired=True)
            rows.append(Row({"victim": victim, "class": name}, cells | _difference_cells(found)))
    columns = [
        Column("before", "I", 1, "%"),
        Column("after", "G(I)", 1, "%"),
        *(Column(name, f"{each['filter']} {each['size']}", 1, "%") for name, each in denoisers.items()),
        Column("difference", "Difference", 2),
        Column("lower", "95% from", 2),
        Column("upper", "to", 2),
    ]
    keys = (Key("victim", "Victim"), CLASS_KEY)
    title = "Accuracy after reconstruction and after trivial denoisers"
    return paper_table(inputs, title, keys, columns, rows, [*NOTES, trainings_note(len(items))])


def _right(inputs: Inputs, item, column: str, name: str, victim: int) -> ImageValues:
    def right(columns: dict, _attack: NDArray) -> NDArray:
        return columns[f"right_{column}"].astype(float)

    return by_image(inputs, item, right, [name], victim)


def _minus_best(after: NDArray, *denoised: NDArray) -> float:
    return share(after) - max(map(share, denoised))


def _difference_cells(found: Evidence) -> dict[str, Cell]:
    values = {"difference": found.effect, "lower": found.lower, "upper": found.upper}
    seeds = found.seeds if found.effect is not None else 0
    return {key: Cell(value, None, seeds, found.samples) for key, value in values.items()}
