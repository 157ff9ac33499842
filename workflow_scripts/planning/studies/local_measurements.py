"""What the local_properties study measures: recipes with the roles that its tables and figures know them by."""

from __future__ import annotations

from workflow_scripts.configuration.schema.local_properties import LocalProperties, WeightDecaySweep
from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.planning.labels import measured_label, victim_label
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.exact_numbers import to_text
from workflow_scripts.recipes.recipe import Input, Recipe

ROLES = ("standard", "robust")
ATTACKS = ("pgd", "fgsm")
KERNEL_IMAGES = 100
"""Pairs whose perturbations Figure 4's kernels answer to; enough for errors of a few percent."""


class Measurements:
    """The artifacts that several publications share, as inputs with their roles.

    `models` maps a role to the configured model; `seeds` are those that both models are trained with.
    """

    def __init__(self, planner: Planner, study: LocalProperties):
        self.planner, self.study = planner, study
        self.models = {"standard": study.standard, "robust": study.robust}
        entries = planner.configuration.models
        self.seeds = [seed for seed in entries[study.standard].seeds if seed in entries[study.robust].seeds]
        self.first = self.seeds[0]
        self.attacks = {"pgd": study.pgd, "fgsm": study.fgsm}
        self.dataset = planner.dataset(entries[study.robust].dataset)

    def model(self, role: str, seed: int) -> Input:
        """A trained model."""
        name = self.models[role]
        checkpoint = self.planner.configuration.models[name].checkpoint
        return self.planner.model(name, seed).as_input(name="model", model=role, seed=seed, checkpoint=checkpoint)

    def set(self, attack: str, victim: str, seed: int) -> Recipe:
        """What an attack makes of the test images against a model."""
        images = {"split": "test", "count": self.study.images, "selection_seed": self.study.selection_seed}
        return self.planner.adversarial(self.attacks[attack], self.models[victim], seed, images)

    def sets(self) -> list[Input]:
        """Both attacks on both models, of every seed."""
        return [
            self.set(attack, victim, seed).as_input(name="set", attack=attack, victim=victim, seed=seed)
            for attack in ATTACKS
            for victim in ROLES
            for seed in self.seeds
        ]

    def responses(self, attack: str, victim: str, model: str, seed: int) -> Input:
        """The response differences in `model` of what an attack made against `victim`."""
        role = {"name": "responses", "attack": attack, "victim": victim, "model": model, "seed": seed}
        made = measured(self.planner, "responses", self.models[model], seed, self.set(attack, victim, seed))
        return made.as_input(**role)

    def all_responses(self, attacks: tuple[str, ...], own: bool, models: tuple[str, ...] = ROLES) -> list[Input]:
        """Response differences in `models`, of examples made against themselves (`own`) or against the other model."""
        other = dict(zip(ROLES, reversed(ROLES), strict=True))
        return [
            self.responses(attack, model if own else other[model], model, seed)
            for attack in attacks
            for model in models
            for seed in self.seeds
        ]

    def filtered_predictions(self) -> list[Input]:
        """Answers of each model to filtered and swapped images of its own adversarial set."""
        return [
            measured(
                self.planner, "filtered_predictions", self.models[model], seed, self.set("pgd", model, seed),
                radius_step=self.study.radius_step,
            ).as_input(name="filtered_predictions", model=model, seed=seed)
            for model in ROLES
            for seed in self.seeds
        ]  # fmt: skip

    def spectra(self) -> list[Input]:
        """Average spectra of each model's adversarial set."""
        found = []
        for model in ROLES:
            made = self.set("pgd", model, self.first)
            inputs = (made.as_input(name="images"), self.dataset.as_input(name="dataset"))
            parameters = {"images": self.study.spectrum_images}
            recipe = self.planner.recipe("spectra", made.label, parameters, inputs, title=f"spectra: {made.title}")
            found.append(recipe.as_input(name="spectra", model=model, seed=self.first))
        return found

    def kernels(self) -> list[Input]:
        """Kernel statistics of both models."""
        return [
            kernel_statistics(self.planner, self.models[model], self.first).as_input(
                name="kernel_statistics", model=model, seed=self.first
            )
            for model in ROLES
        ]

    def kernel_responses(self) -> Input:
        """Both models' first kernels and both models' perturbations."""
        configuration = self.planner.configuration
        inputs = [self.dataset.as_input(name="dataset")]
        for model in ROLES:
            inputs.append(self.planner.model(self.models[model], self.first).as_input(name=model))
            inputs.append(self.set("pgd", model, self.first).as_input(name=f"{model}_images"))
        checkpoints = {model: configuration.models[self.models[model]].checkpoint for model in ROLES}
        named = tuple(
            dict.fromkeys(
                self.planner.module("models", configuration.models[n].architecture) for n in self.models.values()
            )
        )
        parameters = {"checkpoints": checkpoints, "images": KERNEL_IMAGES}
        title = f"kernel responses of {' and '.join(self.models[role] for role in ROLES)}"
        made = self.planner.recipe("kernel_responses", "pgd", parameters, tuple(inputs), named, title=title)
        return made.as_input(name="kernel_responses")


