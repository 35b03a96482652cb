"""Pixels as numbers: one divisor for all of them, and a refusal of pictures on another scale.

Conventions
-----------
* Pixels are the block of a table of pictures, or those columns of another table whose kind is "pixel".
* Pixels are divided by one number, the same for all, and not centred: 255, or the largest training value where that
  is 16 or less (digits of 8×8 count from 0 to 16) or above 255 (deep pictures). Numbers from 0 to 1 stay.
* A missing pixel is 0 and has no mark: in pictures it is background, as most of its neighbours are.
* Pictures that cannot be on the scale of the training rows are refused: a network would read them, and be wrong. A
  dark picture is no such case: whole numbers of 0 and 1 may be bytes, fractions of 1 may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from gradatim.errors import InputError, ShapeError
from gradatim.tables.encoding.columns import Column, Feature
from gradatim.tables.encoding.numeric import number_matrix
from gradatim.tables.images import ImageShape, pixel_names
from gradatim.tables.table import Table

WHITES = (1.0, 16.0, 255.0, 4095.0, 65535.0)
"""What white is in pictures of fractions, of 16 steps, and of 8, 12 and 16 bits."""

PIXELS_AT_ONCE = 2**22
"""Looked at together, so that memory does not grow with the number of pictures."""


@dataclass(frozen=True)
class Pixels:
    """The pixels of pictures, or columns of pixels, ready to encode.

    Attributes:
        image_shape: (height, width, channels) of pictures; None where pixels are columns.
        low: the smallest value of the training rows, or 0.
        high: the largest value of the training rows, or 0.
        features: the columns; none of pictures.
    """

    image_shape: ImageShape | None
    low: float
    high: float
    features: tuple[Feature, ...] = ()

    @classmethod
    def fit(cls, training: Table, columns: Sequence[Column]) -> Pixels | None:
        """Learn the range of the pixels of the training rows; None where there are no pixels.

        Args:
            training: the training rows.
            columns: their kinds.
        """
        features = pixel_features(columns, training.image_shape)
        if training.image_shape is None and not features:
            return None
        return cls(training.image_shape, *_range_of(_parts(training, features)), features)

    @property
    def divisor(self) -> float:
        """What every pixel is divided by."""
        if self.high <= 1:
            return 1.0
        return 255.0 if 16 < self.high <= 255 else self.high

    @property
    def columns(self) -> int:
        """How many columns of X these are."""
        return len(self.features) if self.image_shape is None else prod(self.image_shape)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, one a column."""
        return tuple(f.name for f in self.features) if self.image_shape is None else pixel_names(self.image_shape)

    def require(self, table: Table) -> None:
        """Refuse pictures of another size or scale than those of training.

        Args:
            table: to encode, with numbers in place of their texts.

        Raises:
            ShapeError: with both sizes.
            InputError: with both ranges of values.
        """
        if self.image_shape is not None:
            _require_size(table, self.image_shape)
        in_bytes = not self.features and table.block.dtype == np.uint8
        low, high = _range_of(_parts(table, self.features))
        if self._is_other_scale(table, low, high, in_bytes=in_bytes):
            raise InputError(
                f"Pixels must be on the scale of the training rows, {self.low:g} to {self.high:g}. "
                f"Got {low:g} to {high:g}: {self._way_back(255.0 if in_bytes else _white(high))}."
            )

    def _way_back(self, white: float) -> str:
        """What to do with pictures of another white."""
        ratio = _white(self.high) / white
        if ratio == 1:
            return "bring them to that scale"
        how = f"multiply them by {ratio:g}" if ratio > 1 else f"divide them by {1 / ratio:g}"
        return f"{how}, if their white is {white:g}"

    def _is_other_scale(self, table: Table, low: float, high: float, *, in_bytes: bool) -> bool:
        """Whether values from low to high cannot be on the scale of the training rows."""
        white = _white(self.high)
        if high > white:  # fractions may go beyond: resizing overshoots, and pictures may be divided by their largest
            return high > 2 * white or not _has_fractions(_parts(table, self.features))
        if 0 < high <= 1 and white >= 16:
            return _has_fractions(_parts(table, self.features))
        bytes_among_deep_ones = in_bytes and white > 255 and high > 0
        return bytes_among_deep_ones or low < self.low - white / 2

    def encode(self, table: Table, out: np.ndarray) -> None:
        """Write pixels / divisor into `out`; what is missing or infinite becomes 0."""
        block = _block_of(table, self.features)
        np.divide(block, self.divisor, out=out, casting="unsafe")
        if block.dtype.kind == "f":
            np.nan_to_num(out, copy=False, posinf=0.0, neginf=0.0)


def pixel_features(columns: Sequence[Column], image_shape: ImageShape | None) -> tuple[Feature, ...]:
    """The columns that are pixels each; none of pictures, whose pixels are one column together."""
    if image_shape is not None:
        return ()
    return tuple(Feature(column.name) for column in columns if column.kind == "pixel")


def _require_size(table: Table, wanted: ImageShape) -> None:
    got = table.image_shape
    if got != wanted:
        size = "no pictures" if got is None else "{}×{}×{}".format(*got)
        hint = "" if got is None else _hint_of_one_picture(table.n_rows, got, wanted)
        raise ShapeError(
            f"Pictures must be {'{}×{}×{}'.format(*wanted)} (height × width × channels), as in training. "
            f"Got {size}.{hint}"
        )


def _hint_of_one_picture(m: int, got: ImageShape, wanted: ImageShape) -> str:
    """An array (height, width, 3) was read as grey pictures, `height` of them."""
    height, width, channels = got
    if channels != 1 or width != wanted[2]:
        return ""
    size = "{}×{}".format(*wanted)
    return f" If it is one picture of {m}×{height}×{width}, bring it to {size} and save pictures[None]."


def _range_of(parts: Iterable[np.ndarray]) -> tuple[float, float]:
    """The smallest and the largest finite value, or 0 where that is smaller or larger."""
    low = high = 0.0
    for part in parts:
        there = True if part.dtype.kind in "bui" else np.isfinite(part)
        low = min(low, float(np.min(part, initial=0, where=there)))
        high = max(high, float(np.max(part, initial=0, where=there)))
    return low, high


def _white(largest: float) -> float:
    """The white of pictures whose largest value is this."""
    return next((white for white in WHITES if largest <= white), largest)


def _has_fractions(parts: Iterable[np.ndarray]) -> bool:
    return any(part.dtype.kind == "f" and (np.isfinite(part) & (part != np.floor(part))).any() for part in parts)


def _parts(table: Table, features: Sequence[Feature]) -> Iterator[np.ndarray]:
    """The pixels of all rows, some rows at a time."""
    rows = max(1, PIXELS_AT_ONCE // max(1, len(features) or table.block.shape[1]))
    return (_block_of(table.take(slice(at, at + rows)), features) for at in range(0, table.n_rows, rows))


def _block_of(table: Table, features: Sequence[Feature]) -> np.ndarray:
    """(m, pixels) of any number type."""
    return number_matrix(table, features) if features else np.asarray(table.block)
