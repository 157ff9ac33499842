"""A table: CSV, LaTeX, Markdown and HTML, drawn by the module that the recipe names."""

from __future__ import annotations

import importlib
import json

from workflow_scripts.jobs.job import Job
from workflow_scripts.papers.published import NothingPublished, parse
from workflow_scripts.rendering.table_files import write_table


def realise(job: Job) -> dict:
    """Write <name>.csv, .tex, .md and .html."""
    parameters = job.parameters
    renderer = importlib.import_module(f"workflow_scripts.papers.{parameters['renderer']}")
    given = parameters["published"]
    published = (
        parse(json.loads(given), f"the published values of {parameters['name']}") if given else NothingPublished()
    )
    sources = sorted({f"{i.artifact.recipe['kind']}/{i.artifact.path.name}" for i in job.artifacts})
    table = renderer.table(job, published)
    write_table(table, job.out, parameters["name"], sources)
    return {"rows": len(table.rows)}
