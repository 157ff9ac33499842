"""A folder of images with the files that people have: right, or refused, and nothing left out without a word."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from workflow_scripts.data import folder
from workflow_scripts.data.source_files import MissingData, content_hash, locate

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (6, 4, 3), dtype=np.uint8)
"""6 rows of 4 pixels."""
LEVELS = np.linspace(0, 65535, 64).reshape(8, 8).astype(np.uint16)


def one(path, image: Image.Image, **options):
    """The pixels (H, W, 3) that are read from an image saved at `path`, and the notes."""
    image.save(path, **options)
    notes: list[str] = []
    return folder.decode([path], None, notes)[0].transpose(1, 2, 0), notes


def on_white(pixels: np.ndarray) -> np.ndarray:
    alpha = pixels[..., 3:] / 255
    return pixels[..., :3] * alpha + 255 * (1 - alpha)


@pytest.mark.parametrize("suffix", ["png", "tif", "tiff", "pgm"])
def test_sixteen_bits_keep_their_levels(suffix, tmp_path):
    pixels, notes = one(tmp_path / f"x.{suffix}", Image.fromarray(LEVELS))
    assert np.array_equal(pixels[..., 0], np.round(LEVELS / 257).astype(np.uint8))
    assert (pixels == pixels[..., :1]).all() and len(np.unique(pixels)) == 64
    assert notes == [f"1 image scaled from 16 bits to 8: {tmp_path / f'x.{suffix}'}"]


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P"])
@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tiff"])
def test_colours_greys_and_palettes_are_what_they_show(mode, suffix, tmp_path):
    image = Image.fromarray(RGB).convert(mode)
    if suffix == "gif" and mode == "RGB":
        image = image.convert("P")
    pixels, notes = one(tmp_path / f"x.{suffix}", image)
    assert np.array_equal(pixels, np.asarray(image.convert("RGB"))) and notes == []


def test_transparency_is_shown_on_white_and_noted(tmp_path):
    layered = np.dstack([RGB, RNG.integers(0, 255, (6, 4, 1), dtype=np.uint8)])
    pixels, notes = one(tmp_path / "x.png", Image.fromarray(layered))
    assert np.abs(pixels - on_white(layered)).max() <= 1
    assert notes == [f"1 image blended with white where transparent: {tmp_path / 'x.png'}"]
    grey = np.dstack([RGB[..., 0], layered[..., 3]])
    pixels, notes = one(tmp_path / "grey.png", Image.fromarray(grey, mode="LA"))
    assert np.abs(pixels - on_white(grey[..., [0, 0, 0, 1]])).max() <= 1 and len(notes) == 1
    palette = Image.fromarray(RGB).convert("P")
    hidden = int(np.asarray(palette)[0, 0])
    pixels, notes = one(tmp_path / "palette.png", palette, transparency=hidden)
    assert (pixels[0, 0] == 255).all() and len(notes) == 1
    opaque, notes = one(tmp_path / "opaque.png", Image.fromarray(RGB).convert("RGBA"))
    assert np.array_equal(opaque, RGB) and notes == []


@pytest.mark.parametrize("suffix", ["png", "webp", "tiff"])
@pytest.mark.parametrize(("orientation", "turned"), [(6, np.rot90(RGB, -1)), (3, RGB[::-1, ::-1]), (2, RGB[:, ::-1])])
def test_what_a_camera_turned_is_turned(suffix, orientation, turned, tmp_path):
    exif = Image.Exif()
    exif[274] = orientation
    options = {"lossless": True} if suffix == "webp" else {}
    pixels, notes = one(tmp_path / f"x.{suffix}", Image.fromarray(RGB), exif=exif, **options)
    assert np.array_equal(pixels, turned)
    assert notes == [f"1 image turned as their EXIF orientation says: {tmp_path / f'x.{suffix}'}"]


def test_cmyk_is_converted_and_noted(tmp_path):
    pixels, notes = one(tmp_path / "x.jpg", Image.new("RGB", (8, 8), (200, 30, 60)).convert("CMYK"), quality=100)
    assert np.abs(pixels.astype(int) - [200, 30, 60]).max() <= 3
    assert "converted from CMYK" in notes[0]


def test_values_without_a_range_and_several_frames_are_refused(tmp_path):
    for mode in ("F", "I"):
        Image.new(mode, (4, 4), 3).save(tmp_path / "x.tiff")
        with pytest.raises(
            ValueError, match=rf"x\.tiff is not a readable image \(its values \(mode {mode}\) have no known"
        ):
            folder.decode([tmp_path / "x.tiff"], None)
    frames = [Image.fromarray(RGB), Image.fromarray(255 - RGB)]
    for suffix in ("gif", "png", "webp", "tiff"):
        frames[0].save(tmp_path / f"x.{suffix}", save_all=True, append_images=frames[1:])
        with pytest.raises(ValueError, match=rf"x\.{suffix} .*2 frames, so save the one that is meant"):
            folder.decode([tmp_path / f"x.{suffix}"], None)


def own(tmp_path):
    """A set of two classes, of which one has an unusual name."""
    for name in ("ähre & <b>Rose", "tulip_%s"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for index in range(2):
            Image.fromarray(RGB).save(tmp_path / "own" / name / f"{index}.PNG")
    return tmp_path / "own"


SOURCE = {"name": "folder", "path": "own"}


def test_every_file_and_folder_that_is_left_out_is_named(tmp_path):
    root = own(tmp_path)
    extra = [
        root / ".hidden", root / "README.md", root / "__MACOSX", root / "tulip_%s" / ".DS_Store",
        root / "tulip_%s" / "._0.png", root / "tulip_%s" / "Thumbs.db", root / "tulip_%s" / "more",
        root / "tulip_%s" / "no_suffix",
    ]  # fmt: skip
    for path in extra:
        path.mkdir() if path.name in (".hidden", "__MACOSX", "more") else path.write_bytes(b"\0")
    source = folder.load(locate(SOURCE, tmp_path))
    assert len(source.pool.labels) == 4 and source.class_names == ("tulip_%s", "ähre & <b>Rose")
    assert [note.split(" is left out: ")[0] for note in source.notes] == [str(path) for path in sorted(extra)]


def test_files_that_are_left_out_are_no_part_of_the_identity(tmp_path):
    root = own(tmp_path)
    before = content_hash(SOURCE, tmp_path)
    (root / "notes.txt").write_text("x")
    (root / "tulip_%s" / "Thumbs.db").write_text("x")
    assert content_hash(SOURCE, tmp_path) == before


def test_a_class_folder_without_a_readable_image_is_an_error(tmp_path):
    root = own(tmp_path)
    (root / "iris").mkdir()
    with pytest.raises(MissingData, match=r"own/iris is a class folder without an image: add images or remove it$"):
        locate(SOURCE, tmp_path)
    (root / "iris" / "readme.txt").write_text("x")
    with pytest.raises(MissingData, match="own/iris is a class folder without an image"):
        locate(SOURCE, tmp_path)
    (root / "iris" / "blue").mkdir()
    with pytest.raises(MissingData, match=r"if blue is a class, give .*own/iris as the path"):
        locate(SOURCE, tmp_path)
    (root / "iris" / "1.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"iris/1\.png is not a readable image"):
        folder.load(locate(SOURCE, tmp_path))
    (root / "iris" / "1.png").unlink()
    (root / "iris" / "1.HEIC").write_bytes(b"x")
    with pytest.raises(MissingData, match=r"iris/1\.HEIC is an image of a kind that is not read: convert it to PNG"):
        locate(SOURCE, tmp_path)


def test_a_class_folder_that_is_a_broken_link_is_an_error(tmp_path):
    (own(tmp_path) / "iris").symlink_to("not here")
    with pytest.raises(MissingData, match="own/iris is a link to what is not there"):
        locate(SOURCE, tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "own").write_text("x")
    with pytest.raises(MissingData, match="own is a file: give a folder"):
        locate(SOURCE, tmp_path)
