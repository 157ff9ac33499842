"""The tables and figures of the results page: their files in the page's folder, and what the page says of them."""

from __future__ import annotations

import shutil
from pathlib import Path

from PIL import Image

from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.recipes.recipe import SHORT
from workflow_scripts.rendering.page.contents import Claim, Shown, entries_of
from workflow_scripts.rendering.page.tables import claims_of, table_part
from workflow_scripts.store.artifact import Artifact

FINDINGS, SURVIVAL = "findings", "survival"


def copy_publication(item: RoleArtifact, folder: Path) -> Shown:
    """Copy the files of a table or figure into the page's folder; what the page shows of it."""
    artifact, role = item.artifact, item.role
    target = folder / f"{role['kind']}s" / role["study"]
    target.mkdir(parents=True, exist_ok=True)
    for name in artifact.manifest["payload"]:
        shutil.copyfile(artifact.file(name), target / name)
    inputs = artifact.recipe["inputs"]
    title = table = ""
    size = (0, 0)
    if role["kind"] == "table":
        title, table = table_part(artifact.file(f"{role['publication']}.html").read_text(encoding="utf-8"))
    else:
        with Image.open(artifact.file(f"{role['publication']}.png")) as image:
            size = image.size
    return Shown(
        kind=role["kind"],
        study=role["study"],
        name=role["publication"],
        title=title,
        caption=artifact.parameters["caption"],
        artifact=f"{role['kind']}/{artifact.path.name}",
        digest=artifact.digest,
        suffixes=[Path(name).suffix[1:] for name in artifact.manifest["payload"]],
        sources=sorted({f"{each['kind']}/{each['label']}--{each['digest'][:SHORT]}" for each in inputs}),
        entries=[f"studies.{role['study']}", *entries_of(each["role"] for each in inputs)],
        table=table,
        size=size,
    )


def read_claims(items: list[RoleArtifact]) -> list[Claim]:
    """The claims of every study that has a table of findings, with the verdicts of its table `survival`, if any."""
    tables = {(item.role["study"], item.role["publication"]): item.artifact for item in items}
    claims: list[Claim] = []
    for (study, name), artifact in tables.items():
        if name == FINDINGS:
            survival = tables.get((study, SURVIVAL))
            claims += claims_of(study, csv_text(artifact, FINDINGS), csv_text(survival, SURVIVAL) if survival else "")
    return claims


def csv_text(artifact: Artifact, name: str) -> str:
    """The CSV of a table."""
    return artifact.file(f"{name}.csv").read_text(encoding="utf-8")
