"""Publication: artifacts of tables, figures and the results page copied to the stable names that people refer to.

    python -m workflow_scripts.publication.publish <record> <artifact>

The record `results/published/<tables|figures>/<study>/<name>.json`, or `results/published/index.json` for the page,
says of which artifact the public files are copies.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Container
from pathlib import Path

from workflow_scripts.publication.records import PAGE
from workflow_scripts.store.artifact import Artifact, ArtifactError
from workflow_scripts.store.integrity import damage, full_remedy, sha256_of
from workflow_scripts.store.origin import origins

PAGE_FOLDER = "page"
"""The folder beside `results/index.html` with what the page shows."""


def publish(record: Path, folder: Path, results: Path) -> None:
    """Copy an artifact's files to their public names, each atomically, and write the record last.

    The record before it is removed first, as from then on it does not hold.
    """
    artifact = Artifact(folder)
    problems = damage(artifact, full=True)
    if problems:
        raise ArtifactError(f"{folder} is damaged ({'; '.join(problems)}): {full_remedy(folder)}")
    parameters, kind = artifact.parameters, artifact.recipe["kind"]
    name = parameters["name"]
    record.unlink(missing_ok=True)
    target = results if kind == PAGE else results / f"{kind}s" / parameters["study"]
    target.mkdir(parents=True, exist_ok=True)
    for leftover in target.glob(f".{name}.*"):  # of a publication that was killed while it copied
        leftover.unlink(missing_ok=True)
    provenance = target / f"{name}.provenance.json"
    written = {}
    for relative, facts in artifact.manifest["payload"].items():
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        copy_atomically(artifact.path / relative, target / relative)
        written[str(target / relative)] = facts["sha256"]
    if kind == PAGE:
        remove_others(results / PAGE_FOLDER, written)
    write_atomically(
        provenance, json.dumps(provenance_of(artifact), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    )
    written[str(provenance)] = sha256_of(provenance)
    record.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(record, json.dumps({"artifact": artifact.path.name, "files": written}, indent=1) + "\n")


def remove_others(folder: Path, kept: Container[str]) -> None:
    """Remove the files below a folder that are not among the paths `kept`: those of the page before this one."""
    for path in folder.rglob("*"):
        if path.is_file() and str(path) not in kept:
            path.unlink()


def provenance_of(artifact: Artifact) -> dict:
    """What a reader of the public file needs to know of where it comes from."""
    manifest = artifact.manifest
    return {
        "artifact": f"{artifact.recipe['kind']}/{artifact.path.name}",
        "digest": manifest["digest"],
        "caption": artifact.parameters["caption"],
        "inputs": artifact.recipe["inputs"],
        "payload": manifest["payload"],
        "made": manifest["run"],
        "modules": artifact.recipe["modules"],
        "origins": origins(artifact),
    }


def copy_atomically(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(source, temporary)
    os.replace(temporary, target)


def write_atomically(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.publication.publish", description=__doc__.split("\n")[0]
    )
    parser.add_argument("record", type=Path, help="the record to write")
    parser.add_argument("artifact", type=Path, help="the artifact's folder")
    parser.add_argument("--results", type=Path, default=Path("results"))
    options = parser.parse_args()
    try:
        publish(options.record, options.artifact, options.results)
    except (ArtifactError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
