"""The grid of the attack_signatures study: victims × configurations, in parts, and what is measured on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from workflow_scripts.configuration.schema.attack_signatures import AttackSignatures, Redrl, StudyDataset
from workflow_scripts.planning.labels import victim_label
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.resources.recipe_lookup import RecipeLookup
from workflow_scripts.planning.resources.shards import shard_size
from workflow_scripts.recipes.recipe import Input, Recipe

VARIANTS = {
    "image": ("image", ()),
    "perturbation": ("perturbation", ()),
    "redrl": ("residual", ()),
    "ablation_a": ("residual", ("features", "classification")),
    "ablation_b": ("residual", ("classification",)),
    "ablation_c": ("residual", ("features",)),
}
"""Recogniser → what Ψ sees, and the losses that are left out (section 4.8 of the paper)."""
TRAINING = ("epochs", "steps_per_epoch", "batch_size", "weight_decay", "warmup_epochs", "milestones", "label_smoothing")
LOSSES = ("reconstruction", "features", "classification")


@dataclass(frozen=True)
class Measured:
    """One data set's recipes: victims, attacked parts, recognisers, saliency."""

    planner: Planner
    study: AttackSignatures
    grid: StudyDataset
    known: dict = field(default_factory=dict, compare=False)
    """Parts by (victim, attack, split): a grid has hundreds, and every recogniser reads all of them."""

    @property
    def redrl(self) -> Redrl:
        """How the recognisers of this data set are made."""
        return self.grid.redrl or self.study.redrl

    def seed(self, victim: str) -> int:
        """The training of a victim that is attacked: its first."""
        return self.planner.configuration.models[victim].seeds[0]

    def checkpoint(self, victim: str) -> str:
        return self.planner.configuration.models[victim].checkpoint

    @cached_property
    def dataset(self) -> Input:
        return self.planner.dataset(self.grid.dataset).as_input(name="dataset")

    def model(self, victim: str) -> Recipe:
        return self.planner.model(victim, self.seed(victim))

    @cached_property
    def victims(self) -> tuple[Input, ...]:
        """Every victim by its number."""
        return tuple(
            self.model(name).as_input(name="victim", victim=number, checkpoint=self.checkpoint(name))
            for number, name in enumerate(self.grid.victims)
        )

    @cached_property
    def architectures(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(self.architecture, self.grid.victims)))

    def architecture(self, victim: str) -> str:
        return self.planner.module("models", self.planner.configuration.models[victim].architecture)

    def shards(self, victim: str, attack: str, split: str) -> list[tuple[int, Recipe]]:
        """(first image, recipe) of every shard of a set; a set of one shard says nothing of shards."""
        if (victim, attack, split) not in self.known:
            self.known[victim, attack, split] = self._shards(victim, attack, split)
        return self.known[victim, attack, split]

    def _shards(self, victim: str, attack: str, split: str) -> list[tuple[int, Recipe]]:
        count = getattr(self.grid, split)
        size = self.shard_size(victim, attack)
        images = {"split": split, "count": count, "selection_seed": self.study.selection_seed}
        starts = range(0, count, size)
        ranges = [{"start": start, "stop": min(start + size, count)} for start in starts] if count > size else [{}]
        made = (self.planner.adversarial(attack, victim, self.seed(victim), {**images, **part}) for part in ranges)
        return list(zip(starts, made, strict=True))

    def shard_size(self, victim: str, attack: str) -> int:
        """Images per shard of the sets that an attack makes against a victim."""
        entry = self.planner.configuration.attacks[attack]
        lookup = RecipeLookup(lambda item: self.planner.plan.recipes[item.folder])
        return shard_size(
            entry.attack,
            {**entry.model_dump(), **getattr(entry, "parameters", {})},
            lookup.images(self.planner.dataset(self.grid.dataset)),
            lookup.network(self.model(victim)),
            largest=self.study.shard_size,
            max_hours=self.study.max_shard_hours,
        )

    def shard_inputs(self, victims: list[str], split: str, saliency_attacks: bool = False) -> list[Input]:
        """The parts of these victims, with the roles that stages know them by; `saliency_attacks`: saliency's attacks alone."""
        inputs = []
        for victim in victims:
            number = self.grid.victims.index(victim)
            for name, attacks in self.study.classes.items():
                for configuration, attack in enumerate(attacks):
                    if saliency_attacks and attack != self.study.saliency_attacks.get(name, attacks[-1]):
                        continue
                    role = {"name": "shard", "victim": number, "class": name, "configuration": configuration}
                    parts = self.shards(victim, attack, split)
                    inputs += [made.as_input(**role, start=start) for start, made in parts]
        return inputs

    def recogniser(self, variant: str, quantisation: str, seed: int) -> Recipe:
        """One training of a recogniser on every attacked training image."""
        study, redrl = self.study, self.redrl
        sees, left_out = VARIANTS[variant]
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
            "training": {"learning_rate": self.grid.learning_rate, **{name: getattr(redrl, name) for name in TRAINING}},
            "seed": seed,
        }
        inputs = [self.dataset, *self.victims, *self.shard_inputs(self.grid.victims, "train")]
        if weights["features"] and redrl.perceptual_weights is not None:
            number = self.study.datasets.index(self.grid)
            key = "redrl" if self.grid.redrl is None else f"datasets[{number}].redrl"
            where = f"studies.attack_signatures.{key}.perceptual_weights"
            inputs.append(self.planner.weights(where, redrl.perceptual_weights).as_input(name="perceptual"))
        title = f"train the recogniser {variant} on {self.grid.dataset}, seed {seed}"
        label = f"{variant}-s{seed}"
        return self.planner.recipe("recogniser", label, parameters, tuple(inputs), self.architectures, title=title)

    def recogniser_evaluation(self, variant: str, quantisation: str, seed: int) -> Recipe:
        """A recogniser on every attacked test image."""
        parameters = {"classes": list(self.study.classes), "quantisation": quantisation}
        made = self.recogniser(variant, quantisation, seed).as_input(name="recogniser")
        inputs = (made, self.dataset, *self.victims, *self.shard_inputs(self.grid.victims, "test"))
        title = f"evaluate the recogniser {variant} on {self.grid.dataset}, seed {seed}"
        label = f"{variant}-s{seed}"
        return self.planner.recipe("recogniser_evaluation", label, parameters, inputs, self.architectures, title=title)

    def robust_accuracy(self, victim: str) -> Recipe:
        """What is left of a victim's accuracy under every configuration and quantisation."""
        asked = {self.study.quantisation, *self.study.compared_quantisations, *self.study.recognised_quantisations}
        parameters = {"quantisations": sorted(asked), "checkpoint": self.checkpoint(victim)}
        inputs = (self.model(victim).as_input(name="model"), self.dataset, *self.shard_inputs([victim], "test"))
        return self._of_victim("robust_accuracy", "accuracy under attack", victim, parameters, inputs)

    def saliency(self, victim: str) -> Recipe:
        """A victim's filter saliency: statistics, profiles and their comparison."""
        wanted = self.study.saliency
        parameters = {
            "classes": list(self.study.classes),
            "quantisation": self.study.quantisation,
            "checkpoint": self.checkpoint(victim),
            "images": wanted.images,
            "comparison_images": wanted.comparison_images,
            "permutations": wanted.permutations,
            "seed": self.study.selection_seed,
        }
        parts = self.shard_inputs([victim], "test", saliency_attacks=True)
        inputs = (self.model(victim).as_input(name="model"), self.dataset, *parts)
        return self._of_victim("saliency", "filter saliency", victim, parameters, inputs)

    def input_saliency(self, victim: str) -> Recipe:
        """Input-space saliency of a few test images under every attack."""
        wanted = self.study.saliency
        parameters = {
            "classes": list(self.study.classes),
            "quantisation": self.study.quantisation,
            "checkpoint": self.checkpoint(victim),
            "example_images": wanted.example_images,
            "boosted_filters": wanted.boosted_filters,
            "boost": wanted.boost,
            "percentile": wanted.percentile,
        }
        parts = self.shard_inputs([victim], "test", saliency_attacks=True)
        saliency = self.saliency(victim).as_input(name="saliency")
        inputs = (self.model(victim).as_input(name="model"), self.dataset, saliency, *parts)
        return self._of_victim("input_saliency", "input saliency", victim, parameters, inputs)

    def _of_victim(self, kind: str, what: str, victim: str, parameters: dict, inputs: tuple) -> Recipe:
        named, title = (self.architecture(victim),), f"{what} of {victim}, seed {self.seed(victim)}"
        return self.planner.recipe(kind, victim_label(self.model(victim)), parameters, inputs, named, title=title)
