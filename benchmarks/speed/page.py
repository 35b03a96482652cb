"""The results as a page of Markdown. All of it is made here: nothing is written into it by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

from benchmarks.speed import targets
from benchmarks.speed.figures import Figure, quartiles, ratio, seconds
from benchmarks.speed.results import Record, Results
from benchmarks.speed.shapes import GROWTH, OVER_THREADS, PREDICTED_ROWS, RECIPE, SHAPES, SHAPES_BY_NAME, TINY
from benchmarks.speed.systems import FLOORS, LEARNING_RATE, OURS, RECIPE_EPOCHS, SYSTEMS, YARDSTICKS

HEAD = """\
# How fast it is

Made by `python -m benchmarks.speed --page docs/benchmarks.md`: change the program, not this page.

Everybody trains in float32 with Adam at a rate of {rate:g}, relu in the hidden layers, log loss through one sigmoid
(out 1) or a softmax, rows shuffled for each epoch, no rows held out, **{cores}**.
The data are {data}.

Each system is written as its own handbook would: scikit-learn's `MLPClassifier.fit`; PyTorch with fused Adam on
tensors, without a DataLoader; the same with network and loss through `torch.compile`; JAX with one compiled scan for
each epoch. gradatim is `NetworkClassifier(…).fit`, engine `{engine}`. *Bare products* is a yardstick and no rival: the
matrix products of the shape in NumPy, forward and backward, on one thread or all, whichever is quicker, and nothing
else.

Each system has a process of its own, which stands still while the others have their turn: A B A B …, {repeats} turns of
{length:g} s, or of one epoch where that takes longer. A time is the median of all epochs of all turns. A ratio, in
brackets, is theirs over ours, turn by turn, and of those the median: **above 1, gradatim is quicker**.
"""

FROM_THE_START = """\
From the start of Python to the end of the process: importing, making the data, training 20 epochs (small, one-layer,
cats) or 3 (the others). Files and compiled code that libraries keep on the disk are there from an earlier run.
*Data alone* imports NumPy and makes the data; it is part of every other number.
`train_model` is what the estimator calls; without one around it, nobody waits for scikit-learn's import."""

MEMORY = "The most resident memory of those processes, in MB. The data alone are part of every other number."

PREDICTION = """\
Probabilities of NumPy rows through 50 → 256 → 256 → 256 → 1: gradatim's and scikit-learn's `predict_proba` with all
their checks of what comes in; PyTorch in inference mode; JAX jitted; bare products without biases and activations."""

RECIPE_TEXT = f"""\
Whole fits of {RECIPE.rows:,} rows × {RECIPE.inputs}, {RECIPE_EPOCHS} epochs in batches of {RECIPE.batch}, a fifth of
the rows held out: periodic embeddings, learned scale and slopes, a start that looks at the data, schedules (Holzmüller
et al. 2024, RealMLP)."""

NOT_MEASURED = "Not measured."

Found = Mapping[str, Record]
"""Records of one case by system."""


def page(results: Results) -> str:
    """The whole page."""
    threads = max(record["threads"] for record in results["records"])
    figures = figures_of(results, threads)
    cores = "one thread on one core" if threads == 1 else f"{threads} threads on {threads} cores"
    head = HEAD.format(rate=LEARNING_RATE, cores=cores, **results["terms"])
    parts = [
        (None, [head.rstrip()]),
        (
            "Where it ran",
            [*_pairs(results["machine"] | {"load before": results["load"]}), "", _versions(results["versions"])],
        ),
        ("An epoch, warm", [*_table(figures["warm"], _title), *_over_floor(figures["warm"])]),
        ("Quartiles", ["Half of the epochs took between these two.", "", *_grid(figures["warm"], str, _half)]),
        ("Where we lose", _losses(figures)),
        ("What is wanted", targets.table(figures)),
        ("From the start of the process", [FROM_THE_START, "", *_table(figures["cold"], _title)]),
        ("Memory", [MEMORY, "", *_grid(figures["cold"], str, _peak)]),
        ("Prediction", [PREDICTION, "", *_table(figures["prediction"], _rows)]),
        (
            "The full recipe",
            [RECIPE_TEXT, "", *_table(figures["recipe"], _title), *_missing(results, "recipe", threads)],
        ),
        ("How it grows", _growth(results, threads)),
        ("Who is not there", _skipped(results)),
    ]
    return "\n".join(line for title, lines in parts for line in _part(title, lines))


def figures_of(results: Results, threads: int) -> dict[str, Figure]:
    """By name, cases in order."""
    orders = {
        "warm": [*SHAPES, TINY.name],
        "cold": [*SHAPES, TINY.name],
        "prediction": [str(rows) for rows in PREDICTED_ROWS],
        "recipe": [RECIPE.name],
    }
    return {name: Figure.of(results, name, threads, order) for name, order in orders.items()}


def duration(value: float) -> str:
    """Three digits and a unit.

    Example:
        >>> duration(0.00123456)
        '1.23 ms'
    """
    for unit, least in (("s", 1.0), ("ms", 1e-3)):
        if value >= least:
            return f"{_three(value / least)} {unit}"
    return f"{_three(value * 1e6)} µs"


def times(value: float) -> str:
    """So many times as long.

    Example:
        >>> times(3.456), times(0.03456)
        ('3.46×', '0.035×')
    """
    return f"{value:.2f}×" if value >= 0.1 else f"{value:.3f}×"


