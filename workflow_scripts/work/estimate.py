"""The work of a job, by the kind of artifact that it makes."""

from __future__ import annotations

from collections.abc import Callable

from workflow_scripts.recipe import Input, Recipe
from workflow_scripts.work import measurements, trainings
from workflow_scripts.work.images import images_of
from workflow_scripts.work.look import MB, Look, Work


def dataset(recipe: Recipe, look: Look) -> Work:
    """A data set read, split and resized; what is read is in memory beside what is made of it."""
    images = images_of(recipe)
    read = images.source * images.values
    return Work(seconds=3 + images.source * 2e-3, libraries_mb=60, data_mb=(read + 2 * images.bytes) / MB)


def weights(recipe: Recipe, look: Look) -> Work:
    """Somebody else's weights, at most VGG19's, downloaded and written anew."""
    return Work(seconds=120, libraries_mb=measurements.TORCH_MB, data_mb=3 * 600)


def aggregate(recipe: Recipe, look: Look) -> Work:
    """Gaussian processes of the paths of every group."""
    return Work(seconds=12, libraries_mb=385, data_mb=20)


def rendered(recipe: Recipe, look: Look) -> Work:
    """A table or figure; the findings resample what they read thousands of times."""
    return Work(seconds=10 + 0.2 * len(recipe.inputs), libraries_mb=430, data_mb=2 * len(recipe.inputs))


KINDS: dict[str, Callable[[Recipe, Look], Work]] = {
    "dataset": dataset,
    "weights": weights,
    "model": trainings.trained,
    "robust_model": trainings.trained,
    "fine_tuned": trainings.trained,
    "finished_model": trainings.finished,
    "distilled": trainings.trained,
    "compressed": trainings.compressed,
    "adversarial": measurements.adversarial,
    "trajectory": measurements.trajectory,
    "features": measurements.features,
    "information": measurements.information,
    "streamed": measurements.streamed,
    "aggregate": aggregate,
    "responses": measurements.responses,
    "frequencies": measurements.frequencies,
    "spectra": measurements.spectra,
    "kernels": measurements.kernels,
    "kernel_responses": measurements.kernel_responses,
    "recogniser": trainings.trained_recogniser,
    "recognition": measurements.recognition,
    "leftover": measurements.leftover,
    "saliency": measurements.saliency,
    "input_saliency": measurements.input_saliency,
    "table": rendered,
    "figure": rendered,
}


class Estimates:
    """The work of every recipe; `find` returns the recipe of an input."""

    def __init__(self, find: Callable[[Input], Recipe]):
        self._look = Look(find)
        self._known: dict[str, Work] = {}

    def work(self, recipe: Recipe) -> Work:
        """What the job takes that makes this recipe's artifact; KeyError for a kind that nobody estimates."""
        if recipe.folder not in self._known:
            self._known[recipe.folder] = KINDS[recipe.kind](recipe, self._look)
        return self._known[recipe.folder]
