"""Pictures of a training: costs, decision boundary, images, and the images that a network got wrong.

Conventions
-----------
* Every function returns a matplotlib ``Figure``, made without pyplot: no window opens and no global state is left. Show
  it by naming it in a notebook, keep it with ``figure.savefig("costs.png")``. With ``ax`` it draws into axes of yours.
* Examples are columns, as in `gradatim.course`.
* Classes differ by colour and by marker. The colours are those of Okabe & Ito, which people with any of the common
  colour deficiencies can tell apart (Wong 2011, Nature Methods 8).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.course.dimensions import as_columns
from gradatim.course.network import Network
from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import Array
from gradatim.training import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gradatim.ladder.curves import LearningCurves  # what runs has trained; drawing needs none of it

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""Blue, vermilion, green, purple, orange, sky blue, yellow, black: Okabe & Ito."""

MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")

SAME_AS_THE_LOSS = ("loss", "log_loss")
"""Validation metrics that are the training loss on other rows: classes train on log loss alone."""

GRID = 300
"""Points per side at which a decision is asked for."""


def costs(costs: Sequence[float] | History, ax: Axes | None = None, record_every: int = 100) -> Figure:
    """The cost by iteration; of a history the training loss by epoch, and the curve of the validation rows.

    Args:
        costs: what `gradatim.Network.descend` returned, any list of costs, or a model's ``history_``.
        ax: axes to draw into; None makes a figure.
        record_every: iterations from one cost to the next, where `costs` does not know its own.

    Raises:
        InputError: for a history without epochs.

    Example:
        >>> figure = costs([0.69, 0.64, 0.63])
        >>> figure.axes[0].get_xlabel()
        'iteration'
    """
    figure, ax = _figure(ax, (6.4, 4.0))
    if isinstance(costs, History):
        _draw_history(costs, ax)
        return figure
    iterations = getattr(costs, "iterations", None) or [record_every * k for k in range(len(costs))]
    ax.plot(iterations, list(costs), color=COLOURS[0], marker="." if len(costs) <= 100 else "", linewidth=1.5)
    ax.set_xlabel("iteration")
    ax.set_ylabel("cost J")
    ax.set_title("Cost by iteration")
    ax.grid(alpha=0.3)
    return figure


def learning_curves(curves: LearningCurves, ax: Axes | None = None) -> Figure:
    """The score of each rung by the number of rows that it was trained on, with a bar of one standard error each way.

    Args:
        curves: a run's ``learning_curves``.
        ax: axes to draw into; None makes a figure.
    """
    figure, ax = _figure(ax, (6.4, 4.0))
    for curve, colour, marker in zip(curves.curves, cycle(COLOURS), cycle(MARKERS), strict=False):
        rows = [point.rows for point in curve.points]
        scores = [point.score.value for point in curve.points]
        errors = [point.score.standard_error for point in curve.points]
        ax.errorbar(rows, scores, yerr=errors, color=colour, marker=marker, capsize=3, linewidth=1.5, label=curve.title)
    ax.set_xscale("log", base=2)
    sizes = sorted({point.rows for curve in curves.curves for point in curve.points})
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.set_xlabel("rows trained on")
    ax.set_ylabel(f"{curves.metric.name} ± one standard error")
    ax.set_title("Score by number of rows")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    return figure


def _draw_history(history: History, ax: Axes) -> None:
    """Training and validation loss on one axis; a metric that measures something else has its own, on the right."""
    if not len(history):
        raise InputError(
            "The history must hold an epoch. Got none: a model read from a file has no history (history.csv in the "
            "folder of its run has it), and one that starts at its answer needs no epoch."
        )
    epochs = history["epoch"]
    marker = "." if len(history) <= 100 else ""
    lines = ax.plot(epochs, history["training_loss"], color=COLOURS[0], marker=marker, linewidth=1.5, label="training")
    ax.set_ylabel("loss")
    for place, metric in enumerate(_validated(history), start=1):
        beside = ax if metric in SAME_AS_THE_LOSS else ax.twinx()
        label = "validation" if place == 1 else f"validation {metric}"
        values, colour = history[f"validation_{metric}"], COLOURS[place]
        lines += beside.plot(epochs, values, color=colour, marker=marker, linewidth=1.5, linestyle="--", label=label)
        if beside is not ax:
            beside.set_ylabel(f"validation {metric}", color=colour)
    ax.set_xlabel("epoch")
    ax.set_title("Loss by epoch")
    ax.grid(alpha=0.3)
    ax.legend(handles=lines, frameon=False)


def _validated(history: History) -> list[str]:
    """What was measured on the rows held out, the loss first; and once, where the metric says the same."""
    found = [name.removeprefix("validation_") for name in history.names if name.startswith("validation_")]
    same = [metric for metric in found if metric in SAME_AS_THE_LOSS]
    return same[:1] + [metric for metric in found if metric not in same]


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
    figure, ax = _figure(ax, (5.6, 4.8))
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
    figure, ax = _figure(ax, (3.2, 3.4))
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
    figure = _blank((2.2 * max(across, 2), 2.6 * down + 0.5))
    counted = f"{len(wrong)} of {len(truth)} mislabelled" + (f", {at_most} shown" if len(wrong) > at_most else "")
    figure.suptitle(counted)
    for place, i in enumerate(shown, start=1):
        ax = figure.add_subplot(down, across, place)
        ax.imshow(_picture(X[:, i], shape), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        ax.set_title(f"column {i}: {classes[int(truth[i])]}\ntaken for {classes[int(guess[i])]}", fontsize="small")
        ax.set_xticks([])
        ax.set_yticks([])
    return figure


def _blank(size: tuple[float, float]) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=size, dpi=120, layout="constrained")


def _figure(ax: Axes | None, size: tuple[float, float]) -> tuple[Figure, Axes]:
    """The axes to draw into, and the figure that they are in."""
    if ax is None:
        ax = _blank(size).add_subplot()
    figure = ax.get_figure(root=True)
    assert figure is not None, "axes that were removed from their figure"
    return figure, ax


def _spans(X: Array) -> list[tuple[Array, float]]:
    """Each row of X and its width; 1 where it does not vary, so that there is a plane to draw."""
    return [(x, float(np.ptp(x)) or 1.0) for x in X]


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
