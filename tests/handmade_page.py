"""A results page of artifacts that are written down here: every kind of measurement, and names that attack the page."""

from __future__ import annotations

import hashlib
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from safetensors.torch import save_file

from tests.handmade import Made, run
from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.adversarial_sets import FILE, PER_SAMPLE, input_hashes, write_set
from workflow_scripts.inputs.classifiers import load_checkpoint
from workflow_scripts.jobs.stages import results_page
from workflow_scripts.models.classifier import build_classifier
from workflow_scripts.planning.studies.results_page import page_files
from workflow_scripts.rendering.figure_files import write_figure
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table
from workflow_scripts.rendering.table_files import write_table

CLASSES = ["<script>window.hacked = 1</script>", "cat' onload='hacked=1", "a & b; \u202eabc"]
MODEL, ATTACK, OTHER, CONTROLLED = 'net "</select><b>', "<img src=x onerror=hacked=1>", "fgsm#&=%", "pgd"
SIDE, IMAGES, SHOWN = 12, 30, 8
LAYERS = ["conv1", "conv2", "conv3"]
DESCRIPTION = {
    "architecture": "good_init",
    "classes": 3,
    "image_size": SIDE,
    "in_channels": 3,
    "mean": [0.5] * 3,
    "std": [0.5] * 3,
    "parameters": {"width": 0.125, "dropout": 0},
}


class Artifacts:
    """Artifacts in a folder, each with the manifest that its role on the page needs."""

    def __init__(self, root: Path):
        self.root, self.inputs, self.random = root, [], np.random.default_rng(0)

    def add(self, role: dict, kind: str, parameters: dict, metrics: dict, made_from=()) -> Made:
        """A new artifact, whose files are written into its folder afterwards."""
        number = len(self.inputs)
        path = self.root / kind / f"made{number}--{number:012x}"
        path.mkdir(parents=True)
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        inputs = [{"role": r, "kind": "k", "label": "l", "digest": made.digest} for r, made in made_from]
        recipe = {"kind": kind, "parameters": parameters, "inputs": inputs}
        manifest = {"digest": digest, "recipe": recipe, "metrics": metrics, "payload": {}}
        self.inputs.append((role, made := Made(path, manifest)))
        return made

    def publish(self, kind: str, study: str, name: str, roles=()) -> Made:
        """A table or figure without files; `roles` are those of its inputs."""
        role = {"name": "publication", "kind": kind, "study": study, "publication": name}
        parameters = {"caption": f"Caption of {name} & <i>more</i>."}
        return self.add(role, kind, parameters, {}, [(each, self.inputs[0][1]) for each in roles])


def write_dataset(artifacts: Artifacts) -> Made:
    metrics = {"class_names": CLASSES, "classes": 3, "image_size": SIDE, "channels": 3}
    metrics |= {"train": 900, "validation": 1, "test": IMAGES}
    made = artifacts.add({"name": "dataset", "dataset": "<u>mine</u>"}, "dataset", {"source": "npz"}, metrics)
    (made.path / "test").mkdir()
    images = artifacts.random.integers(0, 256, (IMAGES, 3, SIDE, SIDE), dtype=np.uint8)
    np.save(made.path / "test/images.npy", images)
    np.save(made.path / "test/labels.npy", np.arange(IMAGES) % 3)
    return made


def write_model(artifacts: Artifacts, dataset: Made) -> Made:
    metrics = {"description": DESCRIPTION, "best": {"test_accuracy": 0.875}, "parameters": 12345}
    role = {"name": "model", "model": MODEL, "seed": 0}
    made = artifacts.add(role, "model", {}, metrics, [({"name": "dataset"}, dataset)])
    torch.manual_seed(0)
    save_file(build_classifier(DESCRIPTION).state_dict(), made.path / "best.safetensors")
    return made


