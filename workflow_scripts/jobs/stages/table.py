"""A table as CSV, LaTeX, Markdown and HTML, drawn by the renderer that the recipe names.

Payload: `<name>.csv` (unrounded values), `<name>.tex`, `<name>.md` and `<name>.html`.
"""

from __future__ import annotations

import importlib
import json

from workflow_scripts.jobs.job import Job
from workflow_scripts.papers.published_table import NothingPublished, parse
from workflow_scripts.papers.sources import source_names
from workflow_scripts.rendering.table_files import write_table


def realise(job: Job) -> dict:
    """Draw the table and write its files."""
    parameters = job.parameters
    renderer = importlib.import_module(f"workflow_scripts.papers.{parameters['renderer']}")
    values = parameters["published"]
    if values is None:
        published = NothingPublished()
    else:
        published = parse(json.loads(values), f"the published values of {parameters['name']}")
    table = renderer.table(job, published)
    write_table(table, job.out, parameters["name"], source_names(job))
    return {"rows": len(table.rows)}
