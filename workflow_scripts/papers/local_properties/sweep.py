"""The weight-decay sweep, as Figures 5 and 9 and the findings read it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.measured import Responses, load_responses
from workflow_scripts.papers.local_properties.response_rows import NAMES
from workflow_scripts.recipes.exact_numbers import to_float
from workflow_scripts.rendering.figures.weight_decay_sweep import Swept, mean_interval
from workflow_scripts.store.artifact import Artifact


@dataclass(frozen=True)
class Training:
    """One training of the sweep. history: a row an epoch; evaluated: images of each part behind its robust columns."""

    weight_decay: str
    history: pd.DataFrame
    best_epoch: int
    evaluated: int
    kernels: Artifact
    set: Artifact
    responses: Responses

    def at(self, column: str) -> tuple[float, float]:
        """A column of the history at the best and at the last epoch."""
        best = self.history[self.history["epoch"] == self.best_epoch]
        return float(best[column].iloc[0]), float(self.history[column].iloc[-1])


def trainings(inputs: Inputs) -> list[Training]:
    """Every training of the sweep, by ascending weight decay; empty where there is no sweep."""
    found = []
    for item in inputs.all(name="sweep_model"):
        decay = item.role["weight_decay"]
        parts = {
            name: inputs.one(name=f"sweep_{name}", weight_decay=decay)
            for name in ("kernel_statistics", "set", "responses")
        }
        history = pd.read_csv(item.artifact.file("history.csv"))
        found.append(
            Training(
                decay, history, item.artifact.metrics["best_epoch"], evaluated_images(item.artifact),
                parts["kernel_statistics"], parts["set"], load_responses(parts["responses"]),
            )
        )  # fmt: skip
    return sorted(found, key=lambda training: to_float(training.weight_decay))


def evaluated_images(model: Artifact) -> int:
    """How many test images the robust columns of a model's history rest on."""
    wanted = model.parameters["training"]["adversarial"]["evaluation"]["images"]
    return min(wanted, model.metrics["test_images"])


def swept(inputs: Inputs, measure: str, series: dict[str, str]) -> list[Swept]:
    """What the drawing takes; `series`: its last panel's names and the history's columns."""
    drawn = []
    for training in trainings(inputs):
        measured = training.responses
        values = measured.measure(measure)[measured.attacked]
        drawn.append(
            Swept(
                f"{to_float(training.weight_decay):g}",
                training.kernels.metrics["magnitude"],
                training.kernels.metrics["variance"],
                {NAMES.get(name, name): mean_interval(values[:, k]) for k, name in enumerate(measured.layers)},
                {name: training.at(column) for name, column in series.items()},
            )
        )
    return drawn
