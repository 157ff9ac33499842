"""Table 5: recognition without the feature and classification losses (A), without either one (B, C), and with both."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.attack_signatures.rows import RECOGNISERS, only_dataset, recognition_table
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Table

SHOWN = ("ablation_a", "ablation_b", "ablation_c")


def table(job: Job, published: PublishedTable) -> Table:
    """A row a class and the total; a column for each choice of losses."""
    variants = {**{name: RECOGNISERS[name] for name in SHOWN}, "redrl": "REDRL"}
    return recognition_table(job, published, variants, f"5_{only_dataset(job)}", "Losses of REDRL")
