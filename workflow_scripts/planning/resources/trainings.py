"""The cost of trainings: of classifiers, from scratch or from others, and of recognisers."""

from __future__ import annotations

from workflow_scripts.planning.resources.images import Images
from workflow_scripts.planning.resources.networks import Network, perceptual, recogniser, reconstructor
from workflow_scripts.planning.resources.recipe_lookup import MB, Cost, RecipeLookup
from workflow_scripts.recipes.exact_numbers import to_float
from workflow_scripts.recipes.recipe import Recipe

STEP = 3
"""Passes per training step: forward, backward to the maps, backward to the weights."""
STEP_SECONDS = 0.005
"""Overhead per step: hundreds of calls, and the optimiser's pass over the parameters."""
LIBRARIES_MB = 340
EVALUATED = 500
"""Images per batch when accuracy is measured, without gradients."""


def trained(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """One training of a classifier."""
    images, net = lookup.images(recipe), lookup.network(recipe)
    passes = _epochs(recipe.parameters["training"], images)
    if recipe.kind == "distilled":
        operations = images.train * lookup.network(lookup.one(recipe, "teacher")).operations
    else:
        operations = 0
    return _training(recipe.parameters["training"], images, net, operations + passes * net.operations)


def pretrained(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Load finished weights into their network and measure it on the test images."""
    images, net = lookup.images(recipe), lookup.network(recipe)
    return Cost(
        operations=images.test * net.operations,
        seconds=8,
        libraries_mb=LIBRARIES_MB,
        data_mb=2 * images.bytes / MB,
        maps_mb=(net.elements * EVALUATED + 12 * net.parameters) / MB,
    )


def compressed(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Rounds of measuring neurons, trimming, and training further."""
    images, net = lookup.images(recipe), lookup.network(recipe)
    rounds = recipe.parameters["rounds"]
    passes = rounds * (_epochs(recipe.parameters["training"], images) + images.validation)
    return _training(recipe.parameters["training"], images, net, passes * net.operations, rounds)


def _epochs(training: dict, images: Images) -> float:
    """Passes of all epochs, with the evaluations after each."""
    attack = training.get("adversarial")
    step = STEP + (2 * attack["steps"] if attack else 0)
    passes = training["epochs"] * (step * images.train + images.validation) + 2 * images.test
    if attack:
        evaluation = attack["evaluation"]
        attacked = sum(min(evaluation["images"], part) for part in (images.train, images.validation, images.test))
        passes += -(-training["epochs"] // evaluation["every"]) * attacked * (2 * evaluation["steps"] + 7)
    return passes


def _training(training: dict, images: Images, net: Network, operations: float, rounds: int = 1) -> Cost:
    steps = rounds * training["epochs"] * max(1, images.train // training["batch_size"])
    attack = training.get("adversarial")
    calls = steps * (1 + (attack["steps"] / 2 if attack else 0))
    # A step keeps every layer's maps and their gradients; an evaluation two layers' at a time.
    maps = 4 * net.elements * (2.5 * training["batch_size"] + 0.25 * EVALUATED)
    return Cost(
        operations=operations,
        seconds=8 + calls * STEP_SECONDS,
        libraries_mb=LIBRARIES_MB,
        data_mb=2 * images.bytes / MB,
        maps_mb=(maps + 24 * net.parameters) / MB,
    )


HELD_MB = 2048
"""Memory for images that a recogniser's training uses, at most."""
DRAW_SECONDS = 2e-4
"""Per image of a batch, to draw and read it."""


def trained_recogniser(recipe: Recipe, lookup: RecipeLookup) -> Cost:
    """Train REDRL, an ablation or a baseline: batches pass G, Ψ, their victims and the perceptual network."""
    training, weights = recipe.parameters["training"], recipe.parameters["weights"]
    images, sets = lookup.images(recipe), lookup.all(recipe, "shard")
    pipeline = pipeline_of(recipe.parameters, images)
    passes = STEP * sum(part.operations for part in pipeline)
    held = list(pipeline)
    if to_float(weights["classification"]) or to_float(weights["features"]):
        victims = [lookup.network(victim) for victim in lookup.all(recipe, "victim")]
        passes += 3 * max(victim.operations for victim in victims)
        held.append(max(victims, key=lambda victim: victim.elements))
    if to_float(weights["features"]) and lookup.all(recipe, "perceptual"):
        held.append(perceptual(images.side))
        passes += 3 * held[-1].operations
    seen = training["epochs"] * training["steps_per_epoch"] * training["batch_size"]
    attacked = sum(map(lookup.count, sets)) * images.values * (1 if recipe.parameters["quantisation"] != "none" else 4)
    maps = 4 * 1.5 * training["batch_size"] * sum(part.elements for part in held)
    return Cost(
        operations=seen * passes,
        seconds=12 + seen * DRAW_SECONDS + training["epochs"] * training["steps_per_epoch"] * 2 * STEP_SECONDS,
        libraries_mb=400,
        data_mb=1.5 * min(HELD_MB, attacked / MB) + images.bytes / MB / 4,
        maps_mb=(maps + 24 * sum(part.parameters for part in held)) / MB,
    )


def pipeline_of(parameters: dict, images: Images) -> list[Network]:
    """The recogniser's networks: G, where it has one, and Ψ."""
    sizes = parameters["sizes"]
    parts = [recogniser(to_float(sizes["width"]), sizes["small_stem"], images.side)]
    if sizes["blocks"]:
        parts.insert(0, reconstructor(sizes["channels"], sizes["blocks"], images.channels, images.side))
    return parts
