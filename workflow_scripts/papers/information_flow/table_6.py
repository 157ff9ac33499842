"""Table VI: the share of one model's adversarial inputs that deceive the other model too."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.attack_rows import grouped, role_of
from workflow_scripts.papers.information_flow.transfers import beaten_by_transfer, transfers
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.names import display_name
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row an attack, target and model, and a warning for each attack that another model's inputs beat."""
    rows, warnings = [], []
    for (attack, target, model), reactions in grouped(inputs, "attack", "target", "reaction").items():
        keys = {"attack": attack, "target": role_of(inputs, target), "measured_on": role_of(inputs, model)}
        seeds = [item.role["seed"] for item in reactions]
        found = [transfers(inputs, attack, target, model, seed)[0] for seed in seeds]
        shares = [float(each.mean()) if len(each) else None for each in found]
        value = published.lookup(keys, "transferability")
        rows.append(Row(keys, {"transferability": pool(shares, sum(map(len, found)), value)}))
        warnings += [warning(inputs, attack, target, model, seed) for seed in seeds]
    return Table(
        study="information_flow",
        number="6",
        title="Transferability",
        caption=inputs.parameters["caption"],
        keys=(Key("attack", "Attack"), Key("target", "Target"), Key("measured_on", "Measured on")),
        columns=(Column("transferability", "Transferability", 4),),
        rows=rows,
        notes=[*inputs.parameters["notes"], *filter(None, warnings)],
    )


def warning(inputs: Inputs, attack: str, target: str, model: str, seed: int) -> str | None:
    """A note where the inputs for `target` deceive `model` more often than the attack on `model` itself."""
    found = beaten_by_transfer(inputs, attack, target, model, seed)
    if found is None:
        return None
    here, there = role_of(inputs, model), role_of(inputs, target)
    return (
        f"{display_name(attack)} on the {here} model (seed {seed}) is weaker than it could be: of the images attacked "
        f"on both models it turns {found[1]:.1%}, and its inputs for the {there} model turn {found[0]:.1%} of them."
    )
