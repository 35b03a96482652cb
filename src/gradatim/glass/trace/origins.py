"""Where the numbers of a network's input come from: the table's value, what was done to it, and what became of it.

Conventions
-----------
* An origin stands for one line of X: a number, the mark of a missing one, a one-hot column, a pixel.
* ``how`` is the equation with its numbers. The smooth clip is named, not written out: "bent to". It is
  z / √(1 + (z/clip)²), see `gradatim.tables.encoding.scaling`.
* Values are the encoder's own; the words only say how they came about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import category as unicode_category

import numpy as np

from gradatim.drawing import number_text
from gradatim.formulas.arrays import Array
from gradatim.network import Architecture, CategoryEmbedding, NumericEmbedding
from gradatim.tables import Table, TableEncoder
from gradatim.tables.encoding.levels import Category, one_hot
from gradatim.tables.encoding.numeric import number_matrix
from gradatim.tables.encoding.scaling import BEYOND

LONGEST = 40


@dataclass(frozen=True)
class Origin:
    """Where one line of X comes from.

    Attributes:
        name: of the encoded column: "age", "age is missing", "city=Rome".
        raw: the table's column.
        value: what stands there, as text.
        how: what was done to it, with numbers.
        x: what became of it.
    """

    name: str
    raw: str
    value: str
    how: str
    x: float


@dataclass(frozen=True)
class Code:
    """A category that becomes a row of a table of embeddings: its column, what stands there, and which row."""

    raw: str
    value: str
    code: int


@dataclass(frozen=True)
class Input:
    """One line of A[0]: its name, and the table's column that it comes from."""

    name: str
    raw: str


def origins_of(encoder: TableEncoder, row: Table, read: Table, x: Array) -> tuple[Origin, ...]:
    """The origin of every line of X.

    Args:
        encoder: of the model.
        row: one row of the table, as it is.
        read: the same after `TableEncoder.checked`, with numbers in place of texts.
        x: (inputs,) what `encoder` made of it.

    Example:
        >>> table = Table.from_any({"x": [1.0, 2.0, 3.0, 6.0], "city": ["Rome", "Oslo", "Bern", "Rome"]})
        >>> encoder = TableEncoder.fit(table)
        >>> row = table.take([3])
        >>> for origin in origins_of(encoder, row, row, encoder.encode(row).X[0])[:2]:
        ...     print(origin.name, "|", origin.value, "|", origin.how)
        x | 6 | (6 − 2.5) / 2 = 1.75, bent to 1.512
        city=Bern | Rome | no, 0: 0 / 0.25 = 0
    """
    hows = [*_of_numbers(encoder, read), *_of_categories(encoder, read), *_of_pixels(encoder, read)]
    there = set(row.names)
    values = {raw: _value(row, raw) for raw in dict.fromkeys(output.raw for output in encoder.outputs) if raw in there}
    return tuple(
        Origin(readable(output.name), readable(output.raw), values.get(output.raw, ""), how, float(number))
        for output, how, number in zip(encoder.outputs, hows, x, strict=True)
    )


def codes_of(encoder: TableEncoder, row: Table, codes: Array | None) -> tuple[Code, ...]:
    """Which row of its table each embedded category takes."""
    if codes is None:
        return ()
    return tuple(
        Code(readable(category.feature.name), _value(row, category.feature.raw), int(code))
        for category, code in zip(encoder.embedded, codes, strict=True)
    )


def inputs_of(encoder: TableEncoder, architecture: Architecture) -> tuple[Input, ...]:
    """The lines of A[0]: those of X, and what the front adds to them.

    Example:
        >>> encoder = TableEncoder.fit(Table.from_any({"x": [1.0, 2.0, 3.0]}))
        >>> front = (NumericEmbedding(1, frequencies=2, width=3),)
        >>> [line.name for line in inputs_of(encoder, Architecture(1, front))]
        ['x e1', 'x e2', 'x']
    """
    lines = [Input(readable(output.name), readable(output.raw)) for output in encoder.outputs]
    for part in architecture.front:
        if isinstance(part, NumericEmbedding):
            embedded = [
                Input(f"{line.name} e{k}", line.raw) if k < part.width else line
                for line in lines[: part.columns]
                for k in range(1, part.width + 1)
            ]
            lines = [*embedded, *lines[part.columns :]]
        elif isinstance(part, CategoryEmbedding):
            features = [category.feature for category in encoder.embedded]
            lines += [
                Input(f"{readable(feature.name)} e{k}", readable(feature.raw))
                for feature in features
                for k in range(1, part.width + 1)
            ]
    return tuple(lines)


def readable(name: object, most: int = LONGEST) -> str:
    """A name in one line: without control characters, which would steer a terminal, and not too long."""
    text = "".join("\N{REPLACEMENT CHARACTER}" if unicode_category(c) in ("Cc", "Cf", "Cs") else c for c in str(name))
    return text if len(text) <= most else f"{text[: most - 1]}…"


