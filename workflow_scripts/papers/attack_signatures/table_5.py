"""Table 5: recognition without the feature and classification losses (A), without either one (B, C), and with both."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import RECOGNISERS, only_dataset, recognition_table
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Table

SHOWN = ("ablation_a", "ablation_b", "ablation_c")


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """A row a class and the total; a column for each choice of losses."""
    variants = {**{name: RECOGNISERS[name] for name in SHOWN}, "redrl": "REDRL"}
    return recognition_table(inputs, published, variants, f"5_{only_dataset(inputs)}", "Losses of REDRL")
