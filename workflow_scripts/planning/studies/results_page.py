"""The results page: everything that a configuration publishes, and the pairs of images that the page's explorer shows.

The inputs' roles name the configuration's entries, as the page does:

| role | artifact |
|---|---|
| `publication` with kind, study, publication | a table or figure |
| `dataset` with dataset; `model` with model and seed | a data set; a training of a model, or its finished weights |
| `set` with model, seed and attack, and with class where saliency is measured for it | an adversarial set |
| `reactions`, `responses` with model and attack | what that set does in its model, and response differences there |
| `paths` with model, attack and target, as in the groups' names | its aggregated information paths, likewise |
| `responses`, `paths` with control, too | the same of a control of the set |
| `clean_paths` with model | aggregated information paths of clean images |
| `saliency`, `input_saliency` with model | the saliency of a model's filters, and of a few images' pixels |
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.planner import Planner
from workflow_scripts.publication.records import PAGE, Publication
from workflow_scripts.recipes.fingerprint import ROOT
from workflow_scripts.recipes.recipe import Input, Recipe
from workflow_scripts.store.integrity import sha256_of

IMAGES = 20
"""Pairs of images shown per adversarial set."""
FILES = ROOT / "workflow_scripts" / "rendering" / "page"
"""The folder of the page's template, style and scripts, whose content hashes are in the recipe."""
FILE_SUFFIXES = (".j2", ".css", ".js")
CAPTION = "What was run, every table and figure, and the attacked images."
MEASUREMENTS = {"reactions": "reactions", "responses": "responses", "aggregate": "paths"}
"""Kinds of artifact that measure the pairs of a set → their roles."""
MODELS = ("model", "robust_model", "fine_tuned", "pretrained_model", "distilled", "compressed")


def plan_results_page(planner: Planner) -> None:
    """Add the page of all that is planned so far; nothing where nothing is published."""
    plan = planner.plan
    if not plan.publications:
        return
    sets = {made.folder: made for made in explored_sets(plan)}
    inputs = [*published(plan), *what_was_run(plan), *explored(plan, sets)]
    parameters = {
        "study": "",
        "name": "index",
        "caption": CAPTION,
        "images": IMAGES,
        "files": page_files(),
    }
    architectures = {architecture(plan, made) for made in sets.values()}
    named = tuple(planner.module("models", name) for name in sorted(architectures))
    made = planner.recipe(PAGE, "page", parameters, tuple(inputs), named, title="the results page")
    plan.publications.append(Publication("", "index", CAPTION, made))


def page_files() -> dict[str, str]:
    """Name → SHA-256 of the page's template, style and scripts."""
    return {path.name: sha256_of(path) for path in sorted(FILES.iterdir()) if path.suffix in FILE_SUFFIXES}


def published(plan: Plan) -> Iterator[Input]:
    """Every table and figure."""
    for publication in plan.publications:
        kind = publication.recipe.kind
        yield publication.recipe.as_input(
            name="publication", kind=kind, study=publication.study, publication=publication.name
        )


def what_was_run(plan: Plan) -> Iterator[Input]:
    """Every data set and every training."""
    for recipe in plan.recipes.values():
        entry = recipe.keys.get("entry", "")
        if recipe.kind == "dataset":
            yield recipe.as_input(name="dataset", dataset=entry.removeprefix("datasets."))
        elif recipe.kind in MODELS:
            name = entry.removeprefix("models.")
            yield recipe.as_input(name="model", model=name, seed=recipe.parameters.get("seed", 0))


def names_of(made: Recipe) -> tuple[str, str]:
    """The model and the attack of an adversarial set, as the configuration names them."""
    model = made.keys["seed"].removeprefix("models.").removesuffix(".seeds")
    return model, made.keys["entry"].removeprefix("attacks.")


def explored_sets(plan: Plan) -> list[Recipe]:
    """One adversarial set of every model and attack: of the first seed, test images before others, the first shard.

    Controls, which imitate other sets, are none of them.
    """
    chosen: dict[tuple[str, str], tuple[tuple, Recipe]] = {}
    for recipe in plan.recipes.values():
        if recipe.kind != "adversarial" or inputs_named(recipe, "like"):
            continue
        images = recipe.parameters["images"]
        rank = (recipe.parameters["seed"], images["split"] != "test", images.get("start", 0))
        names = names_of(recipe)
        if names not in chosen or rank < chosen[names][0]:
            chosen[names] = (rank, recipe)
    return [recipe for _, recipe in chosen.values()]


