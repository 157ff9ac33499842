"""What the local_properties study measures, as inputs with the roles that its tables and figures know them by."""

from __future__ import annotations

from workflow_scripts.configuration.schema.local_properties import LocalProperties
from workflow_scripts.planning.labels import measured_label, victim_label
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.recipe import Input, Recipe

ROLES = ("standard", "robust")
ATTACKS = ("pgd", "fgsm")
KERNEL_IMAGES = 100
"""Perturbations that Figure 4 shows the kernels' responses to; enough for errors of a few percent."""


class Measurements:
    """The study's measurements by attack, model and training seed; the same request twice is the same recipe.

    Models and attacks are named by their roles in the paper: `models` maps the role ("standard", "robust") to the
    configured model, `attacks` ("pgd", "fgsm") to the configured attack. `seeds` are those of both models.
    """

    def __init__(self, planner: Planner, study: LocalProperties):
        self.planner, self.study = planner, study
        self.models = {"standard": study.standard, "robust": study.robust}
        entries = planner.configuration.models
        self.seeds = [seed for seed in entries[study.standard].seeds if seed in entries[study.robust].seeds]
        self.first_seed = self.seeds[0]
        self.attacks = {"pgd": study.pgd, "fgsm": study.fgsm}
        self.dataset = planner.dataset(entries[study.robust].dataset)

    def model(self, role: str, seed: int) -> Input:
        """One training of a model."""
        name = self.models[role]
        checkpoint = self.planner.configuration.models[name].checkpoint
        return self.planner.model(name, seed).as_input(name="model", model=role, seed=seed, checkpoint=checkpoint)

    def adversarial_set(self, attack: str, victim: str, seed: int) -> Recipe:
        """The adversarial set that an attack makes from the test images against `victim`."""
        images = {"split": "test", "count": self.study.images, "selection_seed": self.study.selection_seed}
        return self.planner.adversarial(self.attacks[attack], self.models[victim], seed, images, self.study.attack_all)

    def adversarial_sets(self) -> list[Input]:
        """The sets of both attacks against both models, for every seed."""
        return [
            self.adversarial_set(attack, victim, seed).as_input(
                name="adversarial_set", attack=attack, victim=victim, seed=seed
            )
            for attack in ATTACKS
            for victim in ROLES
            for seed in self.seeds
        ]

    def responses(self, attack: str, victim: str, model: str, seed: int) -> Input:
        """The response differences in `model` under the adversarial set that was made against `victim`."""
        role = {"name": "responses", "attack": attack, "victim": victim, "model": model, "seed": seed}
        differences = measurement(
            self.planner, "responses", self.models[model], seed, self.adversarial_set(attack, victim, seed)
        )
        return differences.as_input(**role)

    def all_responses(self, attacks: tuple[str, ...], own: bool, models: tuple[str, ...] = ROLES) -> list[Input]:
        """Response differences in `models`, under their own adversarial sets or under those of the other model."""
        other = dict(zip(ROLES, reversed(ROLES), strict=True))
        return [
            self.responses(attack, model if own else other[model], model, seed)
            for attack in attacks
            for model in models
            for seed in self.seeds
        ]

    def filtered_predictions(self) -> list[Input]:
        """Each model's predictions for filtered and frequency-swapped images of its own adversarial set."""
        return [
            measurement(
                self.planner,
                "filtered_predictions",
                self.models[model],
                seed,
                self.adversarial_set("pgd", model, seed),
                radius_step=self.study.radius_step,
            ).as_input(name="filtered_predictions", model=model, seed=seed)
            for model in ROLES
            for seed in self.seeds
        ]

    def spectra(self) -> list[Input]:
        """Average amplitude spectra of each model's adversarial set."""
        spectra = []
        for model in ROLES:
            adversarial_set = self.adversarial_set("pgd", model, self.first_seed)
            inputs = (adversarial_set.as_input(name="images"), self.dataset.as_input(name="dataset"))
            parameters = {"images": self.study.spectrum_images}
            title = f"spectra: {adversarial_set.title}"
            recipe = self.planner.recipe("spectra", adversarial_set.label, parameters, inputs, title=title)
            spectra.append(recipe.as_input(name="spectra", model=model, seed=self.first_seed))
        return spectra

    def kernel_statistics(self) -> list[Input]:
        """Magnitude, variance and roughness of both models' kernels."""
        return [
            kernel_statistics(self.planner, self.models[model], self.first_seed).as_input(
                name="kernel_statistics", model=model, seed=self.first_seed
            )
            for model in ROLES
        ]

    def kernel_responses(self) -> Input:
        """Responses of both models' first-layer kernels to the perturbations made against both models."""
        configuration = self.planner.configuration
        inputs = [self.dataset.as_input(name="dataset")]
        for model in ROLES:
            inputs.append(self.planner.model(self.models[model], self.first_seed).as_input(name=model))
            inputs.append(self.adversarial_set("pgd", model, self.first_seed).as_input(name=f"{model}_images"))
        checkpoints = {model: configuration.models[self.models[model]].checkpoint for model in ROLES}
        named = tuple(
            dict.fromkeys(
                self.planner.module("models", configuration.models[name].architecture) for name in self.models.values()
            )
        )
        parameters = {"checkpoints": checkpoints, "images": KERNEL_IMAGES}
        title = f"kernel responses of {' and '.join(self.models[role] for role in ROLES)}"
        responses = self.planner.recipe("kernel_responses", "pgd", parameters, tuple(inputs), named, title=title)
        return responses.as_input(name="kernel_responses")


def measurement(planner: Planner, kind: str, model: str, seed: int, images: Recipe, **parameters) -> Recipe:
    """A measurement of one training of a configured model on an adversarial set, of whichever victim."""
    entry = planner.configuration.models[model]
    inputs = (
        planner.model(model, seed).as_input(name="model"),
        images.as_input(name="images"),
        planner.dataset(entry.dataset).as_input(name="dataset"),
    )
    named = (planner.module("models", entry.architecture),)
    label = measured_label(images.label, planner.model(model, seed))
    title = f"{kind.replace('_', ' ')} in {model}, seed {seed}: {images.title}"
    return planner.recipe(kind, label, {"checkpoint": entry.checkpoint, **parameters}, inputs, named, title=title)


def kernel_statistics(planner: Planner, model: str, seed: int) -> Recipe:
    """Kernel statistics of one training of a configured model."""
    entry = planner.configuration.models[model]
    inputs = (planner.model(model, seed).as_input(name="model"),)
    named = (planner.module("models", entry.architecture),)
    parameters = {"checkpoint": entry.checkpoint}
    label, title = victim_label(planner.model(model, seed)), f"kernels of {model}, seed {seed}"
    return planner.recipe("kernel_statistics", label, parameters, inputs, named, title=title)
