"""Pixels as numbers: one divisor for all of them, and a refusal of pictures on another scale.

Conventions
-----------
* Pixels are divided by one number, the same for all, and not centred: 255, or the largest training value where that
  is 16 or less (digits of 8×8 count from 0 to 16) or above 255 (deep pictures). Numbers from 0 to 1 stay.
* Pictures that cannot be on the scale of the training rows are refused: a network would read them, and be wrong. A
  dark picture is no such case: whole numbers of 0 and 1 may be bytes, fractions of 1 may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.errors import InputError, ShapeError
from gradatim.tables.images import ImageShape, pixel_names

WHITES = (1.0, 16.0, 255.0, 4095.0, 65535.0)
"""What white is in pictures of fractions, of 16 steps, and of 8, 12 and 16 bits."""

PIXELS_AT_ONCE = 2**22
"""Looked at together, so that memory does not grow with the number of pictures."""


@dataclass(frozen=True)
class Pixels:
    """The pixels of pictures, ready to encode.

    Attributes:
        image_shape: (height, width, channels).
        low: the smallest value of the training rows, or 0.
        high: the largest value of the training rows, or 0.
    """

    image_shape: ImageShape
    low: float
    high: float

    @classmethod
    def fit(cls, block: np.ndarray, image_shape: ImageShape) -> Pixels:
        """Learn the range of the training rows' block (m, height·width·channels)."""
        return cls(image_shape, *_range_of(block))

    @property
    def divisor(self) -> float:
        """What every pixel is divided by."""
        if self.high <= 1:
            return 1.0
        return 255.0 if 16 < self.high <= 255 else self.high

    @property
    def columns(self) -> int:
        """How many columns of X these are."""
        height, width, channels = self.image_shape
        return height * width * channels

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, one a column."""
        return pixel_names(self.image_shape)

    def require(self, block: Any, image_shape: ImageShape | None) -> None:
        """Refuse pictures of another size or scale than those of training.

        Args:
            block: (m, height·width·channels).
            image_shape: of each row of it; None where they are no pictures.

        Raises:
            ShapeError: with both sizes.
            InputError: with both ranges of values.
        """
        if image_shape is None or image_shape != self.image_shape:
            got = "no pictures" if image_shape is None else "{}×{}×{}".format(*image_shape)
            wanted = "{}×{}×{}".format(*self.image_shape)
            hint = "" if image_shape is None else self._hint_of_one_picture(len(block), image_shape)
            raise ShapeError(f"Pictures must be {wanted} (height × width × channels), as in training. Got {got}.{hint}")
        low, high = _range_of(block)
        if self._is_other_scale(block, low, high):
            raise InputError(
                f"Pixels must be on the scale of the training rows, {self.low:g} to {self.high:g}. "
                f"Got {low:g} to {high:g}: {self._way_back(255.0 if block.dtype == np.uint8 else _white(high))}."
            )

    def _way_back(self, white: float) -> str:
        """What to do with pictures of another white."""
        ratio = _white(self.high) / white
        if ratio == 1:
            return "bring them to that scale"
        how = f"multiply them by {ratio:g}" if ratio > 1 else f"divide them by {1 / ratio:g}"
        return f"{how}, if their white is {white:g}"

    def _hint_of_one_picture(self, m: int, image_shape: ImageShape) -> str:
        """An array (height, width, 3) was read as grey pictures, `height` of them."""
        height, width, channels = image_shape
        if channels != 1 or width != self.image_shape[2]:
            return ""
        size = "{}×{}".format(*self.image_shape)
        return f" If it is one picture of {m}×{height}×{width}, bring it to {size} and save pictures[None]."

    def _is_other_scale(self, block: np.ndarray, low: float, high: float) -> bool:
        """Whether values from low to high cannot be on the scale of the training rows."""
        white = _white(self.high)
        if high > white:  # fractions may go beyond: resizing overshoots, and pictures may be divided by their largest
            return high > 2 * white or not _has_fractions(block)
        if 0 < high <= 1 and white >= 16:
            return _has_fractions(block)
        bytes_among_deep_ones = block.dtype == np.uint8 and white > 255 and high > 0
        return bytes_among_deep_ones or low < self.low - white / 2

    def encode(self, block: np.ndarray, out: np.ndarray) -> None:
        """Write block / divisor into `out`; what is not finite becomes 0."""
        np.divide(block, self.divisor, out=out, casting="unsafe")
        if block.dtype.kind == "f":
            np.nan_to_num(out, copy=False, posinf=0.0, neginf=0.0)


def _range_of(block: np.ndarray) -> tuple[float, float]:
    """The smallest and the largest finite value, or 0 where that is smaller or larger."""
    low = high = 0.0
    for part in _parts(block):
        there: Any = True if part.dtype.kind in "bui" else np.isfinite(part)
        low = min(low, float(np.min(part, initial=0, where=there)))
        high = max(high, float(np.max(part, initial=0, where=there)))
    return low, high


def _white(largest: float) -> float:
    """The white of pictures whose largest value is this."""
    return next((white for white in WHITES if largest <= white), largest)


def _has_fractions(block: np.ndarray) -> bool:
    if block.dtype.kind != "f":
        return False
    return any((np.isfinite(part) & (part != np.floor(part))).any() for part in _parts(block))


def _parts(block: np.ndarray) -> Iterator[np.ndarray]:
    """The block, some rows at a time."""
    rows = max(1, PIXELS_AT_ONCE // max(1, block.shape[1]))
    return (block[start : start + rows] for start in range(0, len(block), rows))
