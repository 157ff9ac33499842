"""What a configuration asks for: every recipe, and what is published."""

from __future__ import annotations

from dataclasses import dataclass, field

from workflow_scripts.publication.records import Publication
from workflow_scripts.recipes.recipe import SHORT, Recipe, digest_of


@dataclass
class Plan:
    """Every recipe that a configuration needs, by its artifact's folder, and what is published.

    `source_paths` say where data sets read their files; paths decide no result and are in no recipe.
    """

    recipes: dict[str, Recipe] = field(default_factory=dict)
    source_paths: dict[str, str] = field(default_factory=dict)
    publications: list[Publication] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """What is published, in 12 hexadecimal digits."""
        return digest_of(sorted(publication.recipe.digest for publication in self.publications))[:SHORT]
