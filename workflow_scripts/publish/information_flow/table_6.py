"""Table VI: the share of one model's adversarial inputs that deceive the other model too."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.information_flow.attack_rows import grouped, role_of
from workflow_scripts.publish.information_flow.transfers import transfers
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Column, Key, Row, Table, pool


def table(job: Job, published: PublishedTable) -> Table:
    """One row an attack, target and model."""
    rows = []
    for (attack, target, model), reactions in grouped(job, "attack", "target", "reaction").items():
        keys = {"attack": attack, "target": role_of(job, target), "measured_on": role_of(job, model)}
        found = [transfers(job, attack, target, model, item.role["seed"]) for item in reactions]
        shares = [float(each.mean()) if len(each) else None for each in found]
        value = published.lookup(keys, "transferability")
        rows.append(Row(keys, {"transferability": pool(shares, sum(map(len, found)), value)}))
    return Table(
        study="information_flow",
        number="6",
        title="Transferability",
        caption=job.parameters["caption"],
        keys=(Key("attack", "Attack"), Key("target", "Target"), Key("measured_on", "Measured on")),
        columns=(Column("transferability", "Transferability", 4),),
        rows=rows,
        notes=job.parameters["notes"],
    )
