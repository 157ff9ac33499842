"""A figure and the data that it shows, drawn by the renderer that the recipe names.

Payload: `<name>.pdf`, `<name>.png`, `<name>.csv` (the data) and `<name>.tex` (a float with caption and label).
"""

from __future__ import annotations

import importlib

from workflow_scripts.jobs.job import Job
from workflow_scripts.papers.sources import source_names
from workflow_scripts.rendering.figure_files import write_figure
from workflow_scripts.rendering.figure_latex import figure_latex_text


def realise(job: Job) -> dict:
    """Draw the figure and write its files."""
    parameters = job.parameters
    name = parameters["name"]
    renderer = importlib.import_module(f"workflow_scripts.papers.{parameters['renderer']}")
    figure, data = renderer.figure(job)
    write_figure(figure, data, job.out, name)
    width = figure.get_size_inches()[0]
    text = figure_latex_text(parameters["study"], name, parameters["caption"], width, source_names(job))
    (job.out / f"{name}.tex").write_text(text, encoding="utf-8", newline="\n")
    return {"points": len(data)}
