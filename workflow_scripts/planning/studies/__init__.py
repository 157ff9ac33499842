"""What each paper's tables and figures need: recipes and their public names, a module a study."""

from __future__ import annotations

from pathlib import Path

from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies import attack_signatures, information_flow, local_properties


def make_plan(
    configuration: Configuration, *, hash_cache: Path | None = None, contents: dict[str, str] | None = None
) -> Plan:
    """The plan of every study that the configuration asks for; the keywords are the planner's."""
    planner = Planner(configuration, hash_cache=hash_cache, contents=contents)
    if configuration.studies.information_flow is not None:
        information_flow.plan(planner, configuration.studies.information_flow)
    if configuration.studies.local_properties is not None:
        local_properties.plan(planner, configuration.studies.local_properties)
    if configuration.studies.attack_signatures is not None:
        attack_signatures.plan(planner, configuration.studies.attack_signatures)
    return planner.plan
