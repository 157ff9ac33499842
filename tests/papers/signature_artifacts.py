"""Small made-up artifacts of the attack_signatures study whose numbers are known."""

import json

import numpy as np

from tests.handmade import made
from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.jobs.job import Job
from workflow_scripts.papers.published_table import parse
from workflow_scripts.planning.studies.published_values import published_values

STUDY = "attack_signatures"


PARAMETERS = {
    "study": STUDY,
    "name": "table_0",
    "caption": "A caption.",
    "notes": [],
    "papers": {"mine": "cifar10"},
    "victims": {"mine": ["first", "second"]},
    "architectures": {"first": "resnet50", "second": "own"},
    "classes": {"pgd": ["pgd_a", "pgd_b"]},
}


def job(tmp_path, *inputs, **parameters):
    return Job("test", PARAMETERS | parameters, tuple(RoleArtifact(*i) for i in inputs), tmp_path, tmp_path)


def published(name):
    return parse(json.loads(published_values(STUDY, name)), name)


def recognised(tmp_path, name, recogniser, pgd, clean=(0, 0, 0, 0), after=None):
    """Two victims, four clean images each, and PGD on images 0 to 3; `pgd`: recognised classes of victim 0, then 1."""
    groups = [
        {"class": attack, "victim": victim, "configuration": attack} for victim in (0, 1) for attack in ("clean", "pgd")
    ]
    found = np.array([*clean, *pgd[:4], *[-1] * 4, *pgd[4:]])  # the clean images count once
    group = np.repeat(np.arange(4), 4)
    before = np.array([1, 1, 1, 0] + [0, 0, 0, 0] + [1, 1, 1, 1] + [1, 0, 0, 0])
    later = before if after is None else np.array(after)
    folder = tmp_path / name
    folder.mkdir()
    loss = np.where(before == 1, 0.1, 1.0 + 0.01 * np.arange(16))
    np.savez(
        folder / "predictions.npz", group=group, index=np.tile(np.arange(4), 4), label=np.zeros(16, int),
        recognised=found, right_before=before, right_after=later, loss=loss, right_median=before,
    )  # fmt: skip
    truth = np.tile(np.repeat([0, 1], 4), 2)
    shown = found >= 0
    matrix = [[int(((truth == a) & (found == b) & shown).sum()) for b in (0, 1)] for a in (0, 1)]
    for number, entry in enumerate(groups):
        rows = group == number
        entry |= {"images": 4, "accuracy_before": before[rows].mean(), "accuracy_after": later[rows].mean()}
    metrics = {
        "classes": ["clean", "pgd"],
        "confusion": matrix,
        "recalls": [matrix[k][k] / max(1, sum(matrix[k])) for k in (0, 1)],
        "total": (matrix[0][0] + matrix[1][1]) / int(shown.sum()),
        "groups": groups,
    }
    role = {
        "name": "recogniser_evaluation",
        "dataset": "mine",
        "recogniser": recogniser,
        "quantisation": "truncate",
        "seed": 0,
    }
    return role, made(folder, metrics)


def saliency_artifact(tmp_path, name, shift=0.4):
    """Three attacks on images 0 to 19 and fewer; PGD is `shift` deeper than DeepFool, but for noise and 0.1."""
    folder = tmp_path / name
    folder.mkdir()
    generator = np.random.default_rng(1)
    samples = {}
    for k, attack in enumerate(("pgd", "deepfool", "patch")):
        count = 20 - k
        samples |= {
            f"{attack}_index": np.arange(count),
            f"{attack}_depth": 0.3 + shift * (attack == "pgd") + 0.1 * k + 0.01 * generator.normal(size=count),
            f"{attack}_salience": 1 + k + 0.1 * generator.normal(size=count),
            f"{attack}_layers": np.tile([1.0, 1.0] if attack == "patch" else [3.0, 1.0], (count, 1)),
        }
    np.savez(folder / "samples.npz", **samples)
    pairs = [("pgd", "deepfool", 0.9), ("pgd", "patch", 0.2), ("clean", "pgd", -0.5)]
    comparisons = [
        {"first": a, "second": b, "pairs": 10, "distance": 1.0, "permuted": 0.5, "permuted_high": 0.6, "p_value": 0.01,
         "excess": [e + 0.1, e, e + 0.3]}
        for a, b, e in pairs
    ]  # fmt: skip
    dead = {"filters": 40, "raised_filters": 3, "smallest_share": 0.1}
    return made(folder, {"comparisons": comparisons, "images": {}, **dead})
