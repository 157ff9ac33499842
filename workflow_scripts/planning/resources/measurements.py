"""The work of attacks, and of everything that is measured on models and attacked images."""

from __future__ import annotations

import math

from workflow_scripts.planning.resources import attacks
from workflow_scripts.planning.resources.images import Images
from workflow_scripts.planning.resources.networks import Network
from workflow_scripts.planning.resources.recipe_lookup import MB, Cost, RecipeLookup
from workflow_scripts.planning.resources.trainings import pipeline_of
from workflow_scripts.recipes.recipe import Recipe

TORCH_MB = 300
PART = 50
"""Images that are attacked at once."""
CALL_SECONDS = 0.003
"""What a pass takes beside its operations, however few images it has."""
JSMA_ROWS = 128


def adversarial(recipe: Recipe, look: RecipeLookup) -> Cost:
    """An attack on chosen images."""
    images, count = look.images(recipe), look.count(recipe)
    work = _attacked(recipe.parameters, count, images, look.victim(recipe))
    kept = count * images.values * (12 if recipe.parameters["quantisation"] == "none" else 7)
    return Cost(work.operations, work.seconds, TORCH_MB, kept / MB, work.maps_mb)


def trajectory(recipe: Recipe, look: RecipeLookup) -> Cost:
    """The same attack on few images, with what it passes through."""
    made = look.one(recipe, "adversarial")
    images = look.images(recipe)
    work = _attacked(made.parameters, recipe.parameters["inputs"], images, look.victim(recipe))
    frames = look.count(recipe) + recipe.parameters["inputs"] * 1000
    return Cost(work.operations, work.seconds, TORCH_MB, 4 * frames * images.values / MB, work.maps_mb)


def _attacked(parameters: dict, count: int, images: Images, net: Network) -> Cost:
    """Operations, seconds and maps of an attack on `count` images."""
    taken = attacks.passes(parameters["attack"], parameters["settings"], images)
    rows = JSMA_ROWS if parameters["attack"] == "jsma" else min(PART, count)
    # JSMA's targets advance side by side, `rows` of them in a call.
    calls = taken * count / rows if parameters["attack"] == "jsma" else taken * math.ceil(count / PART)
    maps = 4 * net.elements * 2 * rows + 4 * net.parameters
    return Cost(count * taken * net.operations, 5 + calls * CALL_SECONDS, maps_mb=maps / MB)


def looked_at(recipe: Recipe, look: RecipeLookup) -> tuple[int, Images, Network]:
    """Number of inputs, images and network of what looks inside a model."""
    images = look.images(recipe)
    wanted = recipe.parameters["images"]
    if wanted is not None:
        return look.chosen(wanted, images), images, look.victim(recipe)
    return sum(map(look.count, look.all(recipe, "images"))), images, look.victim(recipe)


INFORMATION_SECONDS = 3e-8
"""To put an element of a feature map into its bucket and count it."""
COMPILED_SECONDS = 8
NUMBA_MB = 390