def write_attacked(artifacts: Artifacts, dataset: Made, model: Made, attack: str, **role: str) -> Made:
    """A set whose third image was not attacked and whose even ones succeeded."""
    images = np.load(dataset.path / "test/images.npy")
    noise = artifacts.random.uniform(-0.1, 0.1, images.shape)
    x_adv = (to_unit_range(images) + noise).clip(0, 1).astype(np.float32)
    parameters = {"images": {"split": "test"}, "checkpoint": "best", "attack": "pgd", "settings": {"epsilon": "1/10"}}
    role = {"name": "set", "model": MODEL, "attack": attack, "seed": 0, **role}
    sources = [({"name": "model"}, model), ({"name": "dataset"}, dataset)]
    made = artifacts.add(role, "adversarial", parameters, {"success_rate": 0.5}, sources)
    columns = {name: artifacts.random.random(IMAGES) for name in PER_SAMPLE}
    columns |= {"index": np.arange(IMAGES), "label": np.arange(IMAGES) % 3, "skipped": np.arange(IMAGES) == 2}
    columns |= {name: np.arange(IMAGES) for name in ("iteration", "forwards", "backwards")}
    columns |= {"success": np.arange(IMAGES) % 2 == 0, "input_sha256": input_hashes(images)}
    write_set(made.path / FILE, columns, x_adv)
    return made


def write_measurements(artifacts: Artifacts) -> None:
    """Paths, responses with a control, and both saliencies, of the set of ATTACK; of CONTROLLED all in one."""
    write_reactions(artifacts)
    names, draw = {"model": MODEL, "attack": ATTACK}, artifacts.random.random
    paths = artifacts.add({"name": "paths", **names, "target": ""}, "aggregate", {}, {})
    clean = artifacts.add({"name": "clean_paths", "model": MODEL}, "aggregate", {}, {})
    for made, group in ((paths, "own/attacked"), (clean, "own/all")):
        inputs = {path: draw((IMAGES - 1, 3)) for path in ("iip", "oip")}
        arrays = {f"{group}/{path}_inputs": values for path, values in inputs.items()}
        arrays |= {f"{group}/{path}_mean": values.mean(0) for path, values in inputs.items()}
        images = np.delete(np.arange(IMAGES), 2)
        np.savez(made.path / "aggregate.npz", layers=np.array(LAYERS), **{f"{group}/images": images}, **arrays)
    responses = artifacts.add({"name": "responses", **names}, "responses", {}, {})
    arrays = {"index": np.arange(IMAGES), "skipped": np.arange(IMAGES) == 2}
    arrays |= {measure: draw((IMAGES, 3)) + 0.1 for measure in ("maximum", "total")}
    np.savez(responses.path / "responses.npz", layers=np.array(LAYERS), **arrays)
    control = artifacts.add({"name": "responses", **names, "control": "shuffled"}, "responses", {}, {})
    arrays |= {measure: draw((IMAGES, 3)) + 0.1 for measure in ("maximum", "total")}
    np.savez(control.path / "responses.npz", layers=np.array(LAYERS), **arrays)
    write_saliency(artifacts.add({"name": "saliency", "model": MODEL}, "saliency", {}, {}), draw)
    heat = artifacts.add({"name": "input_saliency", "model": MODEL}, "input_saliency", {}, {})
    heats = {f"{name}_heat": draw((2, SIDE, SIDE)) for name in ("clean", "pgd")}
    np.savez(heat.path / "maps.npz", index=np.array([7, 22]), **heats)


def write_reactions(artifacts: Artifacts) -> None:
    made = artifacts.add({"name": "reactions", "model": MODEL, "attack": CONTROLLED}, "reactions", {}, {})
    arrays = {"index": np.arange(IMAGES), "skipped": np.arange(IMAGES) == 2, "controls": np.array(["shuffled"])}
    arrays |= {name: np.array(LAYERS) for name in ("path_layers", "layers", "filter_layers")}
    for version in ("clean", "attack", "shuffled"):
        measured = ("iip", "oip", "salience") + (() if version == "clean" else ("maximum", "total"))
        arrays |= {f"{version}/{name}": artifacts.random.random((IMAGES, 3)) + 0.1 for name in measured}
    np.savez(made.path / "reactions.npz", **arrays)


