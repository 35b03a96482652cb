"""Labels of classes: which there are, in which order, and what they are as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from gradatim.errors import InputError, did_you_mean
from gradatim.tables.conversion import as_series

Label = str | int | bool | float


def label_text(label: Any) -> str:
    """A label as a file would have it: true and false for booleans.

    Example:
        >>> label_text(True), label_text(3)
        ('true', '3')
    """
    return str(label).lower() if isinstance(label, bool) else str(label)


def label_column(values: Any, name: str) -> pl.Series:
    """A column whose values can be labels: dates and categories as texts."""
    series = as_series(values, name)
    return series.cast(pl.String) if series.dtype.is_temporal() or series.dtype == pl.Categorical else series


def as_texts(series: pl.Series) -> pl.Series:
    """Every label as `label_text` has it; missing ones stay missing."""
    texts = [None if value is None else label_text(value) for value in series.to_list()]
    return pl.Series(series.name, texts, dtype=pl.String)


def classes_in(series: pl.Series) -> tuple[Label, ...]:
    """The labels that occur, in the column's own order where it brings one, else sorted."""
    seen = series.drop_nulls().unique()
    if isinstance(series.dtype, pl.Enum):
        held = set(seen.to_list())
        return tuple(label for label in series.dtype.categories.to_list() if label in held)
    return tuple(seen.sort().to_list())


def matching(positive: Any, classes: tuple[Label, ...], who: str = "positive") -> Label:
    """The class that is meant, also where it is written as text.

    Raises:
        InputError: where there is none.
    """
    for label in classes:
        if label == positive or str(label).lower() == str(positive).lower():
            return label
    guess = did_you_mean(str(positive), map(str, classes))
    raise InputError(f"{who} must be one of the classes {listed(classes)}. Got {positive!r}.{guess}")


def listed(labels: Sequence[Any]) -> str:
    """The first ten, for messages."""
    return ", ".join(map(repr, labels[:10])) + (", …" if len(labels) > 10 else "")