def features(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Feature maps of every layer, written to disk."""
    count, images, net = looked_at(recipe, look)
    written = 4 * count * net.elements / MB
    maps = 4 * 1.5 * min(count, 100) * net.elements / MB
    return Cost(count * net.operations, 5 + written / 40, TORCH_MB, 4 * 2 * count * images.values / MB, maps)


def information_streaming(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Feature maps and their mutual information, a batch at a time."""
    count, images, net = looked_at(recipe, look)
    seconds = COMPILED_SECONDS + count * net.elements * INFORMATION_SECONDS
    maps = 4 * 1.5 * min(count, PART) * net.elements / MB
    return Cost(count * net.operations, seconds, NUMBA_MB, 4 * 3 * count * images.values / MB, maps)


def information(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Mutual information of stored feature maps."""
    count, images, net = looked_at(look.one(recipe, "features"), look)
    seconds = COMPILED_SECONDS + count * net.elements * INFORMATION_SECONDS
    return Cost(0, seconds, NUMBA_MB, 4 * 1.5 * min(count, PART) * net.elements / MB)


def responses(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Every layer's answers to pairs of images."""
    count, images, net = _pairs(recipe, look)
    maps = 4 * 2 * min(count, 100) * net.elements / MB
    return Cost(count * 3 * net.operations, 6, TORCH_MB, _pairs_mb(count, images), maps)


CURVES, TRANSFORM = 6, 1000
"""Kinds of filtered input at every radius, and the operations that a transform there and back takes a value."""


def filtered_predictions(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Six kinds of filtered input at every radius."""
    count, images, net = _pairs(recipe, look)
    radii = math.hypot(images.side // 2, images.side // 2) // recipe.parameters["radius_step"] + 2
    each = net.operations + TRANSFORM * images.values
    maps = 4 * min(count, 200) * (net.elements / 2 + 8 * images.values) / MB
    return Cost(count * radii * CURVES * each, 6, TORCH_MB, _pairs_mb(count, images), maps)


def spectra(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Fourier transforms of pairs."""
    count, images = recipe.parameters["images"], look.images(recipe)
    made = look.count(look.one(recipe, "images"))
    return Cost(0, 4 + 2 * count * images.values * 2e-7, TORCH_MB, _pairs_mb(made, images))


def kernel_statistics(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Statistics of a model's weights."""
    net = look.victim(recipe)
    return Cost(0, 4 + net.parameters * 2e-7, TORCH_MB, 16 * net.parameters / MB)


def kernel_responses(recipe: Recipe, look: RecipeLookup) -> Cost:
    """The first kernels of two models on perturbations of both."""
    images, count = look.images(recipe), recipe.parameters["images"]
    nets = [look.network(model) for model in look.all(recipe, "standard", "robust")]
    sets = sum(map(look.count, look.all(recipe, "standard_images", "robust_images")))
    weights = 16 * sum(net.parameters for net in nets)
    return Cost(0, 6 + count * images.values * 2e-5, TORCH_MB, weights / MB + _pairs_mb(sets, images) + 100)


def _pairs(recipe: Recipe, look: RecipeLookup) -> tuple[int, Images, Network]:
    """Pairs of an adversarial set, their images, and the network that looks at them."""
    return look.count(look.one(recipe, "images")), look.images(recipe), look.victim(recipe)


def _pairs_mb(count: int, images: Images) -> float:
    """The natural images are in memory, the attacked ones on disk."""
    return 2 * count * images.values / MB


def robust_accuracy(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Every attacked image again, by each way through 8 bits."""
    count, images, net = _parts(recipe, look), look.images(recipe), look.victim(recipe)
    ways = len(recipe.parameters["quantisations"])
    seconds = 6 + count * ways * images.values * 2e-8
    return Cost(count * ways * net.operations, seconds, TORCH_MB + 40, 100, 4 * 200 * net.elements / 2 / MB)


def recogniser_evaluation(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Every attacked image before a recogniser, and its reconstruction before its victim."""
    made, images = look.one(recipe, "recogniser"), look.images(recipe)
    victims = [look.network(victim) for victim in look.all(recipe, "victim")]
    pipeline = pipeline_of(made.parameters, images)
    count = _parts(recipe, look) + len(victims) * images.test
    passes = sum(part.operations for part in pipeline) + 2 * max(victim.operations for victim in victims)
    maps = 4 * 200 * max(part.elements for part in (*pipeline, *victims)) / 2 / MB
    return Cost(count * passes, 10 + count * 2e-4, 450, 100 + count * 60 / MB, maps)


SALIENCY_MB = 1024
"""Gradients and feature maps that are in memory at once, where one image's are not more."""


def saliency(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Every image's own gradient, of clean ones and of each attack's, and the comparison of their profiles."""
    told, images, net = recipe.parameters, look.images(recipe), look.victim(recipe)
    classes = len(told["classes"]) + 1
    count = images.validation + classes * min(told["images"] or images.test, images.test)
    judged = images.test + _parts(recipe, look)
    filters = _filters(net)
    compared = told["comparison_images"] * filters
    pairs = classes * (classes - 1) / 2
    seconds = 8 + count * filters * 2e-7 + pairs * compared * (told["permutations"] * 2e-10 + 1e-8)
    each = 4 * (2 * net.parameters + 3 * net.elements) / MB
    data = 4 * (classes * compared + 100 * 6 * filters) / MB
    maps = min(max(SALIENCY_MB, each), 1.5 * each * 100)
    return Cost((count * 4 + judged) * net.operations, seconds, 400, data, maps)


def _filters(net: Network) -> float:
    """About how many filters a network has: those of the victims have between 500 and 2,000 weights each."""
    return net.parameters / 500


def input_saliency(recipe: Recipe, look: RecipeLookup) -> Cost:
    """Which images every attack turned; and second derivatives for a few of them."""
    told, net = recipe.parameters, look.victim(recipe)
    pictures = told["example_images"] * (len(told["classes"]) + 1)
    maps = 4 * (8 * told["example_images"] + 50) * net.elements + 24 * net.parameters
    return Cost((_parts(recipe, look) + 20 * pictures) * net.operations, 8, 350, 100, maps / MB)


def _parts(recipe: Recipe, look: RecipeLookup) -> int:
    """Images of all attacked parts that a recipe reads."""
    return sum(map(look.count, look.all(recipe, "shard")))
