"""Pictures and columns: one into the other, and back.

Conventions
-----------
* A picture is (height, width, channels), bytes from 0 to 255. Some notes write (width, height, depth): NumPy,
  Pillow's arrays and the course's files have the height first.
* A picture is unrolled row-major (C order): along the channels of a pixel, then along the pixels of a line, then line
  by line. This is ``X.reshape(X.shape[0], -1).T`` of the course.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

import numpy as np

from gradatim.errors import ShapeError

ImageShape = tuple[int, int, int]


def image_columns(pictures: Any) -> np.ndarray:
    """Pictures as columns.

    Args:
        pictures: (m, height, width, channels), or (m, height, width) for grey ones.

    Returns:
        (height·width·channels, m), a view where that is possible: A[0] before any division.

    Raises:
        ShapeError: for an array of another rank.

    Example:
        >>> image_columns(np.arange(12).reshape(1, 2, 2, 3))[:4, 0].tolist()
        [0, 1, 2, 3]
    """
    return image_rows(pictures).T


def image_rows(pictures: Any) -> np.ndarray:
    """Pictures as rows, (m, height·width·channels): what a table holds."""
    pictures = np.asarray(pictures)
    if pictures.ndim not in (3, 4):
        one = " For a single picture use pictures[None]." if pictures.ndim == 2 else ""
        raise ShapeError(
            f"Pictures must have shape (m, height, width, channels) or (m, height, width). Got {pictures.shape}.{one}"
        )
    return np.asarray(pictures).reshape(len(pictures), prod(pictures.shape[1:]))


def images(columns: Any, image_shape: ImageShape) -> np.ndarray:
    """Columns as pictures: the way back from `image_columns`.

    Args:
        columns: (height·width·channels, m).
        image_shape: (height, width, channels).

    Returns:
        (m, height, width, channels).

    Raises:
        ShapeError: if the columns are not as long as such a picture has numbers.

    Example:
        >>> pictures = np.arange(24).reshape(2, 2, 2, 3)
        >>> bool((images(image_columns(pictures), (2, 2, 3)) == pictures).all())
        True
    """
    columns = np.asarray(columns)
    height, width, channels = image_shape
    if columns.ndim != 2 or columns.shape[0] != height * width * channels:
        raise ShapeError(
            f"Columns must have shape ({height * width * channels}, m) for pictures of {height}×{width}×{channels}. "
            f"Got {columns.shape}."
        )
    return np.asarray(columns.T.reshape(columns.shape[1], height, width, channels))


@cache
def pixel_names(image_shape: ImageShape) -> tuple[str, ...]:
    """Names of the columns of a picture: pixel_0_0_0 is line 0, place 0, channel 0."""
    height, width, channels = image_shape
    return tuple(f"pixel_{y}_{x}_{c}" for y in range(height) for x in range(width) for c in range(channels))
