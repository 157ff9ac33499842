"""Table 3: recognition from I_adv, from (δ, I_adv), and from (I_r, I_adv)."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import RECOGNISERS, only_dataset, recognition_table
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Table

SHOWN = ("image", "perturbation", "redrl")


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """A row a class and the total; a column for each thing that the recogniser may see."""
    variants = {name: RECOGNISERS[name] for name in SHOWN}
    return recognition_table(inputs, published, variants, f"3_{only_dataset(inputs)}", "Attacks recognised")
