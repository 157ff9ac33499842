"""The command that writes images of the store as files."""

from __future__ import annotations

import argparse
from pathlib import Path

from workflow_scripts.store.artifact import Artifact
from workflow_scripts.store.lookup import StoreError, Workspace, folder_of, resolve

FORMATS = ("png", "npz", "pt")
SPLITS = ("train", "validation", "test")


def add_options(parser: argparse.ArgumentParser, which: str) -> None:
    """The command's own options."""
    parser.add_argument("artifact", metavar="ARTIFACT", help=f"an adversarial set or a data set: {which}")
    parser.add_argument("--format", choices=FORMATS, default="npz", help="8-bit PNGs, or arrays (default: npz)")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="a new or empty folder")
    parser.add_argument("--split", choices=SPLITS, default="test", help="of a data set (default: test)")


def run_images(workspace: Workspace, options: argparse.Namespace) -> int:
    """Write the images of an adversarial set as PNGs named by their index, or as one .npz or .pt file, with images.csv:
    label, predictions, distances and success of the images as they are in that format, which 8 bits may undo. Of a data
    set, write a split's clean images: the index in these files is the one that `attack: from_file` reads."""
    path = resolve(workspace, options.artifact)
    kind = path.parent.name
    if kind not in ("adversarial", "dataset"):
        raise StoreError(f"{folder_of(path)} has no images to write: name an adversarial set or a data set")
    if options.output.exists() and (not options.output.is_dir() or any(options.output.iterdir())):
        raise StoreError(f"--output {options.output}: is not an empty folder: name another one")
    from workflow_scripts.inputs.exported_images import export_adversarial, export_dataset

    if kind == "dataset":
        done = export_dataset(Artifact(path), options.split, options.format, options.output)
        print(f"{done.images} clean {options.split} images in {options.output}")
        return 0
    done = export_adversarial(Artifact(path), path.parent.parent, options.format, options.output)
    print(f"{done.images} images in {options.output}: {done.successes_as_stored} successes as stored there")
    if options.format == "png":
        print(f"8 bits undid {done.undone} of the {done.successes} successes in the store")
    return 0
