"""The atlas: tables and figures that compare every model under every attack."""

from __future__ import annotations

from workflow_scripts.configuration.schema.atlas import Atlas
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies.atlas.measurements import Measurements

STUDY = "atlas"


def plan_atlas(planner: Planner, study: Atlas) -> None:
    """Add every recipe and publication of the study."""
    measurements = Measurements(planner, study)
    measurements.sets()
    measurements.reactions()
