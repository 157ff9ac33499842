"""What the atlas measures: adversarial sets with their controls, and each model's reactions to them."""

from __future__ import annotations

from workflow_scripts.configuration.schema.atlas import Atlas
from workflow_scripts.planning.adversarial_sets import control_set
from workflow_scripts.planning.labels import measured_label
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.recipe import Input, Recipe


class Measurements:
    """The atlas's measurements by model and attack; sets are those of other studies where their recipes are equal."""

    def __init__(self, planner: Planner, study: Atlas):
        self.planner, self.study = planner, study
        self._images = {"split": "test", "count": study.images, "selection_seed": study.selection_seed}

    def seed(self, model: str) -> int:
        """The training of a model that the atlas shows: its first."""
        return self.planner.configuration.models[model].seeds[0]

    def adversarial_set(self, attack: str, model: str) -> Recipe:
        """The set that an attack makes against a model."""
        return self.planner.adversarial(attack, model, self.seed(model), self._images)

    def control(self, kind: str, attack: str, model: str) -> Recipe:
        """A control of that set."""
        return control_set(self.planner, kind, self.adversarial_set(attack, model), model)

    def sets(self) -> list[Input]:
        """Every adversarial set and its controls, as inputs of tables and figures."""
        found = []
        for model in self.study.models:
            for attack in self.study.attacks:
                role = {"name": "adversarial_set", "model": model, "attack": attack, "seed": self.seed(model)}
                found.append(self.adversarial_set(attack, model).as_input(**role))
                found += [
                    self.control(kind, attack, model).as_input(**role, control=kind) for kind in self.study.controls
                ]
        return found

    def reactions(self) -> list[Input]:
        """Every model's reactions to every attack, as inputs of tables and figures."""
        return [
            self._reactions(model, attack).as_input(name="reactions", model=model, attack=attack, seed=self.seed(model))
            for model in self.study.models
            for attack in self.study.attacks
        ]

    def _reactions(self, model: str, attack: str) -> Recipe:
        planner, entry = self.planner, self.planner.configuration.models[model]
        attacked, measured = self.adversarial_set(attack, model), planner.model(model, self.seed(model))
        inputs = [
            measured.as_input(name="model"),
            planner.dataset(entry.dataset).as_input(name="dataset"),
            attacked.as_input(name="images", version="attack"),
            *(self.control(kind, attack, model).as_input(name="images", version=kind) for kind in self.study.controls),
            *(
                self.adversarial_set(attack, victim).as_input(name="transfer", victim=victim)
                for victim in self.study.models
                if victim != model
            ),
        ]
        parameters = {"checkpoint": entry.checkpoint, "buckets": self.study.buckets}
        named = (planner.module("models", entry.architecture),)
        label, title = measured_label(attacked.label, measured), f"reactions of {model}: {attacked.title}"
        keys = {"buckets": "studies.atlas.buckets"}
        return planner.recipe("reactions", label, parameters, tuple(inputs), named, title=title, **keys)
