"""Image files of every mode that Pillow knows → 8-bit RGB, as they are meant to be seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N")
SIXTEEN_BITS_AS_32 = ("PNG", "PPM")
"""File formats whose mode I holds 0 … 65535."""
SCALED = "scaled from 16 bits to 8"
BLENDED = "blended with white where transparent"
CMYK = "converted from CMYK without their colour profile"
TURNED = "turned as their EXIF orientation says"
_SHOWN = 5


class Decoder:
    """Reads image files and counts what it had to reinterpret."""

    def __init__(self):
        self._reinterpreted: dict[str, list[Path]] = {}

    def notes(self) -> list[str]:
        """What was reinterpreted, a line per kind, with the first files."""
        lines = []
        for what, paths in self._reinterpreted.items():
            shown = ", ".join(map(str, paths[:_SHOWN])) + (", …" if len(paths) > _SHOWN else "")
            lines.append(f"{len(paths)} image{'s' * (len(paths) > 1)} {what}: {shown}")
        return lines

    def read(self, path: Path) -> Image:
        """The image as RGB, turned as EXIF says, transparency blended with white, 16 bits scaled to 8.

        ValueError names a file that is unreadable, animated, or of values without a known range.
        """
        from PIL import Image

        try:
            with Image.open(path) as image:
                return self._converted(path, image)
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
            raise ValueError(f"{path} is not a readable image ({error}): replace or remove it") from error

    def _converted(self, path: Path, image: Image) -> Image:
        from PIL import Image, ImageOps

        frames = getattr(image, "n_frames", 1)
        if frames > 1 and image.format != "MPO":  # a camera's JPEG, whose other frames are previews
            raise ValueError(f"it has {frames} frames, so save the one that is meant as an image of its own")
        oriented = image.getexif().get(0x0112, 1) != 1
        image.load()
        if oriented:
            image = self._noted(TURNED, path, ImageOps.exif_transpose(image))
        wide = image.mode == "I" and image.format in SIXTEEN_BITS_AS_32
        if image.mode in SIXTEEN_BITS or wide:
            if "transparency" in image.info:
                raise ValueError("16 bits with transparency are not read")
            values = np.asarray(image).astype(np.int64)
            image = self._noted(SCALED, path, Image.fromarray(((values * 255 + 32767) // 65535).astype(np.uint8)))
        if image.mode == "F" or image.mode.startswith("I"):
            raise ValueError(f"its values (mode {image.mode}) have no known range, so save it with 8 or 16 bits")
        if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
            layered = image.convert("RGBA")
            if layered.getchannel("A").getextrema()[0] == 255:
                return layered.convert("RGB")
            white = Image.new("RGBA", layered.size, (255, 255, 255, 255))
            return self._noted(BLENDED, path, Image.alpha_composite(white, layered).convert("RGB"))
        if image.mode == "CMYK":
            return self._noted(CMYK, path, image.convert("RGB"))
        return image.convert("RGB")

    def _noted(self, what: str, path: Path, image: Image) -> Image:
        self._reinterpreted.setdefault(what, []).append(path)
        return image


def to_array(picture: Image, size: int | None) -> np.ndarray:
    """RGB or grey image → uint8 (C, H, W), brought to size × size by Pillow's bilinear filter where it differs."""
    from PIL import Image

    if size is not None and picture.size != (size, size):
        picture = picture.resize((size, size), Image.Resampling.BILINEAR)
    array = np.asarray(picture)
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
