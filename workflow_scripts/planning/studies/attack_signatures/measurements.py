"""What the attack_signatures study measures on one data set: attacked images, recognisers and saliency."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from workflow_scripts.configuration.schema.attack_signatures import AttackSignatures, Redrl, StudyDataset
from workflow_scripts.planning.labels import victim_label
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.resources.recipe_lookup import RecipeLookup
from workflow_scripts.planning.resources.shards import shard_size
from workflow_scripts.recipes.recipe import Input, Recipe

RECOGNISERS = {
    "image": ("image", ()),
    "perturbation": ("perturbation", ()),
    "redrl": ("residual", ()),
    "ablation_a": ("residual", ("features", "classification")),
    "ablation_b": ("residual", ("classification",)),
    "ablation_c": ("residual", ("features",)),
}
"""Recogniser → what the network Ψ sees, and the losses that are left out (section 4.8 of the paper)."""
DENOISERS = {
    "narrow_gaussian": {"filter": "gaussian", "size": "1/2"},
    "gaussian": {"filter": "gaussian", "size": "1"},
    "median": {"filter": "median", "size": "3"},
}
"""The trivial denoisers beside REDRL's reconstructor; sizes in pixels."""
TRAINING = ("epochs", "steps_per_epoch", "batch_size", "weight_decay", "warmup_epochs", "milestones", "label_smoothing")
LOSSES = ("reconstruction", "features", "classification")