def measured(planner: Planner, kind: str, model: str, seed: int, images: Recipe, **parameters) -> Recipe:
    """A measurement of one training of a configured model on an adversarial set, whoever that was made against."""
    entry = planner.configuration.models[model]
    inputs = (
        planner.model(model, seed).as_input(name="model"),
        images.as_input(name="images"),
        planner.dataset(entry.dataset).as_input(name="dataset"),
    )
    named = (planner.module("models", entry.architecture),)
    label, title = measured_label(images.label, planner.model(model, seed)), f"in {model}, seed {seed}: {images.title}"
    parameters["checkpoint"] = entry.checkpoint
    return planner.recipe(kind, label, parameters, inputs, named, title=f"{kind.replace('_', ' ')} {title}")


def kernel_statistics(planner: Planner, model: str, seed: int, checkpoint: str | None = None) -> Recipe:
    """Kernel statistics of one training of a configured model."""
    entry = planner.configuration.models[model]
    inputs = (planner.model(model, seed).as_input(name="model"),)
    named = (planner.module("models", entry.architecture),)
    parameters = {"checkpoint": checkpoint or entry.checkpoint}
    label, title = victim_label(planner.model(model, seed)), f"kernels of {model}, seed {seed}"
    return planner.recipe("kernel_statistics", label, parameters, inputs, named, title=title)


def with_sweep(configuration: Configuration, sweep: WeightDecaySweep) -> Configuration:
    """The configuration with a training and a model of its own for each weight decay, named by `swept`."""
    model = configuration.models[sweep.model]
    training = configuration.trainings[model.training]
    names = [swept(sweep, index) for index in range(len(sweep.weight_decays))]
    trainings = {
        name: training.model_copy(update={"weight_decay": decay})
        for name, decay in zip(names, sweep.weight_decays, strict=True)
    }
    models = {name: model.model_copy(update={"training": name, "seeds": model.seeds[:1]}) for name in names}
    return configuration.model_copy(
        update={"trainings": {**configuration.trainings, **trainings}, "models": {**configuration.models, **models}}
    )


def swept(sweep: WeightDecaySweep, index: int) -> str:
    """The name of a sweep's model, which no name that a user may give can equal."""
    return f"{sweep.model}, weight decay {to_text(sweep.weight_decays[index])}"


def sweep_measurements(planner: Planner, study: LocalProperties, sweep: WeightDecaySweep) -> list[Input]:
    """For each weight decay: the model, its kernels, its adversarial set and its response differences under PGD."""
    images = {"split": "test", "count": study.images, "selection_seed": study.selection_seed}
    found = []
    for index, decay in enumerate(sweep.weight_decays):
        name = swept(sweep, index)
        seed = planner.configuration.models[name].seeds[0]
        made = planner.adversarial(study.pgd, name, seed, images)
        recipes = {
            "model": planner.model(name, seed),
            "kernel_statistics": kernel_statistics(planner, name, seed),
            "set": made,
            "responses": measured(planner, "responses", name, seed, made),
        }
        found += [recipe.as_input(name=f"sweep_{kind}", weight_decay=decay) for kind, recipe in recipes.items()]
    return found