SCALES = {
    ("robust", False): "Of a number the median of the training rows is subtracted, and it is divided by their "
    "interquartile range (half the range, where that is 0).",
    ("standard", False): "Of a number the mean of the training rows is subtracted, and it is divided by their standard "
    "deviation.",
    ("robust", True): "A number is divided by the largest size in its column of the training rows: zeros stay zeros.",
    ("standard", True): "A number is divided by the standard deviation of its column in the training rows: zeros stay "
    "zeros.",
}
"""What is subtracted and divided by, by the name of the scale and whether the table is sparse."""


def scaling_in_words(encoder: TableEncoder) -> list[str]:
    """What was done to all numbers, in sentences."""
    scale = SCALES.get((encoder.encoding.numbers, encoder.is_sparse), "")
    said = [scale] if scale and encoder.numbers.features else []
    clip = encoder.numbers.clip or next((c.clip for c in encoder.categories if c.clip), None)
    if clip and (encoder.numbers.features or encoder.categories):
        said.append(f"Bent is z / √(1 + (z/{clip:g})²): never beyond ±{clip:g}.")
    if encoder.pixels is not None and encoder.pixels.image_shape is not None:
        said.append("pixel_y_x_c is line y, place x and channel c of the picture, counted from 0.")
    return said


def _value(row: Table, name: str) -> str:
    """What stands in a column, as a file would show it."""
    if name in row.place:  # one of thousands of pixels: no column is made of it
        value: Any = float(row.block[0, row.place[name]])
    else:
        value = row.levels_column(name)[0]
    if value is None or value != value:
        return "missing"
    return f"{value:.7g}" if isinstance(value, float) else readable(value)


def _of_numbers(encoder: TableEncoder, read: Table) -> Iterator[str]:
    """How each number, and behind them each mark of a missing one, came about."""
    numbers = encoder.numbers
    if not numbers.features:
        return
    x = number_matrix(read, numbers.features)[0]
    there = np.abs(x) <= BEYOND
    for j, feature in enumerate(numbers.features):
        value = float(x[j]) if there[j] else float(numbers.mean[j])
        part = f"the {feature.part} is {number_text(value, 7)}: " if feature.part else ""
        front = part if there[j] else "missing, the mean stands for it: "
        yield front + _scaled(value, float(numbers.center[j]), float(numbers.scale[j]), numbers.clip)
    for k, j in enumerate(numbers.marked):
        mark = 0.0 if there[j] else 1.0
        how = _scaled(mark, float(numbers.mark_center[k]), float(numbers.mark_scale[k]), numbers.mark_clip)
        yield f"{'it is there' if there[j] else 'it is missing'}, {mark:g}: {how}"


def _of_categories(encoder: TableEncoder, read: Table) -> Iterator[str]:
    for category in encoder.categories:
        code = int(category.codes(read)[0])
        plain = one_hot(len(category.levels))[code]
        for k, value in enumerate(plain):
            how = _scaled(float(value), float(category.center[k]), float(category.scale[k]), category.clip)
            yield f"{_indicated(category, code, k)}, {number_text(value)}: {how}"


def _indicated(category: Category, code: int, k: int) -> str:
    if not code:
        return "missing or unknown"
    if len(category.levels) == 2:
        return "the first of the two" if code == 1 else "the second of the two"
    return "yes" if code == k + 1 else "no"


def _of_pixels(encoder: TableEncoder, read: Table) -> Iterator[str]:
    if encoder.pixels is None:
        return
    features = encoder.pixels.features
    pixels = number_matrix(read, features)[0] if features else np.asarray(read.block)[0]
    divisor = encoder.pixels.divisor
    for pixel in pixels.tolist():
        if not np.isfinite(pixel):
            yield "missing: 0"
        elif divisor == 1:
            yield "as it is"
        else:
            yield f"{number_text(pixel)} / {number_text(divisor)} = {number_text(pixel / divisor)}"


def _scaled(value: float, center: float, scale: float, clip: float | None) -> str:
    """(x − center) · scale with its numbers, and what the smooth clip makes of it."""
    if scale == 0:
        return "0: it is the same in all training rows"
    z = (value - center) * scale
    written, divisor = number_text(value, 7), number_text(1 / scale)
    if center:
        sign = "−" if center > 0 else "+"
        written = f"({written} {sign} {number_text(abs(center), 5 if abs(center) < 1000 else 7)})"
    if scale == 1 and not center:
        how = f"{written} as it is"
    else:
        how = (f"{written} / {divisor}" if scale != 1 else written.strip("()")) + f" = {number_text(z)}"
    if clip is None or not z:
        return how
    return f"{how}, bent to {number_text(z / np.sqrt(1 + (z / clip) ** 2))}"


def grouped(raws: Sequence[str]) -> dict[str, list[int]]:
    """The places of each raw column, in the order of their first."""
    places: dict[str, list[int]] = {}
    for place, raw in enumerate(raws):
        places.setdefault(raw, []).append(place)
    return places