def _three(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _part(title: str | None, lines: Sequence[str]) -> list[str]:
    return [*([] if title is None else [f"## {title}", ""]), *lines, ""]


def _title(case: str) -> str:
    return f"**{case}**: {SHAPES_BY_NAME[case].title}"


def _rows(case: str) -> str:
    return "1 row" if case == "1" else f"{int(case):,} rows"


def _pairs(pairs: dict[str, str]) -> list[str]:
    return ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in pairs.items())]


def _versions(versions: dict[str, str]) -> str:
    return "Versions: " + ", ".join(f"{package} {number}" for package, number in sorted(versions.items())) + "."


def _head(first: str, systems: Sequence[str]) -> list[str]:
    titles = [SYSTEMS[system].title for system in systems]
    return [f"| {' | '.join([first, *titles])} |", "|---" * (1 + len(systems)) + "|"]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _grid(figure: Figure, title: Callable[[str], str], cell: Callable[[Record, Found], str]) -> list[str]:
    """A line for each case, a column for each system."""
    if not figure.cases:
        return [NOT_MEASURED]
    lines = _head("", figure.systems)
    for case, found in figure.cases.items():
        cells = (cell(found[system], found) if system in found else "–" for system in figure.systems)
        lines.append(_line([title(case), *cells]))
    return lines


def _table(figure: Figure, title: Callable[[str], str]) -> list[str]:
    """Times with ratios in brackets, and the geometric means of the ratios where there are several cases."""
    lines = _grid(figure, title, _time)
    if len(figure.cases) > 1:
        means = {
            system: times(mean)
            for system in figure.systems
            if system != OURS and (mean := figure.mean_ratio(system)) is not None
        }
        cells = (means.get(system, "") for system in figure.systems)
        lines.append(_line(["geometric mean of the ratios", *cells]))
    return lines


def _time(record: Record, found: Found) -> str:
    time = duration(seconds(record))
    return time if record["system"] == OURS or OURS not in found else f"{time} ({times(ratio(record, found[OURS]))})"


def _half(record: Record, _: Found) -> str:
    return " – ".join(map(duration, quartiles(record)))


def _peak(record: Record, _: Found) -> str:
    return f"{median(record['peak_megabytes']):,.0f}"


def _over_floor(figure: Figure) -> list[str]:
    """In a sentence."""
    below = figure.ratios(FLOORS[0])
    parts = ", ".join(f"{case} {1 / value:.2f}×" for case, value in below.items())
    return ["", f"gradatim over the bare products: {parts}."] if below else []


def _losses(figures: dict[str, Figure]) -> list[str]:
    names = {"warm": "an epoch of", "cold": "from the start,", "prediction": "prediction, rows:", "recipe": "the"}
    lines = [
        f"- {names[name]} {case}: {times:.2f}× as long as {SYSTEMS[rival].title}"
        for name, figure in figures.items()
        for case, rival, times in figure.losses
    ]
    return ["Slower by more than 5 % at the median:", "", *(lines or ["- nowhere"])]


def _missing(results: Results, figure: str, threads: int) -> list[str]:
    found = [r for r in results["records"] if (r["figure"], r["threads"]) == (figure, threads) and "skipped" in r]
    return ["", *(f"{SYSTEMS[record['system']].title}: {record['skipped']}." for record in found)] if found else []


def _growth(results: Results, threads: int) -> list[str]:
    lines = ["Time of an epoch of 20,000 × 50, hidden 128, 128, batch 256, where one number changes."]
    for name, sweep in GROWTH.items():
        figure = Figure.of(results, "growth", threads, [shape.name for shape in sweep.values()])
        value_of = {shape.name: f"{name} {value:,}" for value, shape in sweep.items()}
        if figure.cases:
            lines += ["", *_table(figure, value_of.__getitem__)]
    lines += _over_threads(results)
    return lines if len(lines) > 1 else [NOT_MEASURED]


def _over_threads(results: Results) -> list[str]:
    """How many times as fast all threads are as one."""
    counts = sorted({record["threads"] for record in results["records"] if record["figure"] == "warm"})
    if len(counts) < 2:
        return []
    few, many = (Figure.of(results, "warm", threads, OVER_THREADS) for threads in (counts[0], counts[-1]))

    def gain(record: Record, _: Found) -> str:
        other = many.cases.get(record["case"], {}).get(record["system"])
        return "–" if other is None else _speed_up(seconds(record), seconds(other))

    intro = f"One epoch with {counts[0]} → {counts[-1]} threads, and how many times as fast that is."
    return ["", intro, "", *_grid(few, str, gain)]


def _speed_up(one: float, more: float) -> str:
    return f"{duration(one)} → {duration(more)} ({one / more:.2f}×)"


def _skipped(results: Results) -> list[str]:
    reasons: dict[tuple[str, str], list[str]] = {}
    for record in results["records"]:
        if "skipped" in record and record["system"] not in YARDSTICKS:
            reasons.setdefault((record["system"], record["skipped"]), []).append(f"{record['figure']} {record['case']}")
    lines = [f"- {SYSTEMS[system].title}: {reason} ({', '.join(cases)})" for (system, reason), cases in reasons.items()]
    return lines or ["- everybody was"]
