"""The facts as charts: matplotlib figures, written as SVG that follows the page.

Where scikit-learn has a display, it draws. Every chart has a title for those who cannot see it, and its numbers stand
in the page as tables or can be pointed at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.ladder.verdict import plus_minus
from gradatim.report.facts import (
    CalibrationFacts,
    ClassCurves,
    ClassFacts,
    ColumnImportance,
    CurveFacts,
    Facts,
    LayerFacts,
    LearningCurve,
    NumberFacts,
    RungFacts,
)
from gradatim.report.svg import INK, LINE, SERIES, drawing, plain, svg_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNITS_DRAWN = 8
LINE_WIDTH = 4.6
"""Inches: about the width of a telephone, where a letter of 8 points can still be read."""

Chart = tuple["Figure", str, dict[str, str | list[str]]]
"""A figure, its title, and what is said of its parts."""


def chart(draw: Callable[..., Chart]) -> Callable[..., str]:
    """A function that draws, as one that gives SVG. A number behind the arguments tells charts of one kind apart."""

    @wraps(draw)
    def drawn(*facts: Any, number: int = 0) -> str:
        name = f"{draw.__name__}-{number}"
        with drawing(name):
            figure, title, tips = draw(*facts)
            return svg_of(figure, name, title, tips)

    return drawn


def _figure(height: float, width: float = LINE_WIDTH) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


@chart
def ladder(rungs: Sequence[RungFacts], chosen: str, metric: str) -> Chart:
    """The score of each rung with its standard error, and beside it the difference to the one that is kept."""
    # The constant model is so far away that the others would stand on one spot.
    compared = [rung for rung in rungs if rung.gain is not None and (len(rungs) < 4 or rung.name != "constant")]
    paired = any(rung.name != chosen for rung in compared)
    figure = _figure(0.9 + 0.36 * len(rungs))
    axes = figure.subplots(1, 2 if paired else 1, sharey=True, squeeze=False)[0]
    tips: dict[str, str | list[str]] = {}
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
    axes[0].set_yticks(range(len(rungs)), [f"{'→ ' if r.name == chosen else ''}{plain(r.name)}" for r in rungs])
    axes[0].set_ylim(len(rungs) - 0.5, -0.5)
    axes[0].set_xlabel(f"{plain(metric)} ± 1 s.e.")
    if paired:
        axes[1].axvline(0, color=INK, linewidth=0.8)
        axes[1].set_xlabel(f"better than {plain(chosen)} by")
    for ax in axes:
        ax.grid(axis="y", visible=False)
        ax.locator_params(axis="x", nbins=5)
    return figure, "The rungs with their scores on the validation rows, and one standard error to each side.", tips


def _interval(ax: Any, value: float, error: float | None, place: int, kept: bool, gid: str) -> None:
    colour = SERIES[0] if kept else INK
    if error is not None:
        ax.plot([value - error, value + error], [place, place], color=colour, linewidth=2.2 if kept else 1.4)
    ax.plot([value], [place], marker="o", markersize=7 if kept else 5, color=colour, linestyle="", gid=gid)


@chart
def learning(curves: Sequence[LearningCurve], metric: str) -> Chart:
    """The score of each rung by the number of rows that it was trained on."""
    figure = _figure(3.0)
    ax = figure.subplots()
    for place, curve in enumerate(curves):
        errors = [0.0 if error is None else error for error in curve.errors]
        style: dict[str, Any] = {"color": SERIES[place % len(SERIES)], "marker": "o", "markersize": 4}
        ax.errorbar(curve.rows, _gaps(curve.scores), yerr=errors, capsize=3, label=plain(curve.rung), **style)
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
    """Training and validation by epoch, the epochs that were kept marked; a thin line for each of several folds."""
    figure = _figure(2.9)
    ax = figure.subplots()
    folds = any(one.fold is not None for one in facts.courses)
    beside = ax if facts.measured in ("", "loss", "log_loss") else ax.twinx()
    shown = [one for one in facts.courses if one.fold is not None] or facts.courses
    marker = "." if len(shown[0].epochs) <= 40 and not folds else ""
    line: dict[str, Any] = {"marker": marker, "linewidth": 0.8 if folds else 1.5}
    said = " (each fold)" if folds else ""
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
    if beside is not ax:
        beside.set_ylabel(f"validation {plain(facts.measured)}")
        beside.spines["right"].set_visible(True)
        beside.grid(visible=False)
    figure.legend(loc="outside upper center", ncols=2)
    return figure, f"Loss by epoch of the {facts.rung} network.", {}


def _mark(ax: Any, epochs: Sequence[int], values: Sequence[float], best: int | None, place: int) -> None:
    """A ring where the epoch is that was kept."""
    if best is None:
        return
    near = int(np.argmin(np.abs(np.array(epochs) - best)))
    label = "epoch that is kept" if place == 0 else "_"
    ax.plot([epochs[near]], [values[near]], "o", color=INK, fillstyle="none", markersize=6, label=label)


def _gaps(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


@chart
def confusion(facts: ClassFacts) -> Chart:
    """True classes against predicted ones, shaded by the share of the true class."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgb
    from sklearn.metrics import ConfusionMatrixDisplay

    counts = np.array(facts.confusion)
    K = len(counts)
    small = K > 12
    figure = _figure(min(1.3 + 0.34 * K, 5.4), min(2.2 + 0.34 * K, 5.4))
    ax = figure.subplots()
    blue = to_rgb("#0072B2")
    shades = LinearSegmentedColormap.from_list("shades", [(*blue, 0.0), (*blue, 0.75)])
    names = [plain(name, 14) for name in facts.names]
    display = ConfusionMatrixDisplay(counts, display_labels=names)
    display.plot(
        ax=ax,
        cmap=shades,
        colorbar=False,
        include_values=K <= 20,
        values_format="d",
        xticks_rotation="vertical" if K > 3 or max(map(len, names)) > 6 else "horizontal",
        text_kw={"color": INK, "fontsize": 6 if small else 9},
    )
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    display.im_.set_data(shares)
    display.im_.set_clim(0, 1)
    ax.grid(visible=False)
    ax.set_xlabel("predicted")
    ax.set_ylabel("true")
    ax.spines[["top", "right"]].set_visible(True)
    if small:
        ax.tick_params(labelsize=7)
    return figure, "How often each true class was predicted as which, on the test rows.", {}


