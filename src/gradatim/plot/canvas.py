"""Figures that show themselves in a notebook, and the colours and markers of all pictures."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""Blue, vermilion, green, purple, orange, sky blue, yellow, black: Okabe & Ito."""

MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")


class Picture(Figure):
    """A matplotlib figure that a notebook shows when it is named. Without pyplot, a plain one shows only its size."""

    def _repr_png_(self) -> bytes:
        file = BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()


def figure(down: int = 1, across: int = 1, size: tuple[float, float] = (6.4, 4.0), **axes: Any) -> tuple[Figure, Any]:
    """An empty figure and its axes, for a picture of your own.

    Args:
        down: axes above one another.
        across: axes side by side.
        size: inches, width and height.
        axes: as ``Figure.subplots`` takes them, such as ``sharey=True``.

    Returns:
        The figure; and its axes, alone or as an array, as ``Figure.subplots`` gives them.

    Example:
        >>> picture, (left, right) = figure(across=2)
        >>> line = left.plot([0, 1], [0, 1])
    """
    picture = blank(size)
    return picture, picture.subplots(down, across, **axes)


def blank(size: tuple[float, float]) -> Figure:
    """A figure without axes, of so many inches."""
    return Picture(figsize=size, dpi=120, layout="constrained")


def figure_of(ax: Axes | None, size: tuple[float, float]) -> tuple[Figure, Axes]:
    """The axes to draw into, and the figure that they are in."""
    if ax is None:
        ax = blank(size).add_subplot()
    root = ax.get_figure(root=True)
    assert root is not None, "axes that were removed from their figure"
    return root, ax