def architecture(plan: Plan, made: Recipe) -> str:
    """The architecture of the model that an adversarial set was made against."""
    recipe = plan.recipes[inputs_named(made, "model")[0].folder]
    while "architecture" not in recipe.parameters:  # a compressed model has that of the model before
        recipe = plan.recipes[inputs_named(recipe, "model")[0].folder]
    return recipe.parameters["architecture"]


def inputs_named(recipe: Recipe, name: str) -> list[Input]:
    """A recipe's inputs whose role has this name."""
    return [item for item in recipe.inputs if item.role.get("name") == name]


def explored(plan: Plan, sets: dict[str, Recipe]) -> Iterator[Input]:
    """The sets, by their folders, and what is measured of them in the models that they were made against."""
    classes = {
        shard.folder: shard.role["class"]
        for recipe in plan.recipes.values()
        if recipe.kind == "saliency"
        for shard in inputs_named(recipe, "shard")
    }
    for folder, made in sets.items():
        model, attack = names_of(made)
        more = {"class": classes[folder]} if folder in classes else {}
        yield made.as_input(name="set", model=model, attack=attack, seed=made.parameters["seed"], **more)
    yield from measured_pairs(plan, sets)
    yield from measured_models(plan, sets)


def measured_pairs(plan: Plan, sets: dict[str, Recipe]) -> Iterator[Input]:
    """Measurements of the sets and of their controls; the first of each kind where there are several."""
    versions, seen = dict(with_controls(plan, sets)), set()
    for recipe in plan.recipes.values():
        if recipe.kind not in MEASUREMENTS:
            continue
        measured = paths_of(plan, recipe) if recipe.kind == "aggregate" else recipe
        images = inputs_named(measured, "images")
        for item in images:
            made, control = versions.get(item.folder, (None, ""))
            key = (recipe.kind, item.folder)
            if made is None or key in seen or not same_model(made, measured):
                continue
            seen.add(key)
            if recipe.kind == "reactions" and control:
                continue  # an input of the measurement of its attack
            model, attack = names_of(made)
            role = {"name": MEASUREMENTS[recipe.kind], "model": model, "attack": attack}
            if recipe.kind == "aggregate":
                role["target"] = item.role.get("target", "") if len(images) > 1 else ""
            yield recipe.as_input(**role, **({"control": control} if control else {}))


def with_controls(plan: Plan, sets: dict[str, Recipe]) -> Iterator[tuple[str, tuple[Recipe, str]]]:
    """Folders of the sets and of their controls, each with the set itself and the kind of control, if it is one."""
    for folder, made in sets.items():
        yield folder, (made, "")
    for folder, recipe in plan.recipes.items():
        for item in inputs_named(recipe, "like") if recipe.kind == "adversarial" else ():
            if item.folder in sets:
                yield folder, (sets[item.folder], recipe.parameters["attack"])


def measured_models(plan: Plan, sets: dict[str, Recipe]) -> Iterator[Input]:
    """Information paths of clean images and saliency, of the models that the sets were made against."""
    models = {inputs_named(made, "model")[0].folder: names_of(made)[0] for made in sets.values()}
    seen: set[tuple[str, str]] = set()
    for recipe in plan.recipes.values():
        if recipe.kind not in ("aggregate", "saliency", "input_saliency"):
            continue
        measured = paths_of(plan, recipe) if recipe.kind == "aggregate" else recipe
        inside = inputs_named(measured, "model")[0].folder
        clean = recipe.kind != "aggregate" or not inputs_named(measured, "images")
        if inside in models and clean and (recipe.kind, inside) not in seen:
            seen.add((recipe.kind, inside))
            role = "clean_paths" if recipe.kind == "aggregate" else recipe.kind
            yield recipe.as_input(name=role, model=models[inside])


def paths_of(plan: Plan, aggregate: Recipe) -> Recipe:
    """What aggregated paths were measured on: the recipe whose inputs are the model and the images."""
    information = plan.recipes[inputs_named(aggregate, "information")[0].folder]
    features = inputs_named(information, "features")
    return plan.recipes[features[0].folder] if features else information


def same_model(made: Recipe, measured: Recipe) -> bool:
    """Whether a measurement is of the model that a set was made against."""
    return inputs_named(made, "model")[0].folder == inputs_named(measured, "model")[0].folder
