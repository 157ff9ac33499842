"""The same measurements of controls: recipes in which each adversarial set is replaced by a control of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from workflow_scripts.planning.adversarial_sets import control_set
from workflow_scripts.planning.labels import short_label
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.recipe import Input, Recipe


def controls_of(planner: Planner, measured: Iterable[Input], kinds: Sequence[str]) -> list[Input]:
    """For each kind of control its twin of each measurement, with the same role and `control`.

    What is not made from adversarial sets has none, nor has what an attack recorded on its way.
    """
    items, twins = list(measured), []
    for kind in kinds:
        for item in items:
            recipe = planner.plan.recipes[item.folder]
            twin = _under_control(planner, recipe, kind)
            if twin is not recipe:
                twins.append(twin.as_input(**item.role, control=kind))
    return twins


def _under_control(planner: Planner, recipe: Recipe, kind: str) -> Recipe:
    """The recipe with a control of every adversarial set that it starts from; itself where it starts from none."""
    if recipe.kind == "adversarial":
        return control_set(planner, kind, recipe, planner.victims[recipe.folder])
    if recipe.kind == "trajectory":
        return recipe
    before = [planner.plan.recipes[each.folder] for each in recipe.inputs]
    after = [_under_control(planner, each, kind) for each in before]
    if all(new is old for new, old in zip(after, before, strict=True)):
        return recipe
    inputs = tuple(
        new.as_input(**each.role) if new is not old else each
        for each, new, old in zip(recipe.inputs, after, before, strict=True)
    )
    label, title = short_label(f"{recipe.label}-{kind}"), f"{kind} control: {recipe.title}"
    made = replace(recipe, inputs=inputs, label=label, title=title)
    return planner.plan.recipes.setdefault(made.folder, made)
