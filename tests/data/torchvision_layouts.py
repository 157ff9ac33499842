"""Small data sets of made-up images in the layouts in which torchvision's sets are published."""

from __future__ import annotations

import bz2
import csv
import hashlib
import pickle
import struct
from pathlib import Path

import numpy as np
from PIL import Image

RNG = np.random.default_rng(0)


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def pixels(*shape: int) -> np.ndarray:
    return RNG.integers(0, 256, shape, dtype=np.uint8)


def saved(path: Path, size: tuple[int, int]) -> np.ndarray:
    """A lossless picture of `size` (width, height) at `path`, whatever its suffix says, as (3, H, W)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pixels(size[1], size[0], 3)
    Image.fromarray(image).save(path, format="PNG")
    return image.transpose(2, 0, 1)


def mnist(root: Path, name: str, prefix: str = "") -> dict:
    """IDX files of 12 training and 6 test images."""
    made, folder = {}, root / name / "raw"
    folder.mkdir(parents=True)
    for part, file, count in (("pool", "train", 12), ("test", "t10k" if not prefix else "test", 6)):
        images, labels = pixels(count, 28, 28), np.arange(count, dtype=np.uint8) % 10
        header = struct.pack(">iiii", 0x803, count, 28, 28)
        (folder / f"{prefix}{file}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        (folder / f"{prefix}{file}-labels-idx1-ubyte").write_bytes(struct.pack(">ii", 0x801, count) + labels.tobytes())
        made[part] = images[:, None], labels
    return made


def cifar100(root: Path, monkeypatch) -> dict:
    from torchvision.datasets import CIFAR100

    made, folder, sums = {}, root / CIFAR100.base_folder, {}
    folder.mkdir(parents=True)
    for part, file, count in (("pool", "train", 12), ("test", "test", 6)):
        images, labels = pixels(count, 3, 32, 32), np.arange(count) * 7
        content = {"data": images.reshape(count, -1), "fine_labels": labels.tolist()}
        (folder / file).write_bytes(pickle.dumps(content))
        sums[part], made[part] = md5(folder / file), (images, labels)
    (folder / "meta").write_bytes(pickle.dumps({"fine_label_names": [f"class {n}" for n in range(100)]}))
    monkeypatch.setattr(CIFAR100, "train_list", [["train", sums["pool"]]])
    monkeypatch.setattr(CIFAR100, "test_list", [["test", sums["test"]]])
    monkeypatch.setattr(CIFAR100, "meta", {**CIFAR100.meta, "md5": md5(folder / "meta")})
    return made


def svhn(root: Path, monkeypatch) -> dict:
    """MATLAB files of images (H, W, C, N) with labels from 1, where 10 is the digit 0."""
    from scipy.io import savemat
    from torchvision.datasets import SVHN

    made, listed = {}, dict(SVHN.split_list)
    root.mkdir(parents=True)
    for part, split, count in (("pool", "train", 12), ("test", "test", 6)):
        images, labels = pixels(32, 32, 3, count), np.arange(count) % 10
        url, file, _ = listed[split]
        savemat(root / file, {"X": images, "y": np.where(labels == 0, 10, labels)[:, None].astype(np.uint8)})
        listed[split] = [url, file, md5(root / file)]
        made[part] = images.transpose(3, 2, 0, 1), labels
    monkeypatch.setattr(SVHN, "split_list", listed)
    return made


def stl10(root: Path, monkeypatch) -> dict:
    """Binary files of images stored by columns, with labels from 1."""
    from torchvision.datasets import STL10

    made, folder = {}, root / STL10.base_folder
    folder.mkdir(parents=True)
    for part, split, count in (("pool", "train", 10), ("test", "test", 4)):
        images, labels = pixels(count, 3, 96, 96), np.arange(count) % 10
        (folder / f"{split}_X.bin").write_bytes(images.transpose(0, 1, 3, 2).tobytes())
        (folder / f"{split}_y.bin").write_bytes((labels + 1).astype(np.uint8).tobytes())
        made[part] = images, labels
    (folder / "unlabeled_X.bin").write_bytes(pixels(1, 3, 96, 96).tobytes())
    (folder / "class_names.txt").write_text("\n".join(f"class {n}" for n in range(10)))
    for name in ("train_list", "test_list"):
        monkeypatch.setattr(STL10, name, [[file, md5(folder / file)] for file, _ in getattr(STL10, name)])
    return made


def usps(root: Path, monkeypatch) -> dict:
    """Lines of a label from 1 and 256 values in −1 … 1, compressed; torchvision rounds grey levels down."""
    from torchvision.datasets import USPS

    made = {}
    root.mkdir(parents=True)
    for part, split, count in (("pool", "train", 12), ("test", "test", 6)):
        images, labels = pixels(count, 1, 16, 16), np.arange(count) % 10
        lines = [
            " ".join(
                [
                    str(label + 1),
                    *(f"{n + 1}:{min(value + 0.25, 255) / 255 * 2 - 1:.9f}" for n, value in enumerate(image.ravel())),
                ]
            )
            for image, label in zip(images, labels, strict=True)
        ]
        (root / USPS.split_list[split][1]).write_bytes(bz2.compress("\n".join(lines).encode()))
        made[part] = images, labels
    return made


def gtsrb(root: Path, monkeypatch) -> dict:
    """Class folders of training images, and test images with a table."""
    folder, made, rows = root / "gtsrb", {"pool": ([], []), "test": ([], [])}, []
    for label in (0, 1, 42):
        for index in range(2):
            image = saved(folder / f"GTSRB/Training/{label:05d}/{index}.ppm", (20 + index, 24))
            made["pool"][0].append(image)
            made["pool"][1].append(label)
    for index, label in enumerate((42, 0)):
        made["test"][0].append(saved(folder / f"GTSRB/Final_Test/Images/{index}.ppm", (31, 20)))
        made["test"][1].append(label)
        rows.append({"Filename": f"{index}.ppm", "ClassId": label})
    with (folder / "GT-final_test.csv").open("w", newline="") as stream:
        table = csv.DictWriter(stream, ["Filename", "ClassId"], delimiter=";")
        table.writeheader()
        table.writerows(rows)
    (folder / "GTSRB/Training/00002").mkdir()
    for label in range(3, 42):
        (folder / f"GTSRB/Training/{label:05d}").mkdir()
        saved(folder / f"GTSRB/Training/{label:05d}/0.ppm", (9, 9))
    saved(folder / "GTSRB/Training/00002/0.ppm", (9, 9))
    return made


def imagenette(root: Path, size: str = "") -> dict:
    from torchvision.datasets import Imagenette

    made = {}
    for part, split, count in (("pool", "train", 2), ("test", "val", 1)):
        images, labels = [], []
        for label, name in enumerate(sorted(Imagenette._WNID_TO_CLASS)):
            for index in range(count):
                images.append(saved(root / f"imagenette2{size}/{split}/{name}/{index}.jpeg", (30, 20 + index)))
                labels.append(label)
        made[part] = images, labels
    return made


def eurosat(root: Path) -> dict:
    images, labels = [], []
    for label, name in enumerate(("AnnualCrop", "Forest", "River")):
        for index in range(4):
            images.append(saved(root / f"eurosat/2750/{name}/{name}_{index}.jpg", (64, 64)))
            labels.append(label)
    return {"pool": (images, labels)}


def flowers102(root: Path, monkeypatch) -> dict:
    """Pictures with MATLAB tables of labels from 1 and of the splits' numbers from 1."""
    from scipy.io import savemat
    from torchvision.datasets import Flowers102

    folder, labels = root / "flowers-102", np.arange(9) * 12
    images = [saved(folder / f"jpg/image_{n + 1:05d}.jpg", (30, 20)) for n in range(9)]
    savemat(folder / "imagelabels.mat", {"labels": labels[None] + 1})
    ids = {"trnid": [1, 2, 3, 4], "valid": [5, 6], "tstid": [7, 8, 9]}
    savemat(folder / "setid.mat", {name: np.array([numbers]) for name, numbers in ids.items()})
    files = {key: (name, md5(folder / name) if key != "image" else sum_) for key, (name, sum_) in FLOWERS.items()}
    monkeypatch.setattr(Flowers102, "_file_dict", files)
    parts = zip(("pool", "validation", "test"), ids.values(), strict=True)
    return {part: ([images[n - 1] for n in at], [labels[n - 1] for n in at]) for part, at in parts}


FLOWERS = {"image": ("102flowers.tgz", "0" * 32), "label": ("imagelabels.mat", ""), "setid": ("setid.mat", "")}


def fer2013(root: Path, monkeypatch) -> dict:
    """A line per face: its class, its pixels, and which part it is of; two of them are test images."""
    from torchvision.datasets import FER2013

    folder, usages = root / "fer2013", ("Training", "PublicTest", "Training", "PrivateTest", "Training")
    folder.mkdir(parents=True)
    images, labels = pixels(5, 1, 48, 48), np.array([0, 6, 3, 1, 5])
    lines = [
        f"{label},{' '.join(map(str, image.ravel()))},{usage}"
        for image, label, usage in zip(images, labels, usages, strict=True)
    ]
    (folder / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *lines]))
    resources = {**FER2013._RESOURCES, "fer": ("fer2013.csv", md5(folder / "fer2013.csv"))}
    monkeypatch.setattr(FER2013, "_RESOURCES", resources)
    training = np.array([usage == "Training" for usage in usages])
    return {"pool": (images[training], labels[training]), "test": (images[~training], labels[~training])}
