"""Pictures in files: one, or a folder with one folder a class; and an array that is one picture.

Conventions
-----------
* A picture becomes (height, width, 3) bytes of red, green and blue, or (height, width, 1) of grey, at 64×64 by
  default: the size of the course's cats. It is stretched, not cut; turned as the camera says; what is transparent is
  laid on white.
* The table's columns are the pixels, the name of the file, and in a folder of classes the label.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError, MissingPackageError
from gradatim.tables.images import ImageShape, image_rows, pixel_names
from gradatim.tables.reading.archives import TARGET
from gradatim.tables.table import Table

PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
FILE = "file"


def read_picture(path: Path, image_shape: ImageShape = (64, 64, 3)) -> Table:
    """One picture as a table of one row.

    Raises:
        InputError: if it is no picture.
        MissingPackageError: without Pillow.
    """
    return _table([path], [path.name], None, image_shape)


def read_folder(folder: Path, image_shape: ImageShape = (64, 64, 3)) -> Table:
    """A folder of pictures: with one folder a class, labelled by the folders' names; otherwise without labels.

    Raises:
        InputError: if there is no picture in it.
        MissingPackageError: without Pillow.
    """
    pictures = sorted(_pictures(folder))
    if pictures:
        return _table(pictures, [path.name for path in pictures], None, image_shape)
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    found = [(path, label.name) for label in classes for path in sorted(_pictures(label))]
    if not found:
        raise InputError(
            f"{folder} must hold pictures ({', '.join(PICTURE_ENDINGS)}), or one folder of them a class. Got none."
        )
    names = [f"{label}/{path.name}" for path, label in found]
    return _table([path for path, _ in found], names, [label for _, label in found], image_shape)


def as_one_picture(table: Table, image_shape: ImageShape) -> Table:
    """A table of one picture, where an array of that very shape was read as rows; any other table as it is.

    An array (64, 64, 3) looks like 64 grey pictures, and (28, 28) like 28 rows of numbers. Where colour pictures of
    64×64, or grey ones of 28×28, are what is asked for, it is one of them.

    Args:
        table: any.
        image_shape: (height, width, channels) of the pictures that are asked for.
    """
    array_shape = (table.n_rows, *(table.image_shape or (len(table.block_names), 1)), 1)[:4]
    if array_shape != (*image_shape, 1) or table.frame.width or table.is_sparse:
        return table
    return replace(
        table, block=table.block.reshape(1, -1), block_names=pixel_names(image_shape), image_shape=image_shape
    )


def _pictures(folder: Path) -> list[Path]:
    return [
        path for path in folder.iterdir() if path.suffix.lower() in PICTURE_ENDINGS and not path.name.startswith(".")
    ]


def _table(paths: list[Path], names: list[str], labels: list[str] | None, image_shape: ImageShape) -> Table:
    pixels = np.empty((len(paths), *image_shape), dtype=np.uint8)
    for row, path in enumerate(paths):
        pixels[row] = _pixels(path, image_shape)
    columns = [pl.Series(FILE, names)] + ([] if labels is None else [pl.Series(TARGET, labels)])
    target = None if labels is None else TARGET
    return Table(
        pl.DataFrame(columns), image_rows(pixels), pixel_names(image_shape), image_shape=image_shape, target_name=target
    )


def _pixels(path: Path, image_shape: ImageShape) -> np.ndarray:
    image, exif_transpose = _pillow()
    height, width, channels = image_shape
    try:
        with image.open(path) as picture:
            upright = exif_transpose(picture)
            if upright.has_transparency_data:
                upright = upright.convert("RGBA")
                upright = image.alpha_composite(image.new("RGBA", upright.size, "white"), upright)
            small = upright.convert("L" if channels == 1 else "RGB").resize((width, height), image.Resampling.BICUBIC)
            return np.asarray(small, dtype=np.uint8).reshape(image_shape)
    except PermissionError:
        raise
    except Exception as fault:  # damaged pictures raise whatever the code of their format does
        raise InputError(f"{path} must be a picture. Got something else, or a damaged one.") from fault


def _pillow() -> tuple[Any, Any]:
    try:
        from PIL import Image, ImageOps
    except ImportError as fault:
        raise MissingPackageError("A picture needs Pillow. Got none: pip install 'gradatim[images]'") from fault
    return Image, ImageOps.exif_transpose
