"""Look up what an estimate needs: a recipe's inputs, its images, and the networks of its models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workflow_scripts.planning.resources.images import Images, images_of
from workflow_scripts.planning.resources.networks import Network, network
from workflow_scripts.recipes.recipe import Input, Recipe


@dataclass(frozen=True)
class Cost:
    """What a job takes.

    operations: floating-point operations of its networks, on the GPU where there is one. seconds: of everything else,
    on one CPU thread. libraries_mb, data_mb: host memory of imports and of arrays. maps_mb: memory of feature maps,
    gradients and weights, where the networks run. 1 MB is 2^20 bytes.
    """

    operations: float = 0
    seconds: float = 0
    libraries_mb: float = 0
    data_mb: float = 0
    maps_mb: float = 0


MB = 2**20


@dataclass(frozen=True)
class RecipeLookup:
    """Finds the recipes of inputs, and what they say of images and networks."""

    find: Callable[[Input], Recipe]

    def all(self, recipe: Recipe, *names: str) -> list[Recipe]:
        """The inputs of a recipe whose roles have one of these names."""
        return [self.find(item) for item in recipe.inputs if item.role.get("name") in names]

    def one(self, recipe: Recipe, *names: str) -> Recipe:
        """The first of them; LookupError where there is none."""
        for item in recipe.inputs:
            if item.role.get("name") in names:
                return self.find(item)
        raise LookupError(f"{recipe.folder} has no input that is its {' or '.join(names)}")

    def images(self, recipe: Recipe) -> Images:
        """The images of a recipe's data set, or of its model's."""
        if recipe.kind == "dataset":
            return images_of(recipe)
        return self.images(self.one(recipe, "dataset", "model", "images"))

    def network(self, model: Recipe) -> Network:
        """The network of a model's recipe; for a compressed model, the network before trimming."""
        if model.kind == "compressed":
            return self.network(self.one(model, "model"))
        return network(model.parameters["architecture"], model.parameters["build"], self.images(model).side)

    def victim(self, recipe: Recipe) -> Network:
        """The network of the model that a recipe attacks or measures."""
        return self.network(self.one(recipe, "model"))

    def count(self, recipe: Recipe) -> int:
        """Images of an adversarial set, or frames of a trajectory, at most."""
        if recipe.kind == "random_walk":
            return self.count(self.one(recipe, "trajectory"))
        if recipe.kind == "trajectory":
            return recipe.parameters["inputs"] * recipe.parameters["max_frames"]
        return self.chosen(recipe.parameters["images"], self.images(recipe))

    def chosen(self, wanted: dict, images: Images) -> int:
        """How many images of a data set the selection {split, count, start, stop} has."""
        most = min(wanted["count"], getattr(images, wanted["split"]))
        return max(0, min(wanted.get("stop") or most, most) - wanted.get("start", 0))
