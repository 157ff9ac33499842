"""Publishing the tables and figures of one study: what all of them have in common."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies.findings import FINDINGS_CAPTION, SURVIVAL_CAPTION, paper_claims
from workflow_scripts.planning.studies.published_values import published_values
from workflow_scripts.recipes.recipe import Input, Recipe

CONTROLS_CAPTION = (
    "Controls of the attacks: perturbations of the same size on the same images, which know nothing of the model. "
    "Success: the share of the attacked images that the model misclassifies; L2: mean over the attacked images; "
    "clipped: the share of values that left the images' range and were clipped, which makes a control smaller."
)


class Publications:
    """Plans the tables and figures of a study, each with its public name.

    differences: notes on what differs from the paper, printed below tables that may show its values. like_paper:
    whether the study measures what the paper measured, which decides whether they are shown unless the configuration
    does. remarks: notes below every table.
    parameters: what all renderers of the study are given besides their own. A renderer is a module of
    `workflow_scripts.papers`, named relative to the study's package.
    """

    def __init__(
        self,
        planner: Planner,
        study: str,
        differences: list[str],
        *,
        like_paper: bool = True,
        remarks: Sequence[str] = (),
        **parameters,
    ):
        wanted = planner.configuration.studies.published_values
        self._shown = like_paper if wanted == "auto" else wanted == "always"
        self._planner, self._study, self._parameters = planner, study, parameters
        self._notes = [*(differences if self._shown else []), *remarks]

    def table(
        self, name: str, caption: str, inputs: list[Input], *, renderer: str, published: str | None = None, **parameters
    ) -> Recipe:
        """A table beside its published values, which are those of the file `published` (default: of the same name)."""
        values = published_values(self._study, published or name) if self._shown else None
        more = {**self._table(values), **parameters}
        return self._publish("table", name, caption, inputs, f"{self._study}.{renderer}", more)

    def findings(self, inputs: list[Input], controls: Sequence[Input] = (), **parameters) -> None:
        """The findings table: every claim of the paper, tested on `inputs`; and the same beyond their controls.

        controls: the measurements of control perturbations, with the roles of the attacks' and `control`.
        """
        claims = paper_claims(self._study, with_effects=self._shown)
        self.table("findings", FINDINGS_CAPTION, inputs, renderer="findings", claims=claims, **parameters)
        both = [*inputs, *controls]
        self.table("survival", SURVIVAL_CAPTION, both, renderer="survival", claims=claims, **parameters)

    def control_sets(self, sets: list[Input], controls: list[Input]) -> None:
        """The table of the controls of adversarial `sets`; none where the study has no controls."""
        made = [each for each in controls if each.role["name"] == "adversarial_set"]
        if made:
            self._publish("table", "controls_attacks", CONTROLS_CAPTION, [*sets, *made], "controls_sets", self._table())

    def _table(self, published: str | None = None) -> dict:
        """What the renderers of all tables are given."""
        return {"published": published, "notes": self._notes}

    def figure(self, name: str, caption: str, inputs: list[Input], *, renderer: str, **parameters) -> Recipe:
        """A figure."""
        return self._publish("figure", name, caption, inputs, f"{self._study}.{renderer}", parameters)

    def learning_curve(self, model: str, seed: int, trained: Input, *, adversarial: bool = False) -> Recipe:
        """The learning curve of one training; of an adversarial training with its robust accuracy."""
        renderer = "figure_robust_learning_curve" if adversarial else "figure_learning_curve"
        caption = f"Learning curve of {model}, seed {seed}."
        return self._publish("figure", f"learning_curve_{model}", caption, [trained], renderer, {})

    def _publish(
        self, kind: str, name: str, caption: str, inputs: list[Input], renderer: str, parameters: dict
    ) -> Recipe:
        recipe_parameters = {"renderer": renderer, **self._parameters, **parameters}
        return self._planner.publish(kind, self._study, name, caption, recipe_parameters, inputs)