@dataclass(frozen=True)
class DatasetMeasurements:
    """The measurements on one data set: victims, shards of attacked images, recognisers and saliency.

    entry: the data set's entry in the study. Every class of attacks has one or more configurations, and every
    configuration attacks every victim.
    """

    planner: Planner
    study: AttackSignatures
    entry: StudyDataset
    _shards_by_set: dict = field(default_factory=dict, compare=False)
    """Shards by (victim, attack, split): there are hundreds, and every recogniser reads all of them."""

    @property
    def redrl(self) -> Redrl:
        """The settings of this data set's recognisers."""
        return self.entry.redrl or self.study.redrl

    def seed(self, victim: str) -> int:
        """The training of a victim that is attacked: the first one."""
        return self.planner.configuration.models[victim].seeds[0]

    def checkpoint(self, victim: str) -> str:
        """The checkpoint of a victim that is attacked."""
        return self.planner.configuration.models[victim].checkpoint

    @cached_property
    def dataset(self) -> Input:
        """The data set's images."""
        return self.planner.dataset(self.entry.dataset).as_input(name="dataset")

    def model(self, victim: str) -> Recipe:
        """The trained victim."""
        return self.planner.model(victim, self.seed(victim))

    @cached_property
    def victims(self) -> tuple[Input, ...]:
        """The trained victims, numbered in the configuration's order."""
        return tuple(
            self.model(name).as_input(name="victim", victim=number, checkpoint=self.checkpoint(name))
            for number, name in enumerate(self.entry.victims)
        )

    @cached_property
    def architectures(self) -> tuple[str, ...]:
        """The modules that define the victims' networks."""
        return tuple(dict.fromkeys(map(self.architecture, self.entry.victims)))

    def architecture(self, victim: str) -> str:
        """The module that defines a victim's network."""
        return self.planner.module("models", self.planner.configuration.models[victim].architecture)

    def shards(self, victim: str, attack: str, split: str) -> list[tuple[int, Recipe]]:
        """(first image, recipe) of every shard of an adversarial set; a single shard's recipe does not name a range."""
        if (victim, attack, split) not in self._shards_by_set:
            self._shards_by_set[victim, attack, split] = self._shards(victim, attack, split)
        return self._shards_by_set[victim, attack, split]

    def _shards(self, victim: str, attack: str, split: str) -> list[tuple[int, Recipe]]:
        count = getattr(self.entry, split)
        size = self.shard_size(victim, attack)
        images = {"split": split, "count": count, "selection_seed": self.study.selection_seed}
        starts = range(0, count, size)
        ranges = [{"start": start, "stop": min(start + size, count)} for start in starts] if count > size else [{}]
        recipes = (self.planner.adversarial(attack, victim, self.seed(victim), {**images, **each}) for each in ranges)
        return list(zip(starts, recipes, strict=True))

    def shard_size(self, victim: str, attack: str) -> int:
        """Images per shard of the sets that an attack makes against a victim."""
        entry = self.planner.configuration.attacks[attack]
        lookup = RecipeLookup(lambda item: self.planner.plan.recipes[item.folder])
        return shard_size(
            entry.attack,
            {**entry.model_dump(), **getattr(entry, "parameters", {})},
            lookup.images(self.planner.dataset(self.entry.dataset)),
            lookup.network(self.model(victim)),
            largest=self.study.shard_size,
            max_hours=self.study.max_shard_hours,
        )

    def shard_inputs(self, victims: list[str], split: str, saliency_attacks: bool = False) -> list[Input]:
        """The shards of these victims' adversarial sets; `saliency_attacks`: only of the attacks that saliency uses."""
        inputs = []
        for victim in victims:
            number = self.entry.victims.index(victim)
            for name, attacks in self.study.classes.items():
                for configuration, attack in enumerate(attacks):
                    if saliency_attacks and attack != self.study.saliency_attacks.get(name, attacks[-1]):
                        continue
                    role = {"name": "shard", "victim": number, "class": name, "configuration": configuration}
                    shards = self.shards(victim, attack, split)
                    inputs += [recipe.as_input(**role, start=start) for start, recipe in shards]
        return inputs

    def recogniser(self, recogniser: str, quantisation: str, seed: int) -> Recipe:
        """One training of a recogniser, on all attacked training images."""
        study, redrl = self.study, self.redrl
        sees, left_out = RECOGNISERS[recogniser]
        residual = sees == "residual"
        weights = {name: getattr(redrl, name) if residual and name not in left_out else 0 for name in LOSSES}
        parameters = {
            "sees": sees,
            "classes": list(study.classes),
            "quantisation": quantisation,
            "sizes": {
                "channels": redrl.channels if residual else 0,
                "blocks": redrl.blocks if residual else 0,
                "width": redrl.width,
                "small_stem": redrl.small_stem,
            },
            "weights": weights,
            "training": {
                "learning_rate": self.entry.learning_rate,
                **{name: getattr(redrl, name) for name in TRAINING},
            },
            "seed": seed,
        }
        inputs = [self.dataset, *self.victims, *self.shard_inputs(self.entry.victims, "train")]
        if weights["features"] and redrl.perceptual_weights is not None:
            number = self.study.datasets.index(self.entry)
            key = "redrl" if self.entry.redrl is None else f"datasets[{number}].redrl"
            where = f"studies.attack_signatures.{key}.perceptual_weights"
            inputs.append(self.planner.weights(where, redrl.perceptual_weights).as_input(name="perceptual"))
        title = f"train the recogniser {recogniser} on {self.entry.dataset}, seed {seed}"
        label = f"{recogniser}-s{seed}"
        return self.planner.recipe("recogniser", label, parameters, tuple(inputs), self.architectures, title=title)

    def evaluation(self, recogniser: str, quantisation: str, seed: int) -> Recipe:
        """The predictions of a recogniser for all attacked test images."""
        parameters = {
            "classes": list(self.study.classes),
            "quantisation": quantisation,
            "denoisers": DENOISERS if recogniser == "redrl" else {},
        }
        trained = self.recogniser(recogniser, quantisation, seed).as_input(name="recogniser")
        inputs = (trained, self.dataset, *self.victims, *self.shard_inputs(self.entry.victims, "test"))
        title = f"evaluate the recogniser {recogniser} on {self.entry.dataset}, seed {seed}"
        label = f"{recogniser}-s{seed}"
        return self.planner.recipe("recogniser_evaluation", label, parameters, inputs, self.architectures, title=title)

    def evaluation_input(self, recogniser: str, quantisation: str, seed: int) -> Input:
        """`evaluation` as an input of a table or figure."""
        role = {"recogniser": recogniser, "quantisation": quantisation, "seed": seed}
        evaluation = self.evaluation(recogniser, quantisation, seed)
        return evaluation.as_input(name="recogniser_evaluation", dataset=self.entry.dataset, **role)

    def robust_accuracy(self, victim: str) -> Recipe:
        """A victim's robust accuracy under every configuration and quantisation."""
        quantisations = {
            self.study.quantisation,
            *self.study.compared_quantisations,
            *self.study.recognised_quantisations,
        }
        parameters = {"quantisations": sorted(quantisations), "checkpoint": self.checkpoint(victim)}
        inputs = (self.model(victim).as_input(name="model"), self.dataset, *self.shard_inputs([victim], "test"))
        return self._of_victim("robust_accuracy", "accuracy under attack", victim, parameters, inputs)

    def robust_accuracies(self) -> list[Input]:
        """`robust_accuracy` of every victim, as inputs of a table."""
        return [
            self.robust_accuracy(victim).as_input(name="robust_accuracy", dataset=self.entry.dataset, victim=victim)
            for victim in self.entry.victims
        ]

    def saliency(self, victim: str) -> Recipe:
        """A victim's parameter saliency: statistics, profiles and their comparison."""
        settings = self.study.saliency
        parameters = {
            "classes": list(self.study.classes),
            "quantisation": self.study.quantisation,
            "checkpoint": self.checkpoint(victim),
            "images": settings.images,
            "comparison_images": settings.comparison_images,
            "permutations": settings.permutations,
            "seed": self.study.selection_seed,
        }
        shards = self.shard_inputs([victim], "test", saliency_attacks=True)
        inputs = (self.model(victim).as_input(name="model"), self.dataset, *shards)
        return self._of_victim("saliency", "filter saliency", victim, parameters, inputs)

    def input_saliency(self, victim: str) -> Recipe:
        """Input-space saliency of a few test images under every attack."""
        settings = self.study.saliency
        parameters = {
            "classes": list(self.study.classes),
            "quantisation": self.study.quantisation,
            "checkpoint": self.checkpoint(victim),
            "example_images": settings.example_images,
            "region_images": settings.region_images,
            "boosted_filters": settings.boosted_filters,
            "boost": settings.boost,
            "percentile": settings.percentile,
        }
        shards = self.shard_inputs([victim], "test", saliency_attacks=True)
        saliency = self.saliency(victim).as_input(name="saliency")
        inputs = (self.model(victim).as_input(name="model"), self.dataset, saliency, *shards)
        return self._of_victim("input_saliency", "input saliency", victim, parameters, inputs)

    def _of_victim(self, kind: str, what: str, victim: str, parameters: dict, inputs: tuple) -> Recipe:
        named, title = (self.architecture(victim),), f"{what} of {victim}, seed {self.seed(victim)}"
        return self.planner.recipe(kind, victim_label(self.model(victim)), parameters, inputs, named, title=title)
