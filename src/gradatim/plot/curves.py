"""Numbers that a training leaves behind, as curves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

from gradatim.errors import InputError
from gradatim.plot.canvas import COLOURS, MARKERS, figure_of
from gradatim.training import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gradatim.ladder.curves import LearningCurves  # what runs has trained; drawing needs none of it

SAME_AS_THE_LOSS = ("loss", "log_loss")
"""Validation metrics that are the training loss on other rows: classes train on log loss alone."""


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
    figure, ax = figure_of(ax, (6.4, 4.0))
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
    figure, ax = figure_of(ax, (6.4, 4.0))
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
