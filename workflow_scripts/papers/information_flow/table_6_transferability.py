"""Table VI: transferability, the share of one model's adversarial inputs that also deceive the other model."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.roles import group_by_role, role_in_paper
from workflow_scripts.papers.information_flow.transferability import stronger_transfer, transferred
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.names import display_name
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per attack, target and model, and a warning for each attack that a transfer attack outperforms."""
    rows, warnings = [], []
    for (attack, target, model), transfers in group_by_role(
        inputs, "attack", "target", "model", name="transfer"
    ).items():
        keys = {
            "attack": attack,
            "target": role_in_paper(inputs, target),
            "measured_on": role_in_paper(inputs, model),
        }
        seeds = [item.role["seed"] for item in transfers]
        deceived = [transferred(inputs, attack, target, model, seed)[0] for seed in seeds]
        shares = [float(each.mean()) if len(each) else None for each in deceived]
        value = published.lookup(keys, "transferability")
        rows.append(Row(keys, {"transferability": pool(shares, sum(map(len, deceived)), value)}))
        warnings += [weak_attack_warning(inputs, attack, target, model, seed) for seed in seeds]
    return paper_table(
        inputs,
        "Transferability",
        (Key("attack", "Attack"), Key("target", "Target"), Key("measured_on", "Measured on")),
        (Column("transferability", "Transferability", 4),),
        rows,
        list(filter(None, warnings)),
    )


def weak_attack_warning(inputs: Inputs, attack: str, target: str, model: str, seed: int) -> str | None:
    """A note where the inputs made for `target` deceive `model` more often than the attack on `model` itself."""
    rates = stronger_transfer(inputs, attack, target, model, seed)
    if rates is None:
        return None
    here, there = role_in_paper(inputs, model), role_in_paper(inputs, target)
    return (
        f"{display_name(attack)} on the {here} model (seed {seed}) is weaker than it could be: on the images attacked "
        f"on both models it succeeds for {rates[1]:.1%}, while the inputs that it made for the {there} model deceive "
        f"the {here} model for {rates[0]:.1%}."
    )
