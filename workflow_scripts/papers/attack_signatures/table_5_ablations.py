"""Table 5: recognition without the feature and classification losses (A), without either one (B, C), and with both."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import RECOGNISERS
from workflow_scripts.papers.attack_signatures.recognition_table import recognition_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per class and one for the total; one column per choice of losses."""
    recognisers = {name: RECOGNISERS[name] for name in ("ablation_a", "ablation_b", "ablation_c")}
    return recognition_table(inputs, published, {**recognisers, "redrl": "REDRL"}, "Losses of REDRL")
