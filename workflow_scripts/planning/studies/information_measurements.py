"""What the information_flow study measures: adversarial sets, and paths of inputs in models, by name."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_scripts.configuration.schema.studies import InformationFlow
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.recipe import Input, Recipe

NORMAL = "normal"


class Measurements:
    """Recipes of one study, asked for by model, attack and seed; the same request twice is the same recipe."""

    def __init__(self, planner: Planner, study: InformationFlow):
        self.planner, self.study = planner, study
        self._tested = {"split": "test", "count": study.images, "selection_seed": study.selection_seed}
        self._normal = {"split": "train", "count": study.profile_images, "selection_seed": study.selection_seed}

    def seeds(self, *models: str) -> list[int]:
        """The training seeds that all these models have, in the first one's order."""
        trained = [self.planner.configuration.models[name].seeds for name in models]
        return [seed for seed in trained[0] if all(seed in seeds for seeds in trained)]

    def adversarial(self, attack: str, model: str, seed: int) -> Recipe:
        """What `attack` makes of the study's test images against `model`."""
        return self.planner.adversarial(attack, model, seed, self._tested)

    def set(self, attack: str, model: str, seed: int) -> Input:
        """The same, as an input of a table."""
        return self.adversarial(attack, model, seed).as_input(made="set", attack=attack, model=model, seed=seed)

    def trained(self, model: str, seed: int) -> Input:
        """A training, as an input of a table."""
        checkpoint = self.planner.configuration.models[model].checkpoint
        return self.planner.model(model, seed).as_input(model=model, seed=seed, checkpoint=checkpoint)

    def information(self, model: str, seed: int, made: Recipe | None = None) -> Recipe:
        """The information paths, measured on `model`, of `made`, or of the normal inputs' profile."""
        images = self._normal if made is None else None
        if self.study.feature_maps == "streamed" or (made is None and model != self.study.original):
            sets = None if made is None else {"": made}
            return self.planner.information_streaming(model, seed, self.study.buckets, images, sets)
        return self.planner.information(self.planner.features(model, seed, images, made), self.study.buckets)

    def normal(self, model: str, seed: int) -> Input:
        """The aggregated paths of normal inputs in `model`."""
        made = self.planner.aggregate(self.information(model, seed))
        return made.as_input(model=model, target="", attack=NORMAL, seed=seed, subset="all")

    def paths(self, model: str, attack: str, seed: int, subset: str = "success") -> Input:
        """The aggregated paths in `model` of what `attack` made against it."""
        made = self.planner.aggregate(self.information(model, seed, self.adversarial(attack, model, seed)))
        return made.as_input(model=model, target="", attack=attack, seed=seed, subset=subset)

    def transfer_measurement(self, model: str, attack: str, seed: int, targets: Sequence[str]) -> Recipe:
        """The information paths in `model` of what `attack` made against each of the targets."""
        made = {target: self.adversarial(attack, target, seed) for target in targets}
        return self.planner.information_streaming(model, seed, self.study.buckets, made=made)

    def transfer_paths(
        self, model: str, target: str, attack: str, seed: int, targets: Sequence[str], subset: str = "success"
    ) -> Input:
        """The aggregated paths in `model` of what `attack` made against `target`, one of the `targets`.

        subset: as the aggregate stage names them; "common" are the inputs that succeed against all of the targets.
        """
        made = self.planner.aggregate(self.transfer_measurement(model, attack, seed, targets))
        return made.as_input(model=model, target=target, attack=attack, seed=seed, subset=subset)
