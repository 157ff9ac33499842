"""A figure and the data that it shows, drawn by the renderer that the recipe names.

Payload: `<name>.pdf`, `<name>.png` and `<name>.csv` (the data).
"""

from __future__ import annotations

import importlib

from workflow_scripts.jobs.job import Job
from workflow_scripts.rendering.figure_files import write_figure


def realise(job: Job) -> dict:
    """Draw the figure and write its files."""
    renderer = importlib.import_module(f"workflow_scripts.papers.{job.parameters['renderer']}")
    figure, data = renderer.figure(job)
    write_figure(figure, data, job.out, job.parameters["name"])
    return {"points": len(data)}
