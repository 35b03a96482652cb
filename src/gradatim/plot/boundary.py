"""What a network decides in a plane."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.course.dimensions import as_columns
from gradatim.course.network import Network
from gradatim.errors import ShapeError
from gradatim.formulas.arrays import Array
from gradatim.plot.canvas import COLOURS, MARKERS, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GRID = 300
"""Points per side at which a decision is asked for."""


def decision_boundary(
    net: Any, X: Array, Y: Array, ax: Axes | None = None, names: tuple[str, str] = ("$x_1$", "$x_2$")
) -> Figure:
    """What the network decides everywhere in the plane, and the examples on it.

    Args:
        net: a `gradatim.Network`, or a model or estimator with ``predict(rows)``.
        X: (2, m) examples as columns.
        Y: (1, m) classes; for a network of several outputs (n[L], m).
        ax: axes to draw into; None makes a figure.
        names: of the two inputs, for the axes.

    Raises:
        ShapeError: if X does not have two rows.

    Example:
        >>> net = Network([2, 4, 1], seed=1)
        >>> figure = decision_boundary(net, np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[0, 1]]))
        >>> len(figure.axes)
        1
    """
    X = as_columns(X, rows=2, because="A plane has 2 axes")
    labels = np.asarray(Y)
    labels = np.argmax(labels, axis=0) if labels.ndim == 2 and labels.shape[0] > 1 else labels.ravel()
    if labels.shape != (X.shape[1],):
        raise ShapeError(f"Y must be (1, {X.shape[1]}): a class for each column of X. Got {np.shape(Y)}.")
    first, second = (np.linspace(x.min() - 0.08 * span, x.max() + 0.08 * span, GRID) for x, span in _spans(X))
    grid = np.stack(np.meshgrid(first, second)).reshape(2, -1)
    decided = np.ravel(net.predict(grid) if isinstance(net, Network) else np.asarray(net.predict(grid.T)))
    classes = np.unique(np.concatenate([labels, decided]))
    regions = np.searchsorted(classes, decided).reshape(GRID, GRID)
    figure, ax = figure_of(ax, (5.6, 4.8))
    colours = list(islice(cycle(COLOURS), len(classes)))
    edges = np.arange(len(classes) + 1) - 0.5
    ax.contourf(first, second, regions, levels=edges, colors=colours, alpha=0.25)
    if len(classes) > 1:
        ax.contour(first, second, regions, levels=edges[1:-1], colors="#333333", linewidths=1)
    for value, colour, marker in zip(classes, colours, cycle(MARKERS), strict=False):
        x1, x2 = X[:, labels == value]
        ax.scatter(x1, x2, s=24, color=colour, marker=marker, edgecolors="white", linewidths=0.5, label=str(value))
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
    ax.set_title("Decision boundary")
    ax.legend(title="class", loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure


def _spans(X: Array) -> list[tuple[Array, float]]:
    """Each row of X and its width; 1 where it does not vary, so that there is a plane to draw."""
    return [(x, float(np.ptp(x)) or 1.0) for x in X]
