"""Images of the store as files for other programs, with a CSV that says what they are as stored there."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from workflow_scripts.attacks.distances import distances
from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.inputs.classifiers import load_checkpoint
from workflow_scripts.inputs.splits import read_split
from workflow_scripts.recipes.exact_numbers import to_float
from workflow_scripts.store.artifact import Artifact

TABLE = "images.csv"
BATCH = 128


@dataclass(frozen=True)
class Exported:
    """How many images were written, and of an adversarial set its successes in the store and in the files."""

    images: int
    successes: int | None = None
    successes_as_stored: int | None = None
    undone: int = 0
    """Successes in the store that are none in the files."""


def export_adversarial(artifact: Artifact, store: Path, form: str, folder: Path) -> Exported:
    """Write an adversarial set's images, and images.csv: file, index, label, skipped, predictions, success, distances.

    store: where the set's model and data set lie. form: npz, pt, or png, which rounds to 8 bits. `predicted_after`,
    `success` and the distances, in the attack's `pixel_range`, are those of the images as they were written.
    """
    parameters = artifact.recipe["parameters"]
    sources = {each["role"]["name"]: _input(store, each) for each in artifact.recipe["inputs"]}
    columns = read_columns(artifact.file(FILE))
    clean, _ = read_split(sources["dataset"].file(parameters["images"]["split"]), mapped=True)
    clean = torch.from_numpy(to_unit_range(clean[columns["index"]]))
    written = read_images(artifact.file(FILE))
    if form == "png":
        written = (written * 255).round().clip(0, 255).astype(np.uint8)
    seen = torch.from_numpy(to_unit_range(written))
    victim = load_checkpoint(sources["model"], parameters["checkpoint"])
    with torch.no_grad():
        after = torch.cat([victim(batch).argmax(1) for batch in seen.split(BATCH)]).numpy()
    success = (columns["predicted_before"] == columns["label"]) & (after != columns["label"])
    low, high = parameters["pixel_range"]
    measured = distances(clean, seen, (to_float(low), to_float(high)))
    kept = {name: columns[name] for name in ("index", "label", "skipped", "predicted_before")}
    table = {**kept, "predicted_after": after, "success": success}
    table |= {name: values.numpy() for name, values in measured.items()}
    _write(folder, form, "x_adv", written, table)
    return Exported(
        len(after),
        int(columns["success"].sum()),
        int(success.sum()),
        int((columns["success"] & ~success).sum()),
    )


def export_dataset(artifact: Artifact, split: str, form: str, folder: Path) -> Exported:
    """Write the clean images of a split, and images.csv: file, index, label; an index is what `from_file` expects."""
    images, labels = read_split(artifact.file(split))
    _write(folder, form, "x", images, {"index": np.arange(len(images)), "label": labels})
    return Exported(len(images))


def _input(store: Path, item: dict) -> Artifact:
    return Artifact(store / f"{item['kind']}/{item['label']}--{item['digest'][:12]}")


def _write(folder: Path, form: str, name: str, images: np.ndarray, table: dict[str, np.ndarray]) -> None:
    """The images and the table; `name` is that of the images' array in an .npz or .pt file."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [f"{index}.png" if form == "png" else f"images.{form}" for index in table["index"].tolist()]
    _WRITERS[form](folder, name, images, table)
    with (folder / TABLE).open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["file", *table])
        for file, *values in zip(files, *(column.tolist() for column in table.values()), strict=True):
            rows.writerow([file, *(int(value) if isinstance(value, bool) else value for value in values)])


def _write_png(folder: Path, name: str, images: np.ndarray, table: dict[str, np.ndarray]) -> None:
    for index, image in zip(table["index"].tolist(), images, strict=True):
        Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)).save(folder / f"{index}.png")


def _write_npz(folder: Path, name: str, images: np.ndarray, table: dict[str, np.ndarray]) -> None:
    np.savez_compressed(folder / "images.npz", **{name: images}, index=table["index"], label=table["label"])


def _write_pt(folder: Path, name: str, images: np.ndarray, table: dict[str, np.ndarray]) -> None:
    arrays = {name: images, "index": table["index"], "label": table["label"]}
    torch.save(
        {key: torch.from_numpy(np.ascontiguousarray(value)) for key, value in arrays.items()}, folder / "images.pt"
    )


_WRITERS: dict[str, Callable] = {"png": _write_png, "npz": _write_npz, "pt": _write_pt}
