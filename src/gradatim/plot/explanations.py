"""What a prediction rests on, and how it goes with a column."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.plot.canvas import COLOURS, MARKERS, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gradatim.glass.attribution import Attribution  # drawing needs none of what explains
    from gradatim.glass.partial_dependence import PartialDependence
    from gradatim.glass.permutation import PermutationImportance

MOST_BARS = 20
MOST_LINES = 100
"""Rows whose own curve is drawn."""


def attribution(found: Attribution, ax: Axes | None = None) -> Figure:
    """A bar for each column: of one row its part, to the right where it adds; of many its share.

    Args:
        found: of `gradatim.attribution` or `gradatim.integrated_gradients`; of a single row ``found.row(3)``.
        ax: axes to draw into; None makes a figure.

    Example:
        >>> from gradatim.glass.attribution import Attribution
        >>> figure = attribution(Attribution(("age", "pay"), np.array([[0.5, -1.0]]), np.array([0.2])))
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['pay', 'age']
    """
    order = np.argsort(-found.shares, kind="stable")[:MOST_BARS]
    one = len(found.values) == 1
    widths = found.values[0, order] if one else 100 * found.shares[order]
    figure, ax = _bars(ax, [found.names[j] for j in order], widths)
    ax.set_xlabel(f"part of {found.score}" if one else f"share of the parts of {found.score}, %")
    ax.set_title("What this row's score rests on" if one else f"What {len(found.values):,} scores rest on")
    return figure


def permutation_importance(found: PermutationImportance, ax: Axes | None = None) -> Figure:
    """A bar for each column: how much worse the metric gets by shuffling it, and its standard deviation.

    Args:
        found: of `gradatim.permutation_importance`.
        ax: axes to draw into; None makes a figure.
    """
    order = found.order[:MOST_BARS]
    figure, ax = _bars(ax, [found.names[j] for j in order], found.values[order], xerr=found.deviations[order])
    ax.set_xlabel(f"{found.metric} worse by")
    ax.set_title(f"Shuffled columns, {found.rows:,} rows")
    return figure


def partial_dependence(found: PartialDependence, ax: Axes | None = None) -> Figure:
    """The mean prediction by the value of a column: lines of numbers and dates, marks of levels.

    Where single rows were kept, the curves of some of them stand behind, for one output alone.

    Args:
        found: of `gradatim.partial_dependence`.
        ax: axes to draw into; None makes a figure.

    Example:
        >>> from gradatim.glass.partial_dependence import PartialDependence
        >>> found = PartialDependence("x", "number", (0.0, 1.0), ("pay",), np.array([[2.0], [3.0]]), "pay", 7)
        >>> partial_dependence(found).axes[0].get_ylabel()
        'pay'
    """
    figure, ax = figure_of(ax, (6.4, 4.0))
    missing = any(x is None for x in found.grid)
    x: Any = list(found.grid) if found.is_ordered and not missing else [_label(level) for level in found.grid]
    if found.individual is not None and len(found.names) == 1:
        some = found.individual[:: max(1, -(-len(found.individual) // MOST_LINES)), :, 0]
        ax.plot(x, some.T, color="#999999", linewidth=0.5, alpha=0.5)
    style = "-" if found.is_ordered else ":"
    for name, values, colour, marker in zip(found.names, found.values.T, cycle(COLOURS), cycle(MARKERS), strict=False):
        ax.plot(x, values, color=colour, marker=marker, markersize=4, linestyle=style, linewidth=1.5, label=name)
    if len(found.names) > 1:
        ax.legend(frameon=False)
    if isinstance(x[0], str) and sum(map(len, x)) > 50:
        ax.tick_params(axis="x", rotation=90)
    ax.set_xlabel(found.column)
    ax.set_ylabel(found.unit)
    ax.set_title(f"Mean prediction of {found.rows:,} rows by {found.column}")
    ax.grid(alpha=0.3)
    return figure


def _bars(ax: Axes | None, names: list[str], widths: Any, **more: Any) -> tuple[Figure, Axes]:
    """Bars from left to right, the first on top."""
    figure, ax = figure_of(ax, (6.4, 1.4 + 0.28 * len(names)))
    places = np.arange(len(names))
    ax.barh(places, widths, color=np.where(np.asarray(widths) < 0, COLOURS[1], COLOURS[0]).tolist(), **more)
    ax.set_yticks(places, names)
    ax.invert_yaxis()
    ax.axvline(0, color="#333333", linewidth=0.8)
    ax.grid(axis="x", alpha=0.3)
    return figure, ax


def _label(level: Any) -> str:
    return "missing" if level is None else str(level)
