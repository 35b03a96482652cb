"""What the model says of the test rows, as charts. Where scikit-learn has a display, it draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.report.svg import INK, SERIES, Chart, Tips, chart, empty_figure, plain
from gradatim.report.tested import CalibrationFacts, ClassCurves, ClassFacts, ColumnImportance, NumberFacts

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@chart
def confusion(facts: ClassFacts) -> Chart:
    """True classes against predicted ones, shaded by the share of the true class."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgb
    from sklearn.metrics import ConfusionMatrixDisplay

    counts = np.array(facts.confusion)
    K = len(counts)
    small = K > 12
    figure = empty_figure(min(1.3 + 0.34 * K, 5.4), min(2.2 + 0.34 * K, 5.4))
    ax = figure.subplots()
    blue = to_rgb("#0072B2")
    shades = LinearSegmentedColormap.from_list("shades", [(*blue, 0.0), (*blue, 0.75)])
    names = [plain(name, 14) for name in facts.names]
    longest = max(map(len, names))
    display = ConfusionMatrixDisplay(counts, display_labels=names)
    display.plot(
        ax=ax,
        cmap=shades,
        colorbar=False,
        include_values=K <= 20,
        values_format="d",
        xticks_rotation="horizontal" if longest <= (6 if K < 4 else 2) else "vertical",
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

    figure, ax = _square(curves)
    ax.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
    for place, curve in enumerate(curves):
        display = RocCurveDisplay(fpr=np.array(curve.false_positive_rate), tpr=np.array(curve.true_positive_rate))
        label = f"{plain(curve.name, 20)}: area {curve.roc_auc:.3f}"
        display.plot(ax=ax, curve_kwargs=_line(place, label))
    _named(figure, ax, "false positive rate", "true positive rate")
    return figure, "True positive rate against false positive rate as the threshold falls (ROC), on the test rows.", {}


@chart
def precision_recall(curves: Sequence[ClassCurves]) -> Chart:
    """Precision against recall."""
    from sklearn.metrics import PrecisionRecallDisplay

    figure, ax = _square(curves)
    for place, curve in enumerate(curves):
        display = PrecisionRecallDisplay(precision=np.array(curve.precision), recall=np.array(curve.recall))
        label = f"{plain(curve.name, 20)}: average {curve.average_precision:.3f}"
        display.plot(ax=ax, curve_kwargs=_line(place, label))
    if len(curves) == 1:
        share = curves[0].share
        ax.axhline(share, color=INK, linewidth=0.8, linestyle=":", label=f"by chance: {share:.3f}")
    ax.set_ylim(-0.02, 1.02)
    _named(figure, ax, "recall", "precision")
    return figure, "Precision against recall as the threshold falls, on the test rows.", {}


def _square(curves: Sequence[ClassCurves]) -> tuple[Figure, Any]:
    """A figure with room for a legend below."""
    figure = empty_figure(3.4 + 0.2 * ((len(curves) + 1) // 2))
    return figure, figure.subplots()


def _line(place: int, label: str) -> dict[str, str]:
    return {"color": SERIES[place % len(SERIES)], "label": label}


def _named(figure: Figure, ax: Any, x: str, y: str) -> None:
    """With names of the axes, and the legend below them, where it covers no curve."""
    ax.set_xlabel(x)
    ax.set_ylabel(y)
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

    figure = empty_figure(3.5)
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
    found = zip(facts.said, facts.happened, facts.rows, strict=True)
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

    figure = empty_figure(3.4)
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
    tips: Tips = {"rows": [f"true {y:g}, predicted {said:g}" for y, said in pairs]}
    return figure, title, tips


@chart
def residual_histogram(facts: NumberFacts) -> Chart:
    """How large residuals are."""
    figure = empty_figure(2.6)
    ax = figure.subplots()
    edges = np.array(facts.residual_edges)
    bars = ax.bar(edges[:-1], facts.residual_counts, np.diff(edges), align="edge", color=SERIES[0], alpha=0.75)
    tips: Tips = {}
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
    figure = empty_figure(0.9 + 0.21 * len(columns))
    axes = figure.subplots(1, 2 if shuffled else 1, sharey=True, squeeze=False)[0]
    places = np.arange(len(columns))
    tips: Tips = {}
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


def _bars(ax: Any, places: Any, values: Sequence[float], colour: str, said: str, name: str, tips: Tips) -> None:
    for place, bar in enumerate(ax.barh(places, values, height=0.65, color=colour, alpha=0.8)):
        bar.set_gid(f"{name}-{place}")
        tips[f"{name}-{place}"] = f"{said}: {values[place]:.4g}"
    ax.set_xlabel(said)
    ax.grid(axis="y", visible=False)
    ax.locator_params(axis="x", nbins=4)
