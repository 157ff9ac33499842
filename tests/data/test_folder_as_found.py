"""A folder as people have it: every mode and suffix at once, odd class names, and files that are no images."""

import numpy as np
import pytest
from PIL import Image

from workflow_scripts.data import folder
from workflow_scripts.data.source_files import MissingData, locate

SOURCE = {"name": "folder", "path": "own"}
CLASSES = ("Z z", "tulip_%s", "ähre & <b>Rose", "日本")
"""In the order of their characters' numbers."""
NO_IMAGES = (".hidden", "README.md", "tulip_%s/.DS_Store", "tulip_%s/Thumbs.db", "tulip_%s/notes.txt")


@pytest.fixture
def root(tmp_path):
    rng = np.random.default_rng(0)

    def image(height: int = 40, width: int = 40) -> Image.Image:
        return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))

    root = tmp_path / "own"
    for name in CLASSES:
        (root / name).mkdir(parents=True)
        for number in range(3):
            image(30 + number, 30 + 2 * number).save(root / name / f"{number}.png")
    tulip = root / "tulip_%s"
    for mode, name in {"CMYK": "cmyk.jpg", "P": "palette.png", "RGBA": "alpha.png", "L": "gray.JPG"}.items():
        image().convert(mode).save(tulip / name)
    for mode, name in {"LA": "la.png", "1": "bw.png", "RGB": "one_frame.gif"}.items():
        image().convert(mode).save(tulip / name)
    for suffix in ("webp", "bmp", "tiff"):
        image().save(tulip / f"x.{suffix}")
    Image.fromarray(np.linspace(0, 65535, 64).reshape(8, 8).astype(np.uint16)).save(tulip / "sixteen.png")
    exif = Image.Exif()
    exif[274] = 6
    image(20, 60).save(tulip / "rotated.jpeg", exif=exif)
    (root / ".hidden").mkdir()
    for name in NO_IMAGES[1:]:
        (root / name).write_bytes(b"\0\1")
    return root


def test_every_image_is_read_and_all_else_is_named(root, tmp_path):
    source = folder.load(locate(SOURCE, tmp_path), size=32)
    assert source.class_names == CLASSES and source.pool.images.shape == (24, 3, 32, 32)
    assert np.bincount(source.pool.labels).tolist() == [3, 15, 3, 3]
    left = [note.split(" is left out: ")[0] for note in source.notes if " is left out: " in note]
    assert sorted(left) == sorted(str(root / name) for name in NO_IMAGES)
    said = " ".join(source.notes)
    for name in ("sixteen.png", "rotated.jpeg", "cmyk.jpg"):
        assert name in said


def test_a_class_name_with_a_slash_is_a_folder_without_an_image(root, tmp_path):
    (root / "ähre & <b>Rose<" / "b>").mkdir(parents=True)
    with pytest.raises(MissingData, match=r"Rose< is a class folder without an image: .*if b> is a class") as caught:
        locate(SOURCE, tmp_path)
    assert "\n" not in str(caught.value)
