"""Artifacts that a test writes down itself, and stages run on them."""

from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.jobs.job import Job
from workflow_scripts.store.artifact import Artifact


class Made(Artifact):
    """An artifact whose manifest the test writes down itself."""

    def __new__(cls, path, manifest):
        made = super().__new__(cls)
        made.__dict__["manifest"] = manifest
        return made

    def __init__(self, path, manifest):
        super().__init__(path)


def made(path, metrics, parameters=None, kind="made"):
    return Made(path, {"metrics": metrics, "recipe": {"kind": kind, "parameters": parameters or {}}})


def run(stage, root, name, parameters, inputs, **more):
    """Realise a stage and return its artifact; `inputs`: (role, artifact) pairs."""
    out = root / name
    out.mkdir()
    job = Job(name, parameters, tuple(RoleArtifact(r, a) for r, a in inputs), out, root / f"{name}-scratch", **more)
    return made(out, stage.realise(job), parameters)
