"""The cost of attacks, and of each measurement of models and attacked images."""

from __future__ import annotations

import math

from workflow_scripts.planning.resources import attacks
from workflow_scripts.planning.resources.images import Images
from workflow_scripts.planning.resources.networks import Network
from workflow_scripts.planning.resources.recipe_lookup import MB, Cost, RecipeLookup
from workflow_scripts.planning.resources.trainings import pipeline_of
from workflow_scripts.recipes.recipe import Recipe

TORCH_MB = 300
BATCH = 50
"""Images per batch of an attack or a measurement."""
CALL_SECONDS = 0.003
"""Overhead of a pass, however few images it has."""
JSMA_ROWS = 128


def adversarial(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """An attack on chosen images."""
    images, count = lookup.images(recipe), lookup.count(recipe)
    cost = _attacked(recipe.parameters, count, images, lookup.victim(recipe))
    kept = count * images.values * (12 if recipe.parameters["quantisation"] == "none" else 7)
    return Cost(cost.operations, cost.seconds, TORCH_MB, kept / MB, cost.maps_mb)


def trajectory(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """The same attack on a few images, with its intermediate images."""
    made = lookup.one(recipe, "adversarial")
    images = lookup.images(recipe)
    cost = _attacked(made.parameters, recipe.parameters["inputs"], images, lookup.victim(recipe))
    frames = lookup.count(recipe) + recipe.parameters["inputs"] * 1000
    return Cost(cost.operations, cost.seconds, TORCH_MB, 4 * frames * images.values / MB, cost.maps_mb)


def random_walk(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """The frames of a trajectory, read and written."""
    made = lookup.one(recipe, "trajectory")
    values = lookup.count(made) * lookup.images(made).values
    return Cost(0, 3 + values * 2e-8, 100, 4 * 3 * values / MB)


def _attacked(parameters: dict, count: int, images: Images, net: Network) -> Cost:
    """Operations, seconds and feature maps of an attack on `count` images."""
    passes = attacks.passes(parameters["attack"], parameters["settings"], images)
    rows = JSMA_ROWS if parameters["attack"] == "jsma" else min(BATCH, count)
    # JSMA's targets advance side by side, `rows` of them in a call.
    calls = passes * count / rows if parameters["attack"] == "jsma" else passes * math.ceil(count / BATCH)
    maps = 4 * net.elements * 2 * rows + 4 * net.parameters
    return Cost(count * passes * net.operations, 5 + calls * CALL_SECONDS, maps_mb=maps / MB)


def _measured(recipe: Recipe, lookup: RecipeLookup) -> tuple[int, Images, Network]:
    """Number of images, their sizes, and the network of a measurement inside a model."""
    images = lookup.images(recipe)
    wanted = recipe.parameters["images"]
    if wanted is not None:
        return lookup.chosen(wanted, images), images, lookup.victim(recipe)
    return sum(map(lookup.count, lookup.all(recipe, "images"))), images, lookup.victim(recipe)


INFORMATION_SECONDS = 3e-8
"""Per element of a feature map, to find its bucket and count it."""
COMPILED_SECONDS = 8
NUMBA_MB = 390


def features(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Feature maps of every layer, written to disk."""
    count, images, net = _measured(recipe, lookup)
    written = 4 * count * net.elements / MB
    maps = 4 * 1.5 * min(count, 100) * net.elements / MB
    return Cost(count * net.operations, 5 + written / 40, TORCH_MB, 4 * 2 * count * images.values / MB, maps)


def information_streaming(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Feature maps and their mutual information, batch by batch."""
    count, images, net = _measured(recipe, lookup)
    seconds = COMPILED_SECONDS + count * net.elements * INFORMATION_SECONDS
    maps = 4 * 1.5 * min(count, BATCH) * net.elements / MB
    return Cost(count * net.operations, seconds, NUMBA_MB, 4 * 3 * count * images.values / MB, maps)


def information(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Mutual information of stored feature maps."""
    count, images, net = _measured(lookup.one(recipe, "features"), lookup)
    seconds = COMPILED_SECONDS + count * net.elements * INFORMATION_SECONDS
    return Cost(0, seconds, NUMBA_MB, 4 * 1.5 * min(count, BATCH) * net.elements / MB)


def path_sensitivity(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Mutual information of pairs, for every number of buckets and size of maps; many buckets take longer."""
    wanted, images, net = recipe.parameters, lookup.images(recipe), lookup.victim(recipe)
    count = 2 * wanted["inputs"] * len(lookup.all(recipe, "images"))
    joint = sum(max(1, (buckets / 8) ** 2) for buckets in wanted["buckets"]) * (1 + len(wanted["sides"]))
    seconds = COMPILED_SECONDS + count * net.elements * INFORMATION_SECONDS * joint
    maps = 4 * 2 * min(count, BATCH) * net.elements / MB
    return Cost(count * net.operations, seconds, NUMBA_MB, 4 * 3 * count * images.values / MB, maps)


def predictions(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """One pass over a split."""
    images, net = lookup.images(recipe), lookup.victim(recipe)
    count = getattr(images, recipe.parameters["split"])
    return Cost(count * net.operations, 5, TORCH_MB, count * images.values / MB, 4 * 200 * net.elements / 2 / MB)


def responses(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Every layer's responses to pairs of images."""
    count, images, net = _pairs(recipe, lookup)
    maps = 4 * 2 * min(count, 100) * net.elements / MB
    return Cost(count * 3 * net.operations, 6, TORCH_MB, _pairs_mb(count, images), maps)


def reactions(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Information, saliency, responses and filtered predictions of several versions of each image."""
    images, net = lookup.images(recipe), lookup.victim(recipe)
    versions = 1 + len(lookup.all(recipe, "images"))
    count = lookup.count(lookup.one(recipe, "images"))
    seconds = COMPILED_SECONDS + versions * count * net.elements * INFORMATION_SECONDS
    each = 4 * (2 * net.parameters + 3 * net.elements) / MB
    maps = max(SALIENCY_MB, each)
    passes = versions * count * (1 + 4 + 2 + 12)
    return Cost(passes * net.operations, seconds, NUMBA_MB, _pairs_mb(versions * count, images), maps)


CURVES, TRANSFORM = 6, 1000
"""Kinds of filtered input at every radius, and the operations that a transform there and back takes a value."""


def filtered_predictions(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Six kinds of filtered input at every radius."""
    count, images, net = _pairs(recipe, lookup)
    radii = math.hypot(images.side // 2, images.side // 2) // recipe.parameters["radius_step"] + 2
    each = net.operations + TRANSFORM * images.values
    maps = 4 * min(count, 200) * (net.elements / 2 + 8 * images.values) / MB
    return Cost(count * radii * CURVES * each, 6, TORCH_MB, _pairs_mb(count, images), maps)


def spectra(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Fourier transforms of pairs."""
    count, images = recipe.parameters["images"], lookup.images(recipe)
    made = lookup.count(lookup.one(recipe, "images"))
    return Cost(0, 4 + 2 * count * images.values * 2e-7, TORCH_MB, _pairs_mb(made, images))


def kernel_statistics(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Statistics of a model's weights."""
    net = lookup.victim(recipe)
    return Cost(0, 4 + net.parameters * 2e-7, TORCH_MB, 16 * net.parameters / MB)


def kernel_responses(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """The first kernels of two models on perturbations of both."""
    images, count = lookup.images(recipe), recipe.parameters["images"]
    nets = [lookup.network(model) for model in lookup.all(recipe, "standard", "robust")]
    sets = sum(map(lookup.count, lookup.all(recipe, "standard_images", "robust_images")))
    weights = 16 * sum(net.parameters for net in nets)
    return Cost(0, 6 + count * images.values * 2e-5, TORCH_MB, weights / MB + _pairs_mb(sets, images) + 100)


def _pairs(recipe: Recipe, lookup: RecipeLookup) -> tuple[int, Images, Network]:
    """Number of pairs in an adversarial set, their sizes, and the network that measures them."""
    return lookup.count(lookup.one(recipe, "images")), lookup.images(recipe), lookup.victim(recipe)


def _pairs_mb(count: int, images: Images) -> float:
    """Memory of pairs, of which the attacked images stay on disk."""
    return 2 * count * images.values / MB


def robust_accuracy(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Every attacked image again, for each quantisation."""
    count, images, net = _shard_images(recipe, lookup), lookup.images(recipe), lookup.victim(recipe)
    ways = len(recipe.parameters["quantisations"])
    seconds = 6 + count * ways * images.values * 2e-8
    return Cost(count * ways * net.operations, seconds, TORCH_MB + 40, 100, 4 * 200 * net.elements / 2 / MB)


def recogniser_evaluation(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Every attacked image through a recogniser; itself, reconstructed and denoised through its victim."""
    made, images = lookup.one(recipe, "recogniser"), lookup.images(recipe)
    victims = [lookup.network(victim) for victim in lookup.all(recipe, "victim")]
    pipeline = pipeline_of(made.parameters, images)
    count = _shard_images(recipe, lookup) + len(victims) * images.test
    classified = 2 + len(recipe.parameters["denoisers"])
    passes = sum(part.operations for part in pipeline) + classified * max(victim.operations for victim in victims)
    maps = 4 * 200 * max(part.elements for part in (*pipeline, *victims)) / 2 / MB
    return Cost(count * passes, 10 + count * 2e-4, 450, 100 + count * 60 / MB, maps)


SALIENCY_MB = 1024
"""Gradients and feature maps in memory at once, or one image's where these are more."""


def saliency(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """A gradient per clean and attacked image, and the comparisons of their profiles."""
    wanted, images, net = recipe.parameters, lookup.images(recipe), lookup.victim(recipe)
    attacks = len(wanted["classes"])
    classes = attacks + 2
    count = images.validation + classes * min(wanted["images"] or images.test, images.test)
    classified = 2 * images.test + _shard_images(recipe, lookup)
    filters = _filters(net)
    compared = wanted["comparison_images"] * filters
    pairs = 4 * attacks * (attacks - 1) / 2 + 3 * attacks  # four comparisons of two attacks, three with clean images
    seconds = 8 + count * filters * 2e-7 + pairs * compared * (wanted["permutations"] * 2e-10 + 1e-8)
    each = 4 * (2 * net.parameters + 3 * net.elements) / MB
    data = 4 * (classes * compared + 100 * 6 * filters) / MB
    maps = min(max(SALIENCY_MB, each), 1.5 * each * 100)
    return Cost((count * 4 + classified) * net.operations, seconds, 400, data, maps)


def _filters(net: Network) -> float:
    """An upper estimate of a network's filters: the victims' have 500 to 2,000 weights each."""
    return net.parameters / 500


def input_saliency(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Predictions for every attacked image, and second derivatives for a few of them."""
    wanted, net = recipe.parameters, lookup.victim(recipe)
    images = wanted["example_images"] + wanted["region_images"]
    maps_made = images * (len(wanted["classes"]) + 1)
    maps = 4 * (8 * images + 50) * net.elements + 24 * net.parameters
    return Cost((_shard_images(recipe, lookup) + 20 * maps_made) * net.operations, 8, 350, 100, maps / MB)


def _shard_images(recipe: Recipe, lookup: RecipeLookup) -> int:
    """Images of all shards that a recipe reads."""
    return sum(map(lookup.count, lookup.all(recipe, "shard")))