@chart
def roc(curves: Sequence[ClassCurves]) -> Chart:
    """True positives against false ones."""
    from sklearn.metrics import RocCurveDisplay

    figure = _figure(_square(curves))
    ax = figure.subplots()
    ax.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
    for place, curve in enumerate(curves):
        display = RocCurveDisplay(fpr=np.array(curve.false_positive_rate), tpr=np.array(curve.true_positive_rate))
        label = f"{plain(curve.name, 20)}: area {curve.roc_auc:.3f}"
        display.plot(ax=ax, curve_kwargs={"color": SERIES[place % len(SERIES)], "label": label})
    ax.set_xlabel("false positive rate")
    ax.set_ylabel("true positive rate")
    _below(figure, ax)
    return figure, "True positive rate against false positive rate as the threshold falls (ROC), on the test rows.", {}


@chart
def precision_recall(curves: Sequence[ClassCurves]) -> Chart:
    """Precision against recall."""
    from sklearn.metrics import PrecisionRecallDisplay

    figure = _figure(_square(curves))
    ax = figure.subplots()
    for place, curve in enumerate(curves):
        display = PrecisionRecallDisplay(precision=np.array(curve.precision), recall=np.array(curve.recall))
        label = f"{plain(curve.name, 20)}: average {curve.average_precision:.3f}"
        display.plot(ax=ax, curve_kwargs={"color": SERIES[place % len(SERIES)], "label": label})
        if len(curves) == 1:
            ax.axhline(curve.share, color=INK, linewidth=0.8, linestyle=":", label=f"by chance: {curve.share:.3f}")
    ax.set_xlabel("recall")
    ax.set_ylabel("precision")
    ax.set_ylim(-0.02, 1.02)
    _below(figure, ax)
    return figure, "Precision against recall as the threshold falls, on the test rows.", {}


