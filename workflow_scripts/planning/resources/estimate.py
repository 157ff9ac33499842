"""The work of a job, by the kind of artifact that it makes."""

from __future__ import annotations

from collections.abc import Callable

from workflow_scripts.planning.resources import measurements, trainings
from workflow_scripts.planning.resources.images import images_of
from workflow_scripts.planning.resources.recipe_lookup import MB, Cost, RecipeLookup
from workflow_scripts.recipes.recipe import Input, Recipe


def dataset(recipe: Recipe, look: RecipeLookup) -> Cost:
    """A data set read, split and resized; what is read is in memory beside what is made of it."""
    images = images_of(recipe)
    read = images.source * images.values
    return Cost(seconds=3 + images.source * 2e-3, libraries_mb=60, data_mb=(read + 2 * images.bytes) / MB)


def weights(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Somebody else's weights, at most VGG19's, downloaded and written anew."""
    return Cost(seconds=120, libraries_mb=measurements.TORCH_MB, data_mb=3 * 600)


def aggregate(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Gaussian processes of the paths of every group."""
    return Cost(seconds=12, libraries_mb=385, data_mb=20)


def rendered(recipe: Recipe, look: RecipeLookup) -> Cost:
    """A table or figure; the findings resample what they read thousands of times."""
    return Cost(seconds=10 + 0.2 * len(recipe.inputs), libraries_mb=430, data_mb=2 * len(recipe.inputs))


COSTS: dict[str, Callable[[Recipe, RecipeLookup], Cost]] = {
    "dataset": dataset,
    "weights": weights,
    "model": trainings.trained,
    "robust_model": trainings.trained,
    "fine_tuned": trainings.trained,
    "pretrained_model": trainings.pretrained,
    "distilled": trainings.trained,
    "compressed": trainings.compressed,
    "adversarial": measurements.adversarial,
    "trajectory": measurements.trajectory,
    "features": measurements.features,
    "information": measurements.information,
    "information_streaming": measurements.information_streaming,
    "aggregate": aggregate,
    "responses": measurements.responses,
    "filtered_predictions": measurements.filtered_predictions,
    "spectra": measurements.spectra,
    "kernel_statistics": measurements.kernel_statistics,
    "kernel_responses": measurements.kernel_responses,
    "recogniser": trainings.trained_recogniser,
    "recogniser_evaluation": measurements.recogniser_evaluation,
    "robust_accuracy": measurements.robust_accuracy,
    "saliency": measurements.saliency,
    "input_saliency": measurements.input_saliency,
    "table": rendered,
    "figure": rendered,
}


class Estimates:
    """The work of every recipe; `find` returns the recipe of an input."""

    def __init__(self, find: Callable[[Input], Recipe]):
        self._look = RecipeLookup(find)
        self._known: dict[str, Cost] = {}

    def work(self, recipe: Recipe) -> Cost:
        """What the job takes that makes this recipe's artifact; KeyError for a kind that nobody estimates."""
        if recipe.folder not in self._known:
            self._known[recipe.folder] = COSTS[recipe.kind](recipe, self._look)
        return self._known[recipe.folder]
