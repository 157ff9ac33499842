"""Table 3: recognition from I_adv, from (δ, I_adv), and from (I_r, I_adv)."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.attack_signatures.rows import RECOGNISERS, only_dataset, recognition_table
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Table

SHOWN = ("image", "perturbation", "redrl")


def table(job: Job, published: PublishedTable) -> Table:
    """A row a class and the total; a column for each thing that the recogniser may see."""
    variants = {name: RECOGNISERS[name] for name in SHOWN}
    return recognition_table(job, published, variants, f"3_{only_dataset(job)}", "Attacks recognised")