def _square(curves: Sequence[ClassCurves]) -> float:
    return 3.4 + 0.2 * ((len(curves) + 1) // 2)


def _below(figure: Figure, ax: Any) -> None:
    """The legend below the axes, where it covers no curve."""
    _without_legend(ax)
    figure.legend(loc="outside lower center", ncols=2)


def _without_legend(ax: Any) -> None:
    legend = ax.get_legend()
    if legend is not None:
        legend.remove()


@chart
def calibration(facts: CalibrationFacts) -> Chart:
    """How often it happens against how probable it was said to be."""
    from sklearn.calibration import CalibrationDisplay

    figure = _figure(3.5)
    ax = figure.subplots()
    display = CalibrationDisplay(np.array(facts.happened), np.array(facts.said), np.array(facts.said))
    display.plot(ax=ax, color=SERIES[0], marker="")
    for line in ax.get_lines()[:1]:
        line.set(color=INK, linewidth=0.8)
    ax.scatter(facts.said, facts.happened, s=22, color=SERIES[0], gid="groups")
    what = f"probability of {plain(facts.of)}" if facts.of else "probability of the predicted class"
    ax.set_xlabel(what)
    ax.set_ylabel(f"share of {plain(facts.of)}" if facts.of else "share predicted rightly")
    _without_legend(ax)
    found = zip(facts.said, facts.happened, facts.rows, strict=False)
    tips = [f"said {said:.3f}, happened {share:.3f}, {rows} rows" for said, share, rows in found]
    return figure, "How often it happens where it is said to be so probable: on the line is honest.", {"groups": tips}


@chart
def predicted_and_true(facts: NumberFacts) -> Chart:
    """True numbers against predicted ones."""
    return _prediction_errors(facts, "actual_vs_predicted", "true", "True against predicted numbers, on the test rows.")


@chart
def residuals(facts: NumberFacts) -> Chart:
    """Residuals against predicted numbers."""
    said = "Residuals (true less predicted) against predicted numbers, on the test rows."
    return _prediction_errors(facts, "residual_vs_predicted", "true − predicted", said)


def _prediction_errors(facts: NumberFacts, kind: str, what: str, title: str) -> Chart:
    from matplotlib.ticker import MaxNLocator, ScalarFormatter
    from sklearn.metrics import PredictionErrorDisplay

    figure = _figure(3.4)
    ax = figure.subplots()
    display = PredictionErrorDisplay(y_true=np.array(facts.observed), y_pred=np.array(facts.predicted))
    points = {"color": SERIES[0], "alpha": 0.55, "s": 11, "linewidths": 0, "gid": "rows"}
    display.plot(ax=ax, kind=kind, scatter_kwargs=points, line_kwargs={"color": INK, "linewidth": 0.8})
    ax.set_aspect("auto")
    for axis in (ax.xaxis, ax.yaxis):  # the display ticks the ends of the range, odd numbers
        axis.set_major_locator(MaxNLocator(6))
        axis.set_major_formatter(ScalarFormatter())
    ax.set_xlabel(f"predicted {plain(facts.name)}")
    ax.set_ylabel(f"{what} {plain(facts.name)}" if what == "true" else what)
    pairs = zip(facts.observed, facts.predicted, strict=True)
    tips: dict[str, str | list[str]] = {"rows": [f"true {y:g}, predicted {said:g}" for y, said in pairs]}
    return figure, title, tips


@chart
def residual_histogram(facts: NumberFacts) -> Chart:
    """How large residuals are."""
    figure = _figure(2.6)
    ax = figure.subplots()
    edges = np.array(facts.residual_edges)
    bars = ax.bar(edges[:-1], facts.residual_counts, np.diff(edges), align="edge", color=SERIES[0], alpha=0.75)
    tips: dict[str, str | list[str]] = {}
    for place, bar in enumerate(bars):
        bar.set_gid(f"bin-{place}")
        tips[f"bin-{place}"] = f"{edges[place]:.4g} to {edges[place + 1]:.4g}: {facts.residual_counts[place]} rows"
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlabel(f"true − predicted {plain(facts.name)}")
    ax.set_ylabel("rows")
    ax.grid(axis="x", visible=False)
    ax.locator_params(nbins=6)
    return figure, "How many test rows have residuals of which size.", tips


@chart
def importances(columns: Sequence[ColumnImportance], metric: str) -> Chart:
    """What is lost by shuffling a column, and its share of the gradients."""
    shuffled = any(column.loss is not None for column in columns)
    figure = _figure(0.9 + 0.21 * len(columns))
    axes = figure.subplots(1, 2 if shuffled else 1, sharey=True, squeeze=False)[0]
    places = np.arange(len(columns))
    tips: dict[str, str | list[str]] = {}
    _bars(axes[-1], places, [100 * (c.share or 0) for c in columns], SERIES[2], "share of gradients, %", "share", tips)
    if shuffled:
        said = f"worse {plain(metric)} when shuffled"
        _bars(axes[0], places, [c.loss or 0.0 for c in columns], SERIES[0], said, "loss", tips)
        for place, column in enumerate(columns):
            if column.loss is not None and column.spread is not None:
                reach = [column.loss - column.spread, column.loss + column.spread]
                axes[0].plot(reach, [place, place], color=INK, linewidth=0.8)
    axes[0].set_yticks(places, [plain(column.name, 20) for column in columns])
    axes[0].set_ylim(len(columns) - 0.4, -0.6)
    return figure, "How important each column is: by shuffling it, and by the gradients.", tips


def _bars(
    ax: Any, places: Any, values: Sequence[float], colour: str, said: str, name: str, tips: dict[str, str | list[str]]
) -> None:
    for place, bar in enumerate(ax.barh(places, values, height=0.65, color=colour, alpha=0.8)):
        bar.set_gid(f"{name}-{place}")
        tips[f"{name}-{place}"] = f"{said}: {values[place]:.4g}"
    ax.set_xlabel(said)
    ax.grid(axis="y", visible=False)
    ax.locator_params(axis="x", nbins=4)


@chart
def network(layers: Sequence[LayerFacts]) -> Chart:
    """The network from the input to the output, a column of units for each layer."""
    from matplotlib.collections import LineCollection

    figure = _figure(2.7, max(LINE_WIDTH, 0.95 * len(layers)))
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
