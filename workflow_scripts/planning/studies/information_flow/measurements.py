"""What the information_flow study measures: adversarial inputs, and the information paths of inputs in models."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_scripts.configuration.schema.studies import InformationFlow
from workflow_scripts.planning.labels import victim_label
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.recipe import Input, Recipe

NORMAL = "normal"


class Measurements:
    """The study's measurements by model, attack and training seed; the same request twice is the same recipe.

    Methods that return an `Input` give it the role that the renderers know it by, whose `name` is one of `model`,
    `adversarial_set`, `aggregated_paths`, `transfer` and `trajectory`.
    """

    def __init__(self, planner: Planner, study: InformationFlow):
        self.planner, self.study = planner, study
        self._test_images = {"split": "test", "count": study.images, "selection_seed": study.selection_seed}
        self._normal_inputs = {
            "split": "train", "count": study.profile_images, "selection_seed": study.selection_seed
        }  # fmt: skip

    def seeds(self, *models: str) -> list[int]:
        """The training seeds that all these models have, in the first one's order."""
        seeds_by_model = [self.planner.configuration.models[name].seeds for name in models]
        return [seed for seed in seeds_by_model[0] if all(seed in seeds for seeds in seeds_by_model)]

    def model(self, model: str, seed: int) -> Input:
        """One training of a model."""
        checkpoint = self.planner.configuration.models[model].checkpoint
        return self.planner.model(model, seed).as_input(name="model", model=model, seed=seed, checkpoint=checkpoint)

    def adversarial_set(self, attack: str, model: str, seed: int) -> Recipe:
        """The adversarial inputs that `attack` makes from the study's test images against `model`."""
        return self.planner.adversarial(attack, model, seed, self._test_images)

    def adversarial_inputs(self, attack: str, model: str, seed: int) -> Input:
        """`adversarial_set` as an input of a table or figure."""
        adversarial_set = self.adversarial_set(attack, model, seed)
        return adversarial_set.as_input(name="adversarial_set", attack=attack, model=model, seed=seed)

    def information_paths(self, model: str, seed: int, inputs: Recipe | None = None) -> Recipe:
        """The information paths in `model` of an adversarial set or trajectory, or of the normal inputs."""
        images = self._normal_inputs if inputs is None else None
        if self.study.feature_maps == "streamed" or (inputs is None and model != self.study.original):
            sets = None if inputs is None else {"": inputs}
            return self.planner.information_streaming(model, seed, self.study.buckets, images, sets)
        return self.planner.information(self.planner.features(model, seed, images, inputs), self.study.buckets)

    def trajectory(self, attack: str, seed: int) -> Recipe:
        """The intermediate inputs of an attack on the original model."""
        study = self.study
        made = self.adversarial_set(attack, study.original, seed)
        return self.planner.trajectory(made, study.original, study.trajectory.inputs, study.trajectory.max_frames)

    def trajectory_paths(self, attack: str, seed: int) -> Input:
        """The information paths of an attack's intermediate inputs."""
        paths = self.information_paths(self.study.original, seed, self.trajectory(attack, seed))
        return paths.as_input(name="trajectory", attack=attack)

    def random_walk_paths(self, attack: str, seed: int) -> Input:
        """The information paths of random walks with the steps of an attack, which are its trajectory's control."""
        followed = self.trajectory(attack, seed)
        walk = self.planner.recipe(
            "random_walk",
            f"{followed.label}-walk",
            {},
            (followed.as_input(name="trajectory"),),
            title=f"random walks with its steps: {followed.title}",
        )
        study = self.study
        paths = self.planner.information_streaming(study.original, seed, study.buckets, made={"": walk})
        return paths.as_input(name="trajectory", attack=attack, control="random_walk")

    def clean_paths(self, model: str, seed: int) -> Input:
        """The information paths in `model` of the test images themselves, before any attack."""
        recipe = self.planner.information_streaming(model, seed, self.study.buckets, self._test_images)
        return recipe.as_input(name="clean_paths", model=model, seed=seed)

    def predictions(self, model: str, seed: int) -> Input:
        """The predictions of `model` for all test images."""
        entry, inside = self.planner.configuration.models[model], self.planner.model(model, seed)
        inputs = (inside.as_input(name="model"), self.planner.dataset(entry.dataset).as_input(name="dataset"))
        made = self.planner.recipe(
            "predictions",
            f"{victim_label(inside)}-test",
            {"checkpoint": entry.checkpoint, "split": "test"},
            inputs,
            (self.planner.module("models", entry.architecture),),
            title=f"predictions of {model}, seed {seed}: test images",
        )
        return made.as_input(name="predictions", model=model, seed=seed)

    def path_sensitivity(self, seed: int) -> Input:
        """Shifts of the original model's paths under `path_attacks`, by the number of buckets and the size of maps."""
        study, planner, model = self.study, self.planner, self.study.original
        entry, inside = planner.configuration.models[model], planner.model(model, seed)
        sets = (self.adversarial_set(attack, model, seed).as_input(name="images", attack=attack)
                for attack in study.path_attacks)  # fmt: skip
        wanted = study.sensitivity
        parameters = {"checkpoint": entry.checkpoint, "inputs": wanted.images}
        parameters |= {"buckets": wanted.buckets, "sides": wanted.sides}
        made = planner.recipe(
            "path_sensitivity",
            victim_label(inside),
            parameters,
            (inside.as_input(name="model"), planner.dataset(entry.dataset).as_input(name="dataset"), *sets),
            (planner.module("models", entry.architecture),),
            title=f"paths of {model}, seed {seed}, by buckets and sizes of maps",
            entry="studies.information_flow.sensitivity",
        )
        return made.as_input(name="path_sensitivity", model=model, seed=seed)

    def normal_paths(self, model: str, seed: int) -> Input:
        """The aggregated paths of normal inputs in `model`."""
        return self._aggregate(self.information_paths(model, seed), model, "", NORMAL, seed, "all")

    def adversarial_paths(self, model: str, attack: str, seed: int, subset: str = "success") -> Input:
        """The aggregated paths in `model` of the adversarial inputs that `attack` made against it."""
        paths = self.information_paths(model, seed, self.adversarial_set(attack, model, seed))
        return self._aggregate(paths, model, "", attack, seed, subset)

    def transfer_paths(
        self, model: str, target: str, attack: str, seed: int, targets: Sequence[str], subset: str = "success"
    ) -> Input:
        """The aggregated paths in `model` of the adversarial inputs made against `target`, one of the `targets`.

        subset: as the aggregate stage names them; "common" are the inputs that succeed against all of the targets.
        """
        paths = self._information_paths_by_target(model, attack, seed, targets)
        return self._aggregate(paths, model, target, attack, seed, subset)

    def transfer(self, model: str, target: str, attack: str, seed: int, targets: Sequence[str]) -> Input:
        """The predictions and information paths in `model` of the adversarial inputs made against `target`."""
        paths = self._information_paths_by_target(model, attack, seed, targets)
        return paths.as_input(name="transfer", model=model, target=target, attack=attack, seed=seed)

    def _information_paths_by_target(self, model: str, attack: str, seed: int, targets: Sequence[str]) -> Recipe:
        sets = {target: self.adversarial_set(attack, target, seed) for target in targets}
        return self.planner.information_streaming(model, seed, self.study.buckets, made=sets)

    def _aggregate(self, paths: Recipe, model: str, target: str, attack: str, seed: int, subset: str) -> Input:
        role = {"model": model, "target": target, "attack": attack, "seed": seed, "subset": subset}
        return self.planner.aggregate(paths).as_input(name="aggregated_paths", **role)
