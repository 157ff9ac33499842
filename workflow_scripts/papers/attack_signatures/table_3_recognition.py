"""Table 3: recognition from I_adv, from (δ, I_adv), and from (I_r, I_adv)."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import RECOGNISERS
from workflow_scripts.papers.attack_signatures.recognition_table import recognition_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per class and one for the total; one column per recogniser, by what it sees."""
    recognisers = {name: RECOGNISERS[name] for name in ("image", "perturbation", "redrl")}
    return recognition_table(inputs, published, recognisers, "Attacks recognised")
