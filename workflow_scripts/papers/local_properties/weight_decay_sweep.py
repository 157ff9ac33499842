"""Reading the adversarial trainings of the weight-decay sweep: Figures 5 and 9 and the findings."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.response_differences import ResponseDifferences, load_response_differences
from workflow_scripts.papers.local_properties.response_differences_table import LAYER_NAMES
from workflow_scripts.recipes.exact_numbers import to_float
from workflow_scripts.rendering.figures.weight_decay_sweep import SweepPoint, mean_interval
from workflow_scripts.store.artifact import Artifact


@dataclass(frozen=True)
class SweepTraining:
    """One training of the sweep. history: one row per epoch; evaluated: images behind each of its robust columns."""

    weight_decay: str
    history: pd.DataFrame
    best_epoch: int
    evaluated: int
    kernel_statistics: Artifact
    differences: ResponseDifferences

    def at(self, column: str) -> tuple[float, float]:
        """A column of the history at the best and at the last epoch."""
        best = self.history[self.history["epoch"] == self.best_epoch]
        return float(best[column].iloc[0]), float(self.history[column].iloc[-1])


def sweep_trainings(inputs: Inputs) -> list[SweepTraining]:
    """Every training of the sweep, by ascending weight decay; empty where there is no sweep."""
    trainings = []
    for item in inputs.all(name="sweep_model"):
        decay = item.role["weight_decay"]
        trainings.append(
            SweepTraining(
                weight_decay=decay,
                history=pd.read_csv(item.artifact.file("history.csv")),
                best_epoch=item.artifact.metrics["best_epoch"],
                evaluated=evaluated_images(item.artifact),
                kernel_statistics=inputs.one(name="sweep_kernel_statistics", weight_decay=decay),
                differences=load_response_differences(inputs.one(name="sweep_responses", weight_decay=decay)),
            )
        )
    return sorted(trainings, key=lambda training: to_float(training.weight_decay))


def evaluated_images(model: Artifact) -> int:
    """The number of test images behind the robust columns of a model's history."""
    wanted = model.parameters["training"]["adversarial"]["evaluation"]["images"]
    return min(wanted, model.metrics["test_images"])


def sweep_points(inputs: Inputs, measure: str, series: dict[str, str]) -> list[SweepPoint]:
    """What the figures draw of each training; series: label in the last panel → column of the history."""
    points = []
    for training in sweep_trainings(inputs):
        differences = training.differences
        values = differences.measure(measure)[differences.attacked]
        points.append(
            SweepPoint(
                f"{to_float(training.weight_decay):g}",
                training.kernel_statistics.metrics["magnitude"],
                training.kernel_statistics.metrics["variance"],
                {LAYER_NAMES.get(name, name): mean_interval(values[:, k]) for k, name in enumerate(differences.layers)},
                {label: training.at(column) for label, column in series.items()},
            )
        )
    return points
