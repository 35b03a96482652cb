"""The results as a page of Markdown. All of it is made here: nothing is written into it by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from benchmarks.accuracy.contestants import CONTESTANTS, OURS, PRESENT
from benchmarks.accuracy.parity import PAIR, Parity, parities
from benchmarks.accuracy.results import Record, comparable
from benchmarks.accuracy.splits import MOST_ROWS
from benchmarks.accuracy.standings import (
    LEAST_ERROR,
    SHIFT,
    ByTable,
    Comparison,
    collected,
    error,
    label_error,
    mean_ranks,
    per_thousand_rows,
    shared_splits,
    standard_error,
)

YARDSTICK = "sklearn_mlp"
"""Whose errors those of all are divided by."""

HEAD = f"""\
# How well it predicts

Made by `python -m benchmarks.accuracy --page docs/accuracy.md`: change the program, not this page.

Everybody with his defaults, on the same rows of {{tables}} open tables, {{fits}} of each. Three quarters of a table
train and a quarter tests, drawn in proportion of the classes, at most {MOST_ROWS:,} rows each. Whoever needs rows to
choose an epoch by takes them from those that train: gradatim and RealMLP a fifth.

An **error** is the log loss for classes, and for amounts the root mean squared error over the standard deviation of
what was to be predicted. A **ratio** is ours over theirs: below 1, gradatim is better. Log losses near 0 have ratios
that say little and weigh much, so there are two. The *plain* one counts an error below {LEAST_ERROR:g} as
{LEAST_ERROR:g}; the *shifted* one adds {SHIFT:g} to both errors, as in the paper on RealMLP (Holzmüller et al. 2024).
Probabilities count as 1.2e-7 at least, whoever gave them. Over seeds an error is a mean."""

TOGETHER = """\
Ratios in this table are over scikit-learn's MLP; *wrong labels* are those of tables of classes, shifted. Mean ranks are
over the {shared} tables that all have been measured on; 1 is the best. Seconds are those of the processor."""

OUTCOMES = """\
A table is won or lost where the mean difference over its splits is more than its standard error, and else tied. Splits
of one table share rows, so that these standard errors are rather too small.{one} The geometric mean of shifted
ratios has its standard error over tables."""

ONE_SPLIT = "\nWith one split there is no standard error, and who is ahead has won."

PARITY = """\
Seeds on the same rows of split 0: mean ± standard error. Two agree if they differ by at most the standard error of the
difference; of tables where nothing differs but the draws, about two thirds do."""


def page(results: Iterable[Record]) -> str:
    """The whole page.

    Args:
        results: one for each fit; those that failed are named.
    """
    results = list(results)
    records = comparable(results)
    seen = {record["contestant"] for record in records}
    names = [name for name in CONTESTANTS if name in seen]
    collected_errors = collected(records, error)
    errors = {name: collected_errors[name] for name in names}
    splits = max((len(found) for tables in errors.values() for found in tables.values()), default=0)
    tables = sorted({record["table"] for record in records})
    fits = "one split" if splits == 1 else f"{splits} splits"
    one = ONE_SPLIT if splits == 1 else ""
    parts: list[tuple[str | None, list[str]]] = [
        (None, [HEAD.format(tables=len(tables), fits=fits), *_with_fewer(errors, splits)]),
        ("Who takes part", _contestants(records, names)),
        ("All together", [TOGETHER.format(shared=len(shared_splits(errors))), "", *_all(records, errors)]),
        ("Against each rival", [OUTCOMES.format(one=one), *_rivals(errors)]),
        ("Parity with RealMLP", [PARITY, "", *_parity(parities(records))]),
        ("Time of a fit", _times(records, names)),
        ("Log loss, or root mean squared error", _each(records, names, tables, ("log_loss", "rmse"))),
        ("Accuracy", _each(records, names, tables, ("accuracy",))),
        ("Area under the ROC curve", _each(records, names, tables, ("auc",))),
        ("What failed", _failed(results, names)),
        ("How to repeat it", _repeated(splits)),
    ]
    return "\n".join(line for title, lines in parts for line in _part(title, lines))


def _with_fewer(errors: Mapping[str, ByTable], splits: int) -> list[str]:
    """Who has not been measured on all splits."""
    fewer = {name: max(map(len, tables.values()), default=0) for name, tables in errors.items()}
    told = [f"{CONTESTANTS[name].title} has {count}" for name, count in fewer.items() if count < splits]
    return ["", f"Of these splits {', '.join(told)}. Two are compared on the splits that both have."] if told else []


def _part(title: str | None, lines: Sequence[str]) -> list[str]:
    return [*([] if title is None else [f"## {title}", ""]), *(lines or ["Not measured."]), ""]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    return [_line(head), "|" + "---|" * len(head), *map(_line, lines)]


def _title(name: str) -> str:
    return f"**{CONTESTANTS[name].title}**" if name in OURS else CONTESTANTS[name].title


def _plus_minus(value: float, standard_error: float | None, form: str = ".3f") -> str:
    return f"{value:{form}}" + ("" if standard_error is None else f" ± {standard_error:{form}}")


def _contestants(records: Sequence[Record], names: Sequence[str]) -> list[str]:
    lines = []
    for name in names:
        versions = {
            f"{package} {version}"
            for record in records
            if record["contestant"] == name
            for package, version in record["versions"].items()
        }
        lines.append([_title(name), CONTESTANTS[name].how, ", ".join(sorted(versions))])
    processors = sorted({record.get("processor", "") for record in records} - {""})
    threads = sorted({record["threads"] for record in records})
    counts = " and ".join(map(str, threads)) + (" thread" if threads == [1] else " threads")
    return [
        *_table(["", "how", "versions"], lines),
        "",
        f"On {'; '.join(processors) or 'some machine'}, {counts} a fit.",
    ]


def _all(records: Sequence[Record], errors: Mapping[str, ByTable]) -> list[str]:
    ranks = mean_ranks(errors)
    labels = collected(records, label_error)
    lines = []
    for name, tables in errors.items():
        own = [record for record in records if record["contestant"] == name]
        rank = f"{ranks[name]:.2f}" if name in ranks else "–"
        ratios = _ratios(Comparison.of(tables, errors.get(YARDSTICK, {})))
        wrong = _ratios(Comparison.of(labels.get(name, {}), labels.get(YARDSTICK, {})))[0]
        lines.append([_title(name), str(len(tables)), rank, *ratios, wrong, f"{per_thousand_rows(own):.2f}"])
    head = ["", "tables", "mean rank", "geometric mean, shifted", "plain", "median", "wrong labels", "s per 1,000 rows"]
    return _table(head, lines) if lines else []


def _ratios(beside: Comparison) -> list[str]:
    """Geometric means of shifted and of plain ratios, and the median."""
    if not beside.pairs:
        return ["–"] * 3
    return [f"{ratio:.3f}" for ratio in (beside.shifted_mean, beside.geometric_mean, beside.median)]


def _rivals(errors: Mapping[str, ByTable]) -> list[str]:
    """A table for each of our presets."""
    lines: list[str] = []
    head = ["", "tables", "geometric mean, shifted", "plain", "median", "wins", "ties", "losses"]
    for ours in (name for name in OURS if name in errors):
        rows = []
        for rival in (name for name in errors if name != ours):
            beside = Comparison.of(errors[ours], errors[rival])
            if beside.pairs:
                mean = _plus_minus(beside.shifted_mean, beside.shifted_error)
                counts = [str(beside.count(outcome)) for outcome in ("win", "tie", "loss")]
                rows.append([_title(rival), str(len(beside.pairs)), mean, *_ratios(beside)[1:], *counts])
        lines += ["", f"### {CONTESTANTS[ours].title}", "", *_table(head, rows)]
    return lines or ["", "None of our presets has been measured."]


def _parity(found: Sequence[Parity]) -> list[str]:
    if not found:
        return ["Not measured."]
    lines = []
    for parity in found:
        means = [_plus_minus(fmean(scores), standard_error(scores), ".4g") for scores in (parity.ours, parity.theirs)]
        differ = _plus_minus(parity.difference, parity.standard_error, ".2g")
        seeds = "{}, {}".format(*map(len, (parity.ours, parity.theirs)))
        metric = parity.metric.replace("_", " ")
        lines.append([parity.table, metric, seeds, *means, differ, "yes" if parity.agree else "no"])
    head = ["table", "", "seeds", *(CONTESTANTS[name].title for name in PAIR), "difference", "agree"]
    agree = sum(parity.agree for parity in found)
    return [*_table(head, lines), "", f"{agree} of {len(found)} agree."]


def _times(records: Sequence[Record], names: Sequence[str]) -> list[str]:
    """Of all fits, and of the slowest for its rows."""
    lines = []
    for name in names:
        own = [record for record in records if record["contestant"] == name]
        if own:
            slowest = max(own, key=lambda record: record["cpu_seconds"] / record["rows"])
            figures = [f"{per_thousand_rows(own, seconds):.2f}" for seconds in ("cpu_seconds", "seconds")]
            worst = f"{per_thousand_rows([slowest]):.2f}, {slowest['table']}"
            lines.append([_title(name), str(len(own)), *figures, worst])
    head = ["", "fits", "of the processor", "on the clock", "most, of the processor"]
    said = "Seconds per 1,000 training rows, preparation of the table included, imports and predictions not."
    return [said, "", *_table(head, lines)] if lines else []


def _each(records: Sequence[Record], names: Sequence[str], tables: Sequence[str], metrics: Sequence[str]) -> list[str]:
    """A line for each table; the best in bold. With several splits their mean, and its standard error."""
    found = collected(records, lambda record: next((record[metric] for metric in metrics if metric in record), None))
    least = -1 if metrics[0] in ("accuracy", "auc") else 1
    lines = []
    for table in tables:
        values = {name: list(found[name][table].values()) for name in names if table in found.get(name, {})}
        if values:
            best = f"{least * min(least * fmean(each) for each in values.values()):.4g}"
            lines.append([table, *(_score(values.get(name), best) for name in names)])
    return _table(["", *map(_title, names)], lines) if lines else []


def _score(values: Sequence[float] | None, best: str) -> str:
    if values is None:
        return "–"
    text, spread = f"{fmean(values):.4g}", standard_error(values)
    return (f"**{text}**" if text == best else text) + ("" if spread is None else f" ± {spread:.2g}")


def _failed(results: Sequence[Record], names: Sequence[str]) -> list[str]:
    lines = [
        f"- {CONTESTANTS[record['contestant']].title}, {record['table']}, split {record['split']}: {record['error']}"
        for record in results
        if "error" in record
    ]
    absent = [f"- {CONTESTANTS[name].title}: not measured" for name in PRESENT if name not in names]
    return [*lines, *absent] or ["- nothing"]


def _repeated(splits: int) -> list[str]:
    return [
        f"`python -m benchmarks.accuracy --splits {splits} --page docs/accuracy.md`, and for parity the same with",
        "`--parity`. It goes on where it was stopped, and tries again what failed. A rival in an environment of its",
        "own is named by `--python realmlp=/path/to/its/python`.",
    ]