def write_saliency(made: Made, draw) -> None:
    layers = np.array([f"network.{name}.weight" for name in LAYERS])
    np.savez(made.path / "statistics.npz", layers=layers, counts=np.array([2, 3, 4]))
    index = np.array([5, 7, 11, 22])
    arrays = {"pgd_index": index, "pgd_layers": draw((4, 3)), "clean_layers": draw((6, 3))}
    np.savez(made.path / "samples.npz", **arrays)
    with h5py.File(made.path / "image_profiles.h5", "w") as file:
        file["pgd"], file["pgd_index"] = draw((4, 9)), index


def write_publications(artifacts: Artifacts) -> None:
    """Tables 2 and 10 and figures 1, 3 and 11 of a study, and findings and a table of their survival of two."""
    roles = [{"name": "x", "model": MODEL, "attack": ATTACK}, {"name": "y", "attack": "normal"}]
    for number in ("10", "2"):
        made = artifacts.publish("table", "information_flow", f"table_{number}", roles)
        rows = [Row({"model": CLASSES[0]}, {"rate": Cell(value, None, 1, 5, 0.5)}) for value in (0.25, 1000.0, -3.5)]
        columns = [Column("rate", "Success rate", 2)]
        caption = made.parameters["caption"]
        table = Table("information_flow", number, "Rates", caption, [Key("model", "Model")], columns, rows)
        write_table(table, made.path, f"table_{number}", ["adversarial/x"])
        with_payload(made)
    for study in ("information_flow", "local_properties"):
        write_findings(artifacts, study)
    for name in ("figure_11", "figure_1", "figure_3_igsm", f"learning_curve_{OTHER}"):
        made = artifacts.publish("figure", "information_flow", name)
        figure = Figure(figsize=(3, 2))
        figure.subplots().plot([1, 2, 3])
        write_figure(figure, pd.DataFrame({"x": [1.0]}), made.path, name)
        (made.path / f"{name}.tex").write_text("tex")
        with_payload(made)


def write_findings(artifacts: Artifacts, study: str) -> None:
    verdicts = {"one": "supported", "two": "undecided", "three": "not measured"}
    made = artifacts.publish("table", study, "findings")
    columns = [Column(name, name, 4) for name in ("effect", "lower", "upper")]
    rows = []
    for (finding, verdict), effect in zip(verdicts.items(), (0.5, -0.25, None), strict=True):
        keys = {"finding": finding, "claim": CLASSES[0], "statistic": "s", "verdict": verdict}
        cell = Cell(effect, None, int(effect is not None), 3)
        rows.append(Row(keys, dict.fromkeys(("effect", "lower", "upper"), cell)))
    keys = [Key(name, name) for name in ("finding", "claim", "statistic", "verdict")]
    write_table(Table(study, "findings", "Findings", "C.", keys, columns, rows), made.path, "findings", [])
    with_payload(made)
    if study == "local_properties":
        made = artifacts.publish("table", study, "survival")
        keys = [Key("finding", "Finding"), Key("control", "Control"), Key("beyond", "Beyond control")]
        beyond = {"finding": "one", "control": "shuffled", "beyond": "survives"}
        rows = [Row(beyond, {"effect": Cell(1.0, None, 1, 3)})]
        write_table(Table(study, "survival", "Survival", "C.", keys, columns[:1], rows), made.path, "survival", [])
        with_payload(made)


def with_payload(made: Made) -> None:
    """List an artifact's files in its manifest."""
    made.manifest["payload"] = {path.name: {} for path in sorted(made.path.iterdir())}


def make_page(root: Path) -> tuple[Made, Artifacts]:
    """The page's artifact, and those that it is made from; in `root`, which is empty."""
    artifacts = Artifacts(root / "store")
    dataset = write_dataset(artifacts)
    model = write_model(artifacts, dataset)
    write_attacked(artifacts, dataset, model, ATTACK, **{"class": "pgd"})
    write_attacked(artifacts, dataset, model, OTHER)
    write_attacked(artifacts, dataset, model, CONTROLLED)
    write_measurements(artifacts)
    write_publications(artifacts)
    parameters = {"images": SHOWN, "files": page_files()}
    return run(results_page, root, "page", parameters, artifacts.inputs), artifacts


def victim(artifacts: Artifacts):
    """The classifier that the sets were made against."""
    (model,) = (made for role, made in artifacts.inputs if role["name"] == "model")
    return load_checkpoint(model, "best")
