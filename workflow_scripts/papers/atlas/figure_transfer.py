"""Transfer between models under each attack, as matrices."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.pairs import all_pairs
from workflow_scripts.papers.atlas.table_transfer import deceived, share
from workflow_scripts.rendering.figures.transfer_matrices import transfer_matrices


def figure(inputs: Inputs):
    """One panel per attack: rows are victims, columns the models that their examples are shown to."""
    pairs = {(pair.model, pair.attack): pair for pair in all_pairs(inputs)}
    models, attacks = inputs.parameters["models"], inputs.parameters["attacks"]
    parts = {part: {name: np.zeros((len(models),) * 2) for name in attacks} for part in ("value", "lower", "upper")}
    for attack in attacks:
        for row, victim in enumerate(models):
            for column, model in enumerate(models):
                found = share(deceived(pairs[model, attack], victim))
                for part, matrices in parts.items():
                    matrices[attack][row, column] = getattr(found, part)[0]
    return transfer_matrices(parts["value"], parts["lower"], parts["upper"], models)
