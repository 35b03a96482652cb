"""The facts of a run as charts: the ladder, learning curves, trainings, the network; and all charts of the page.

Every chart has a title for those who cannot see it, and its numbers stand in the page as tables or can be pointed at.
Those of the test rows are in `tested_charts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from gradatim.ladder.verdict import plus_minus
from gradatim.report.facts import CurveFacts, Facts, LayerFacts, LearningCurve, RungFacts
from gradatim.report.svg import INK, LINE, SERIES, WIDTH, Chart, Tips, chart, empty_figure, plain
from gradatim.report.tested_charts import (
    calibration,
    confusion,
    importances,
    precision_recall,
    predicted_and_true,
    residual_histogram,
    residuals,
    roc,
)

UNITS_DRAWN = 8

FAR_ABOVE = 10
"""So many times the median the highest point of a course must be, to have it drawn on a logarithmic scale."""


@chart
def ladder(rungs: Sequence[RungFacts], chosen: str, metric: str) -> Chart:
    """The score of each rung with its standard error, and beside it the difference to the one that is kept."""
    # The constant model is so far away that the others would stand on one spot.
    compared = [rung for rung in rungs if rung.gain is not None and (len(rungs) < 4 or rung.name != "constant")]
    paired = any(rung.name != chosen for rung in compared)
    figure = empty_figure(0.9 + 0.36 * len(rungs))
    axes = figure.subplots(1, 2 if paired else 1, sharey=True, squeeze=False)[0]
    tips: Tips = {}
    for place, rung in enumerate(rungs):
        kept = rung.name == chosen
        if rung.score is not None:
            said = plus_minus(rung.score, np.inf if rung.standard_error is None else rung.standard_error)
            tips[f"rung-{place}"] = f"{rung.title}: {said} {metric}{', kept' if kept else ''}"
            _interval(axes[0], rung.score, rung.standard_error, place, kept, f"rung-{place}")
        if rung in compared and rung.gain is not None:
            said = plus_minus(rung.gain, np.inf if rung.gain_error is None else rung.gain_error)
            tips[f"gain-{place}"] = f"{rung.title}: better than the kept one by {said}"
            _interval(axes[1], rung.gain, rung.gain_error, place, False, f"gain-{place}")
    names = [("→ " if rung.name == chosen else "") + rung.name.replace("_", " ") for rung in rungs]
    axes[0].set_yticks(range(len(rungs)), list(map(plain, names)))
    axes[0].set_ylim(len(rungs) - 0.5, -0.5)
    axes[0].set_xlabel(f"{plain(metric)} ± 1 s.e.")
    if paired:
        axes[1].axvline(0, color=INK, linewidth=0.8)
        axes[1].set_xlabel(f"better than {plain(chosen)} by")
    for ax in axes:
        ax.grid(axis="y", visible=False)
        ax.locator_params(axis="x", nbins=3, steps=[1, 2, 5, 10])  # few, so that long numbers stay apart
    return figure, "The rungs with their scores on the validation rows, and one standard error to each side.", tips


def _interval(ax: Any, value: float, error: float | None, place: int, kept: bool, gid: str) -> None:
    colour = SERIES[0] if kept else INK
    if error is not None:
        ax.plot([value - error, value + error], [place, place], color=colour, linewidth=2.2 if kept else 1.4)
    ax.plot([value], [place], marker="o", markersize=7 if kept else 5, color=colour, linestyle="", gid=gid)


@chart
def learning(curves: Sequence[LearningCurve], metric: str) -> Chart:
    """The score of each rung by the number of rows that it was trained on."""
    figure = empty_figure(3.0)
    ax = figure.subplots()
    # The constant model is so far away that the others would be one line, and learns next to nothing from more rows.
    drawn = [curve for curve in curves if curve.rung != "constant"] or curves
    for place, curve in enumerate(drawn):
        errors = [0.0 if error is None else error for error in curve.errors]
        aside = 2 ** (0.05 * (place - (len(drawn) - 1) / 2))  # so that no interval covers another
        rows = [size * aside for size in curve.rows]
        style: dict[str, Any] = {"color": SERIES[place % len(SERIES)], "marker": "o", "markersize": 4}
        ax.errorbar(rows, _gaps(curve.scores), yerr=errors, capsize=3, label=plain(curve.rung), **style)
    sizes = sorted({rows for curve in curves for rows in curve.rows})
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.minorticks_off()
    ax.set_xlabel("rows trained on")
    ax.set_ylabel(f"{plain(metric)} ± 1 s.e.")
    figure.legend(loc="outside upper center", ncols=4)
    return figure, "The score of each rung by the number of rows that it was trained on.", {}


@chart
def course(facts: CurveFacts) -> Chart:
    """Training and validation by epoch, the best epochs marked; a thin line for each of several."""
    figure = empty_figure(2.9)
    ax = figure.subplots()
    beside = ax if facts.measured in ("", "loss", "log_loss") else ax.twinx()
    shown = [one for one in facts.courses if one.fold is not None] or facts.courses
    several = len(shown) > 1
    marker = "." if len(shown[0].epochs) <= 40 and not several else ""
    line: dict[str, Any] = {"marker": marker, "linewidth": 0.8 if several else 1.5}
    said = f" (each {facts.each})" if several else ""
    for place, one in enumerate(shown):
        words = {"training": f"training loss{said}", "validation": f"validation {plain(facts.measured)}{said}"}
        words = words if place == 0 else dict.fromkeys(words, "_")
        ax.plot(one.epochs, _gaps(one.training), color=SERIES[0], label=words["training"], **line)
        if one.validation:
            values = _gaps(one.validation)
            beside.plot(one.epochs, values, color=SERIES[1], linestyle="--", label=words["validation"], **line)
            _mark(beside, one.epochs, values, one.best_epoch, place)
    ax.set_xlabel("epoch")
    ax.set_ylabel("loss" if beside is ax else "training loss")
    for scale in {ax, beside}:
        _spread(scale)
    if beside is not ax:
        beside.set_ylabel(f"validation {plain(facts.measured)}")
        beside.spines["right"].set_visible(True)
        beside.grid(visible=False)
    figure.legend(loc="outside upper center", ncols=2)
    return figure, f"Loss by epoch of the {facts.title}.", {}


def _spread(ax: Any) -> None:
    """A logarithmic scale where a linear one would show the first epochs, and all others as one line at the bottom."""
    values = np.concatenate([line.get_ydata() for line in ax.lines])
    values = values[np.isfinite(values)]
    if len(values) and values.min() > 0 and values.max() > FAR_ABOVE * np.median(values):
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter("{x:g}")


def _mark(ax: Any, epochs: Sequence[int], values: Sequence[float], best: int | None, place: int) -> None:
    """A ring where the epoch is that was kept."""
    if best is None:
        return
    near = int(np.argmin(np.abs(np.array(epochs) - best)))
    label = "best epoch" if place == 0 else "_"
    ax.plot([epochs[near]], [values[near]], "o", color=INK, fillstyle="none", markersize=6, label=label)


def _gaps(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


@chart
def network(layers: Sequence[LayerFacts]) -> Chart:
    """The network from the input to the output, a column of units for each layer."""
    from matplotlib.collections import LineCollection

    figure = empty_figure(2.7, max(WIDTH, 0.95 * len(layers)))
    ax = figure.subplots()
    columns = [_heights(layer.units) for layer in layers]
    for x, (before, after) in enumerate(pairwise(columns)):
        lines = [[(x, low), (x + 1, high)] for low in before for high in after]
        ax.add_collection(LineCollection(lines, colors=LINE, linewidths=0.5, zorder=1))
    for x, (layer, heights) in enumerate(zip(layers, columns, strict=True)):
        colour = SERIES[2] if layer.name.startswith("input") else SERIES[0]
        ax.scatter([x] * len(heights), heights, s=46, color=SERIES[1] if x == len(layers) - 1 else colour, zorder=2)
        if layer.units > len(heights):
            ax.text(x, 0, "⋮", ha="center", va="center", fontsize=11, zorder=3)
        ax.text(x, 1.22, plain(layer.name, 18), ha="center", va="bottom", fontsize=8)
        ax.text(x, -1.22, f"{layer.units:,}\n{plain(layer.what, 16)}", ha="center", va="top", fontsize=8)
    ax.set_xlim(-0.5, len(layers) - 0.5)
    ax.set_ylim(-1.85, 1.5)
    ax.set_axis_off()
    units = ", ".join(f"{layer.name} {layer.units:,}" for layer in layers)
    return figure, f"The network: units by layer: {units}.", {}


def _heights(units: int) -> list[float]:
    """Where units stand; of many the first and the last ones, with a gap between."""
    if units <= UNITS_DRAWN:
        return [0.0] if units == 1 else list(np.linspace(1, -1, units) * (units - 1) / (UNITS_DRAWN - 1))
    heights = np.linspace(1, -1, UNITS_DRAWN + 1)
    return [float(height) for height in heights if abs(height) > 0.2]


def charts_of(facts: Facts) -> dict[str, list[str]]:
    """Every chart of the page, by the name of its kind."""
    found: dict[str, list[str]] = {
        "network": [network(facts.network.layers)],
        "course": [course(curve, number=k) for k, curve in enumerate(facts.curves)],
    }
    if facts.rungs:
        found["ladder"] = [ladder((*facts.rungs, *facts.yardsticks), facts.chosen, facts.metric)]
    if facts.learning_curves:
        found["learning"] = [learning(facts.learning_curves, facts.metric)]
    if facts.importance is not None and facts.importance.columns:
        found["importance"] = [importances(facts.importance.columns, facts.importance.metric)]
    if facts.classes is not None:
        found["classes"] = [confusion(facts.classes)] if facts.classes.confusion else []
        found["curves"] = [roc(facts.classes.curves), precision_recall(facts.classes.curves)]
        found["curves"] = found["curves"] if facts.classes.curves else []
        found["calibration"] = [] if facts.classes.calibration is None else [calibration(facts.classes.calibration)]
    found["numbers"] = [
        draw(one, number=k)
        for k, one in enumerate(facts.numbers)
        for draw in (predicted_and_true, residuals, residual_histogram)
    ]
    return found
