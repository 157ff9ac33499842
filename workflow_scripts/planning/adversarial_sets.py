"""The recipes of adversarial sets and of their controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_scripts.configuration.schema.attacks import Control
from workflow_scripts.configuration.schema.external_attacks import FromFile
from workflow_scripts.data.source_files import ADVERSARIAL
from workflow_scripts.planning.attack_modules import attack_modules
from workflow_scripts.planning.labels import attack_label, victim_label
from workflow_scripts.recipes.exact_numbers import to_text
from workflow_scripts.recipes.recipe import Recipe

if TYPE_CHECKING:
    from workflow_scripts.planning.planner import Planner


def adversarial_set(
    planner: Planner, attack: str, model: str, seed: int, images: dict, attack_all: bool = False
) -> Recipe:
    """The set that an attack makes of `images` ({split, count, selection_seed}) against one training of a model.

    attack_all: also of those that the model misclassifies without it.
    """
    configuration = planner.configuration
    entry, victim = configuration.attacks[attack], configuration.models[model]
    if isinstance(entry, Control):
        return control_set(
            planner, entry.attack, planner.adversarial(entry.like, model, seed, images, attack_all), model
        )
    settings = entry.settings()
    parameters = {
        "attack": entry.attack,
        "settings": settings,
        "pixel_range": list(entry.pixel_range),
        "quantisation": entry.quantisation,
        "images": images,
        "checkpoint": victim.checkpoint,
        "seed": seed,
    }
    if attack_all:
        parameters["attack_all"] = True
    if isinstance(entry, FromFile):
        parameters["content"] = planner.content(f"attacks.{attack}.path", {"name": ADVERSARIAL, "path": entry.path})
    attacked = planner.model(model, seed)
    inputs = (attacked.as_input(name="model"), planner.dataset(victim.dataset).as_input(name="dataset"))
    named = (*attack_modules(entry.attack, planner.roots), planner.module("models", victim.architecture))
    keys = {"entry": f"attacks.{attack}", "settings": f"attacks.{attack}", "images": "the images attacked"}
    keys |= {"seed": f"models.{model}.seeds", "checkpoint": f"models.{model}.checkpoint"}
    epsilon = settings.get("epsilon")
    title = f"attack {model}, seed {seed}, by {attack}{f' (ε {to_text(epsilon)})' if epsilon is not None else ''}"
    if "start" in images:
        title += f", {images['split']} images {images['start']} to {images['stop']}"
    label = f"{victim_label(attacked)}-{attack_label(entry.attack)}"
    made = planner.recipe("adversarial", label, parameters, inputs, named, title=title, **keys)
    if isinstance(entry, FromFile):
        planner.plan.source_paths[made.folder] = entry.path
    planner.victims[made.folder] = model
    return made


def control_set(planner: Planner, kind: str, made: Recipe, model: str) -> Recipe:
    """The control, "shuffled" or "gaussian", of the adversarial set `made` of `model`, on the same images."""
    kept = {key: value for key, value in made.parameters.items() if key != "content"}
    inputs = (*(each for each in made.inputs if each.role["name"] != "like"), made.as_input(name="like"))
    architecture = planner.configuration.models[model].architecture
    named = (*attack_modules(kind, planner.roots), planner.module("models", architecture))
    title = f"{kind} control: {made.title}"
    parameters = {**kept, "attack": kind, "settings": {}}
    label = f"{made.label}-{kind}"
    control = planner.recipe("adversarial", label, parameters, inputs, named, title=title, **made.keys)
    planner.victims[control.folder] = model
    return control
