"""The results page: everything that a run publishes, and the attacked images, to look at in a browser without a server.

index.html; page/<tables|figures>/<study>/: the published files; page/pairs/<n>.webp and .js: per adversarial set a
sprite of at most `images` pairs and what was measured of them; page/: style and scripts, among them Vega and Vega-Lite
with their licences, from the files that Snakemake ships for its own report.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from snakemake.assets import Assets

from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.inputs.classifiers import load_checkpoint
from workflow_scripts.inputs.explored_pairs import read_explored_pairs
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.page_explorer import write_pair
from workflow_scripts.jobs.page_publications import copy_publication, read_claims
from workflow_scripts.jobs.page_run import attacked_set, input_of, read_datasets, read_networks
from workflow_scripts.jobs.progress import progress
from workflow_scripts.rendering import page
from workflow_scripts.rendering.page.contents import studies_of
from workflow_scripts.rendering.page.document import page_text

TEMPLATE = "index.html.j2"
VEGA = {
    "vega/vega.js": "vega.js",
    "vega/LICENSE": "vega.LICENSE.txt",
    "vega-lite/vega-lite.js": "vega-lite.js",
    "vega-lite/LICENSE": "vega-lite.LICENSE.txt",
}
"""Files among Snakemake's own → their names in the page's folder."""


def realise(job: Job) -> dict:
    """Write the page and its folder; return the numbers of publications and pairs, and the bytes of the sprites."""
    folder = job.out / "page"
    (folder / "pairs").mkdir(parents=True)
    template = copy_page_files(job.parameters["files"], folder)
    items = job.all(name="publication")
    publications = [copy_publication(item, folder) for item in items]
    attacked, pairs, shown = [], [], 0
    for number, item in enumerate(progress(job.all(name="set"), text="pairs", unit="set")):
        count = write_set(job, item, folder / "pairs", str(number))
        attacked.append(attacked_set(item, explored=count > 0))
        shown += count
        if count:
            pairs.append({"file": str(number), "model": item.role["model"], "attack": item.role["attack"]})
    studies = studies_of(publications, read_claims(items))
    text = page_text(template, studies, read_datasets(job), read_networks(job), attacked, pairs)
    (job.out / "index.html").write_text(text, encoding="utf-8")
    sprites = sum(path.stat().st_size for path in folder.glob("pairs/*.webp"))
    return {"publications": len(publications), "sets": len(attacked), "pairs": shown, "sprite_bytes": sprites}


def write_set(job: Job, item: RoleArtifact, folder: Path, name: str) -> int:
    """Write the pairs of an adversarial set; how many there are, 0 where the model misclassified all images before."""
    model, dataset = (input_of(job, item.artifact, role).artifact for role in ("model", "dataset"))
    pairs = read_explored_pairs(job, item.role, item.artifact, dataset, job.parameters["images"])
    if len(pairs.natural):
        victim = load_checkpoint(model, item.artifact.parameters["checkpoint"], job.device)
        write_pair(folder, name, pairs, victim, dataset.metrics["class_names"], job.device)
    return len(pairs.natural)


def copy_page_files(files: dict[str, str], folder: Path) -> str:
    """Copy the page's style and scripts, and Vega; return the template's text.

    files: name → SHA-256 as planned. RuntimeError where a file is another one now.
    """
    source = Path(page.__file__).parent
    for name, digest in files.items():
        if hashlib.sha256((source / name).read_bytes()).hexdigest() != digest:
            raise RuntimeError(f"{source / name} changed since planning: run snakemake again")
        if name != TEMPLATE:
            shutil.copyfile(source / name, folder / name)
    for name, target in VEGA.items():
        shutil.copyfile(Assets.base_path() / name, folder / target)
    return (source / TEMPLATE).read_text(encoding="utf-8")
