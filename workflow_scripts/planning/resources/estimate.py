"""The cost of a job, by the kind of the artifact that it makes."""

from __future__ import annotations

from collections.abc import Callable

from workflow_scripts.planning.resources import measurements, trainings
from workflow_scripts.planning.resources.images import images_of
from workflow_scripts.planning.resources.recipe_lookup import MB, Cost, RecipeLookup
from workflow_scripts.recipes.recipe import Input, Recipe


def dataset(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Read, split and resize a data set; the images read and the result are in memory together."""
    images = images_of(recipe)
    read = images.source * images.values
    return Cost(seconds=3 + images.source * 2e-3, libraries_mb=60, data_mb=(read + 2 * images.bytes) / MB)


def weights(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Download or read weights, at most VGG19's, and write them."""
    return Cost(seconds=120, libraries_mb=measurements.TORCH_MB, data_mb=3 * 600)


def aggregate(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Fit a Gaussian process to the paths of each group."""
    return Cost(seconds=12, libraries_mb=385, data_mb=20)


def rendered(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Draw a table or figure; the findings resample their inputs thousands of times."""
    return Cost(seconds=10 + 0.2 * len(recipe.inputs), libraries_mb=430, data_mb=2 * len(recipe.inputs))


def results_page(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Copy what is published, and look at some pairs of each adversarial set, of which no more are read."""
    sets = lookup.all(recipe, "set")
    nets = [lookup.victim(made) for made in sets]
    weights = 4 * max((net.parameters for net in nets), default=0)
    maps = 8 * recipe.parameters["images"] * max((net.elements for net in nets), default=0)
    operations = 2 * recipe.parameters["images"] * sum(net.operations for net in nets)
    seconds = 10 + 0.05 * len(recipe.inputs) + 0.5 * len(sets)
    return Cost(operations, seconds, libraries_mb=480, data_mb=0.5 * len(recipe.inputs), maps_mb=(weights + maps) / MB)


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
    "random_walk": measurements.random_walk,
    "features": measurements.features,
    "information": measurements.information,
    "information_streaming": measurements.information_streaming,
    "path_sensitivity": measurements.path_sensitivity,
    "predictions": measurements.predictions,
    "aggregate": aggregate,
    "responses": measurements.responses,
    "reactions": measurements.reactions,
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
    "results_page": results_page,
}


class Estimates:
    """The cost of each recipe, remembered; `find` returns the recipe of an input."""

    def __init__(self, find: Callable[[Input], Recipe]):
        self._lookup = RecipeLookup(find)
        self._costs: dict[str, Cost] = {}

    def cost(self, recipe: Recipe) -> Cost:
        """What the job takes that makes the recipe's artifact; KeyError for a kind without an estimate."""
        if recipe.folder not in self._costs:
            self._costs[recipe.folder] = COSTS[recipe.kind](recipe, self._lookup)
        return self._costs[recipe.folder]
