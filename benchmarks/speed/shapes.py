"""What is trained: so many rows and columns, through so wide a network, in batches of so many rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

Array = Any


@dataclass(frozen=True)
class Shape:
    """Data and network.

    Attributes:
        name: a word for the command line.
        rows: of the training data.
        inputs: columns.
        hidden: units of each hidden layer.
        outputs: 1 for two classes, by one probability; else the number of classes.
        batch: rows per step.
        cold_epochs: epochs of a training that is measured from the start of its process.
        pictures: archive of the folder of data that has the real ones; None always draws numbers.
    """

    name: str
    rows: int
    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    batch: int
    cold_epochs: int = 3
    pictures: str | None = None

    @property
    def title(self) -> str:
        """As it stands in a table."""
        hidden = ", ".join(f"{width:,}" for width in self.hidden) or "none"
        batch = "all rows" if self.batch >= self.rows else f"{self.batch:,}"
        return f"{self.rows:,} × {self.inputs:,}, hidden {hidden}, out {self.outputs}, batch {batch}"

    @property
    def widths(self) -> tuple[int, ...]:
        """From the inputs to the outputs."""
        return (self.inputs, *self.hidden, self.outputs)


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("small", 5_000, 8, (32, 16), 1, 32, cold_epochs=20),
        Shape("one-layer", 10_000, 20, (100,), 1, 200, cold_epochs=20),
        Shape("three-layers", 20_000, 50, (256, 256, 256), 1, 256),
        Shape("digits", 60_000, 784, (128, 64), 10, 128, pictures="mnist.npz"),
        Shape("wide", 8_192, 512, (1_024, 1_024), 10, 512),
        Shape("linear", 1_000_000, 50, (), 1, 1_024),
        Shape("cats", 209, 12_288, (20, 7, 5), 1, 209, cold_epochs=20, pictures="catvnoncat.npz"),
    )
}

TINY = Shape("tiny", 200, 4, (8,), 1, 64)
"""For whether all of it runs."""

RECIPE = Shape("recipe", 5_000, 20, (256, 256, 256), 2, 256)
"""For the strong recipe; rows that choose the epoch come out of these."""

PREDICTED = SHAPES["three-layers"]
"""Whose network predicts."""

PREDICTED_ROWS = (1, 256, 20_000)

MIDDLE = Shape("middle", 20_000, 50, (128, 128), 1, 256)

GROWTH: Mapping[str, Mapping[int, Shape]] = {
    "rows": {rows: replace(MIDDLE, name=f"rows-{rows}", rows=rows) for rows in (1_000, 10_000, 100_000)},
    "width": {width: replace(MIDDLE, name=f"width-{width}", hidden=(width,) * 2) for width in (16, 64, 256, 1_024)},
    "depth": {depth: replace(MIDDLE, name=f"depth-{depth}", hidden=(128,) * depth) for depth in (1, 2, 4, 8)},
}
"""One number grows and the others stay."""

OVER_THREADS = ("small", "one-layer", "three-layers", "wide")
"""Shapes that are measured with every number of threads."""

SHAPES_BY_NAME = SHAPES | {shape.name: shape for sweep in GROWTH.values() for shape in sweep.values()}
SHAPES_BY_NAME |= {shape.name: shape for shape in (TINY, RECIPE)}


def data_of(shape: Shape, folder: Path | None = None) -> tuple[Array, Array]:
    """X (rows, inputs) float32 and the classes (rows,) int64, from a seed or from the folder of real data."""
    if folder is not None and shape.pictures is not None:
        with np.load(folder / shape.pictures) as archive:
            X, classes = archive["X_train"], archive["y_train"]
        X = X.reshape(len(X), -1).astype(np.float32)
        X /= 255  # in place: a second copy would be everybody's peak of memory
        return X, classes.astype(np.int64)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((shape.rows, shape.inputs), dtype=np.float32)
    weights = rng.standard_normal((shape.inputs, shape.outputs), dtype=np.float32)
    scores = X @ weights / np.float32(np.sqrt(shape.inputs))
    scores += rng.standard_normal(scores.shape, dtype=np.float32) / 2
    classes = scores[:, 0] > 0 if shape.outputs == 1 else np.argmax(scores, axis=1)
    return X, classes.astype(np.int64)
