"""A figure: PDF, PNG and the CSV of its data, drawn by the module that the recipe names."""

from __future__ import annotations

import importlib

from workflow_scripts.jobs.job import Job
from workflow_scripts.rendering.figure_files import write_figure


def realise(job: Job) -> dict:
    """Write <name>.pdf, .png and .csv."""
    renderer = importlib.import_module(f"workflow_scripts.papers.{job.parameters['renderer']}")
    drawn, frame = renderer.figure(job)
    write_figure(drawn, frame, job.out, job.parameters["name"])
    return {"points": len(frame)}
