"""Classes or numbers: which task a target asks for, and whether it can be learned."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl

from gradatim.errors import InputError, did_you_mean
from gradatim.tables.targets import columns_of, present, words_for
from gradatim.tables.texts import without_missing

TASKS = ("classification", "regression")
LARGEST_CODE = 20
ROWS_PER_CLASS = 5


def task_of(values: Any, task: str = "auto") -> tuple[Literal["classification", "regression"], str]:
    """Which task a target asks for, and why.

    Texts and booleans are classes; numbers with fractions are amounts. Whole numbers are classes if there are two of
    them, or if they run from 0 or 1 to at most 20 and have two rows each or more, five on average; otherwise they are
    amounts. Several targets are classes if each holds two different values, whole numbers or no numbers; they are
    amounts if none does and all are numbers.

    Args:
        values: (m,) the target, or (m, k) for several, as `columns_of` takes them; missing values allowed.
        task: "classification" or "regression" to overrule the rule; "auto".

    Returns:
        The task, and the reason as a sentence.

    Raises:
        InputError: for an unknown task, for "regression" where the values are no numbers, and for several targets of
            which some are classes and some amounts.

    Example:
        >>> task_of([3.5, 4.25, 7.0])
        ('regression', 'The target holds numbers with fractions.')
        >>> task_of(["cat", "dog", "cat"])[0]
        'classification'
        >>> task_of([[0, 1], [1, 1], [0, 0]])
        ('classification', 'Both targets hold two different values.')
    """
    if task not in ("auto", *TASKS):
        raise InputError(f"task must be auto, classification or regression. Got {task!r}.{did_you_mean(task, TASKS)}")
    columns = columns_of(values)
    if len(columns) > 1:
        return _task_of_several(columns, task)
    (series,) = columns
    if not series.dtype.is_numeric():
        if task == "regression":
            _refuse_texts_beside_numbers(series, series.name)
            raise InputError(
                f"task must be classification where the target holds {words_for(series.dtype)}. Got regression: "
                f"choose a column of numbers, or leave task at auto."
            )
        return "classification", f"The target holds {words_for(series.dtype)}."
    if task != "auto":
        return _asked_for(task)
    return _task_of_numbers(series.filter(pl.Series(present(series))))


def _asked_for(task: str) -> tuple[Literal["classification", "regression"], str]:
    return ("classification" if task == "classification" else "regression"), f"You asked for {task}."


def _task_of_numbers(series: pl.Series) -> tuple[Literal["classification", "regression"], str]:
    if _has_fractions(series):
        return "regression", "The target holds numbers with fractions."
    K = series.n_unique()
    if K == 2:
        return "classification", "The target holds two different whole numbers."
    if not K:
        return "regression", "The target holds numbers."
    held = f"The target holds {K:,} different whole numbers"
    low, high = int(series.to_numpy().min()), int(series.to_numpy().max())
    why = _why_amounts(series, low, high, K)
    if why:
        return "regression", f'{held}, and {why}. If they are classes, say task="classification".'
    return (
        "classification",
        f'{held} from {low} to {high}, each in several rows. If they are amounts, say task="regression".',
    )


def _why_amounts(series: pl.Series, low: int, high: int, K: int) -> str:
    """Why whole numbers are amounts, as the end of a sentence; "" where they are classes."""
    if low not in (0, 1):
        return f"they begin at {low:,}, not at 0 or 1"
    if high > LARGEST_CODE:
        return f"the largest, {high:,}, is above {LARGEST_CODE}"
    if _rarest(series) == 1:
        counts = series.value_counts(name="rows").filter(pl.col("rows") == 1)
        single = [f"{int(value)}" for value in counts.to_series().sort()]
        listed = ", ".join(single[:3]) + (", …" if len(single) > 3 else "")
        return f"{listed} {'stands in one row only' if len(single) == 1 else 'stand in one row each'}"
    if len(series) < ROWS_PER_CLASS * K:
        return f"{len(series):,} rows are fewer than {ROWS_PER_CLASS} for each"
    return ""


def _task_of_several(columns: list[pl.Series], task: str) -> tuple[Literal["classification", "regression"], str]:
    """Every target is two classes, or every target is a number: a network has one loss."""
    there = [series.filter(pl.Series(present(series))) for series in columns]
    two = [series.n_unique() == 2 and not _has_fractions(series) for series in there]
    numbers = [series.dtype.is_numeric() for series in columns]
    held = [
        "two values" if of_two else "numbers" if number else f"{series.n_unique():,} {words_for(series.dtype)}"
        for series, of_two, number in zip(there, two, numbers, strict=True)
    ]
    got = ", ".join(f"{series.name!r} of {what}" for series, what in zip(columns, held, strict=True))
    all_of_them = "Both targets" if len(columns) == 2 else f"All {len(columns)} targets"
    if task == "regression" and not all(numbers):
        raise InputError(f"Several targets must all hold numbers for regression. Got {got}. Leave the others out.")
    if task != "auto":
        return _asked_for(task)
    if all(two):
        return "classification", f"{all_of_them} hold two different values."
    if all(numbers) and not any(two):
        return "regression", f"{all_of_them} hold numbers, none of them just two whole ones."
    amounts = ' or, if they are all amounts, say task="regression"' if all(numbers) else ""
    raise InputError(
        f"Several targets must all hold two different values, or all hold numbers. Got {got}. Predict the ones and the "
        f"others by models of their own{amounts}."
    )


def _has_fractions(series: pl.Series) -> bool:
    return series.dtype.is_float() and bool((series != series.floor()).any())


def _rarest(series: pl.Series) -> int:
    """In how many rows the rarest value stands."""
    return int(series.unique_counts().to_numpy().min())


def _refuse_texts_beside_numbers(series: pl.Series, name: str) -> None:
    """Refuse texts that are numbers but for some: with the first that is none, and its row."""
    if series.dtype != pl.String:
        return
    texts = without_missing(series)
    numbers = texts.cast(pl.Float64, strict=False)
    others = (numbers.is_null() & texts.is_not_null()).arg_true()
    if not 0 < len(others) < len(numbers) - numbers.null_count():
        return
    row, more = int(others[0]), f" and {len(others) - 1:,} more" if len(others) > 1 else ""
    raise InputError(
        f"The target{f' {name!r}' if name else ''} holds numbers but for {series[row]!r} (row {row + 1}){more}: it "
        f"must hold numbers alone, or classes. Write numbers there, or leave the cells empty: rows without a target "
        f"are left out."
    )


def refuse_constants(values: Any) -> None:
    """Refuse a number to predict that is the same in every row.

    Args:
        values: (m,) numbers, or (m, k), none missing.

    Raises:
        InputError: with the target and its one value.
    """
    for column in columns_of(values):
        if column.n_unique() == 1:
            raise InputError(
                f"The target {column.name!r} must hold different values. Got {column[0]} in every row: nothing is left "
                f"to predict. Choose another column, or rows in which it varies."
            )


def refuse_classes_of_one_row(values: Any, name: str) -> None:
    """Refuse classes that hardly any two rows share: there is nothing to learn about each.

    Args:
        values: (m,) labels, or (m, k) of several targets.
        name: of the target.

    Raises:
        InputError: for more than 20 classes with fewer than two rows each, on average. Where most are numbers, it names
            the first text that is none.
    """
    for series in columns_of(values, [name]):
        _refuse_classes_of_one_row(series, series.name)


def _refuse_classes_of_one_row(series: pl.Series, name: str) -> None:
    K, rows = series.n_unique(), len(series)
    if K > LARGEST_CODE and 2 * K > rows:
        numeric = series.dtype.is_numeric()
        _refuse_texts_beside_numbers(series, name)
        fix = 'Did you mean task="regression"?' if numeric else "Choose a column whose values come again."
        raise InputError(
            f"The target {name!r} must hold classes, each in several rows. Got {K:,} different values in {rows:,} "
            f"rows: almost each would be a class of its own. {fix}"
        )
