"""The public names of the information_flow study's tables and figures."""

from __future__ import annotations

from workflow_scripts.configuration.schema.studies import InformationFlow
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies.published import published_table
from workflow_scripts.planning.studies.reductions import reduced

STUDY = "information_flow"


class Publications:
    """Publishes a table or figure, drawn by the module of its name or by `renderer`."""

    def __init__(self, planner: Planner, study: InformationFlow):
        self.planner = planner
        configuration = planner.configuration
        datasets = dict.fromkeys(configuration.models[name].dataset for name in (study.original, *study.models))
        sources = [configuration.datasets[name].source for name in datasets]
        text = f"Measured on {', '.join(sources)}; the published values are for CIFAR-10."
        compared = [study.original, study.compressed, study.distillation and study.distillation.model, *study.models]
        narrow = reduced(configuration.models, [name for name in compared if name])
        self._notes = [*([text] if sources != ["cifar10"] else []), *narrow]

    def table(self, name: str, caption: str, inputs: list, renderer: str | None = None, **more) -> None:
        """A table beside its published values; where the paper has none, beside nothing."""
        parameters = {"renderer": f"{STUDY}.{renderer or name}", "published": published_table(STUDY, name), **more}
        self.planner.publish("table", STUDY, name, caption, {**parameters, "notes": self._notes}, inputs)

    def figure(self, name: str, caption: str, inputs: list, renderer: str | None = None, **more) -> None:
        """A figure."""
        parameters = {"renderer": f"{STUDY}.{renderer or name}", **more}
        self.planner.publish("figure", STUDY, name, caption, parameters, inputs)
