"""Columns of X as the pictures that they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import Array
from gradatim.plot.canvas import blank, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def image(column: Array, shape: tuple[int, ...] = (64, 64, 3), ax: Axes | None = None, title: str = "") -> Figure:
    """One column of X as the picture that it was.

    Args:
        column: (n,) or (n, 1): numbers from 0 to 1, or bytes from 0 to 255.
        shape: (height, width) or (height, width, 3); the column holds the picture row by row.
        ax: axes to draw into; None makes a figure.
        title: above the picture.

    Raises:
        ShapeError: if the column does not have height · width · depth numbers.

    Example:
        >>> figure = image(np.linspace(0, 1, 12), shape=(2, 2, 3))
        >>> figure.axes[0].get_ylabel()
        'pixel row'
    """
    figure, ax = figure_of(ax, (3.2, 3.4))
    ax.imshow(_picture(column, shape), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_xlabel("pixel column")
    ax.set_ylabel("pixel row")
    ax.set_xticks([0, shape[1] - 1])
    ax.set_yticks([0, shape[0] - 1])
    ax.set_title(title)
    return figure


def mislabelled(
    X: Array,
    Y: Array,
    predictions: Array,
    shape: tuple[int, ...] = (64, 64, 3),
    classes: Sequence[str] = ("0", "1"),
    at_most: int = 12,
) -> Figure:
    r"""The pictures that were taken for something else.

    Args:
        X: (n, m) pictures as columns.
        Y: (1, m) the right classes by number.
        predictions: (1, m) the predicted classes by number.
        shape: (height, width) or (height, width, 3).
        classes: their names.
        at_most: so many pictures; the title counts them all.

    Raises:
        ShapeError: if X, Y and predictions are not of the same examples.

    Example:
        >>> figure = mislabelled(np.ones((4, 3)), [[0, 1, 1]], [[0, 1, 0]], shape=(2, 2), classes=("non-cat", "cat"))
        >>> figure.axes[0].get_title()
        'column 2: cat\ntaken for non-cat'
    """
    X, truth, guess = np.asarray(X), np.ravel(Y), np.ravel(predictions)
    if not truth.shape == guess.shape == X.shape[1:]:
        raise ShapeError(
            f"X, Y and predictions must be of the same examples, a column each. "
            f"Got {X.shape}, {np.shape(Y)} and {np.shape(predictions)}."
        )
    if len(truth) and max(truth.max(), guess.max()) >= len(classes):
        raise InputError(
            f"classes must name every class, 0 to {int(max(truth.max(), guess.max()))}. Got {list(classes)}."
        )
    wrong = np.flatnonzero(truth != guess)
    shown = wrong[:at_most]
    across = min(4, max(1, len(shown)))
    down = max(1, -(-len(shown) // across))
    figure = blank((2.2 * max(across, 2), 2.6 * down + 0.5))
    counted = f"{len(wrong)} of {len(truth)} mislabelled" + (f", {at_most} shown" if len(wrong) > at_most else "")
    figure.suptitle(counted)
    for place, i in enumerate(shown, start=1):
        ax = figure.add_subplot(down, across, place)
        ax.imshow(_picture(X[:, i], shape), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        ax.set_title(f"column {i}: {classes[int(truth[i])]}\ntaken for {classes[int(guess[i])]}", fontsize="small")
        ax.set_xticks([])
        ax.set_yticks([])
    return figure


def _picture(column: Array, shape: tuple[int, ...]) -> Array:
    column = np.asarray(column)
    if column.size != np.prod(shape) or column.size != max(column.shape, default=0):
        raise ShapeError(
            f"column must hold {' · '.join(map(str, shape))} = {np.prod(shape)} numbers, one picture of (height, "
            f"width, depth). Got shape {column.shape}: give one column of X, and the shape that its pictures had."
        )
    picture = column.reshape(shape)
    bytes_ = picture.dtype.kind in "iu" or picture.max() > 1
    return np.clip(picture / 255 if bytes_ else picture, 0, 1)
