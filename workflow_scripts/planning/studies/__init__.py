"""Which artifacts each paper's tables and figures are made from: one package per study, planned by its `plan`."""

from __future__ import annotations

from pathlib import Path

from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.planning.class_counts import check_targets
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies.atlas.plan import plan_atlas
from workflow_scripts.planning.studies.attack_signatures.plan import plan_attack_signatures
from workflow_scripts.planning.studies.information_flow.plan import plan_information_flow
from workflow_scripts.planning.studies.local_properties.plan import plan_local_properties
from workflow_scripts.planning.studies.results_page import plan_results_page


def make_plan(
    configuration: Configuration, *, hash_cache: Path | None = None, contents: dict[str, str] | None = None
) -> Plan:
    """The plan of every study that the configuration asks for, and of their page; keywords as in `Planner`.

    ConfigurationError, one line per mistake, where a part of it cannot be planned.
    """
    planner = Planner(configuration, hash_cache=hash_cache, contents=contents)
    studies = configuration.studies
    if studies.information_flow is not None:
        plan_information_flow(planner, studies.information_flow)
    if studies.local_properties is not None:
        plan_local_properties(planner, studies.local_properties)
    if studies.attack_signatures is not None:
        plan_attack_signatures(planner, studies.attack_signatures)
    if studies.atlas is not None:
        plan_atlas(planner, studies.atlas)
    check_targets(planner.configuration, planner.plan)
    plan_results_page(planner)
    return planner.plan
