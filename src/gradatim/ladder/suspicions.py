"""What makes a result too good to be true, or too noisy to be believed: said before anything is trained.

Conventions
-----------
* A suspicion is a sentence, never a refusal: only people know whether a column will be there at prediction time.
* Silence is better than a false alarm.
* Columns that the network does not read are left aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from gradatim.ladder.leaks import leaks
from gradatim.ladder.splits import Split
from gradatim.tables import Table
from gradatim.tables.conversion import as_series
from gradatim.tables.dates import dates_of
from gradatim.tables.encoding.columns import LEFT_OUT, Column
from gradatim.tables.encoding.notes import listed
from gradatim.tables.examples import Examples
from gradatim.tables.targets import columns_of, label_text

SPELT_OUT = 5

DUPLICATES, FEWEST_DUPLICATES = 0.01, 5
"""A smaller share of the rows that measure changes no score, and a few come about by chance."""

PARTS_OF_DATES = ("year", "month", "day", "hour", "minute", "second")

MOMENTS = 20
"""A column of fewer dates orders nothing finely enough to test on the last."""


def suspicions(
    table: Table,
    y: pl.Series | pl.DataFrame,
    split: Split,
    columns: Sequence[Column],
    *,
    target: str,
    classes: bool,
    ordered: bool = False,
    grouped: bool = False,
    own_test: Examples | None = None,
) -> tuple[str, ...]:
    """Everything to be told about a table and how it is split.

    Args:
        table: all rows, without the target.
        y: the target (m,), or several (m, k).
        split: which rows train, choose and test.
        columns: kinds of the table's columns, as the encoder decided.
        target: its name; several targets have their own.
        classes: whether classes are predicted.
        ordered: whether the last rows test.
        grouped: whether groups stay whole.
        own_test: the rows that test, where they are a table of their own.

    Returns:
        A sentence or two for each.

    Example:
        >>> from gradatim.ladder.splits import split_rows
        >>> table = Table.from_any({"euros": np.arange(100.0), "noise": np.sin(np.arange(100.0))})
        >>> columns = [Column("euros", "number", ""), Column("noise", "number", "")]
        >>> y = pl.Series("dollars", np.arange(100) * 1.1)
        >>> for line in suspicions(table, y, split_rows(100), columns, target="dollars", classes=False):
        ...     print(line)
        'euros' alone predicts 'dollars' (rank correlation 1.0000). If it is not known at prediction time, leave it out
        with ignore="euros".
    """
    targets = list(y.get_columns()) if isinstance(y, pl.DataFrame) else [as_series(y).rename(target)]
    read = [column for column in columns if column.kind not in LEFT_OUT]
    said: list[str] = []
    for series in targets:
        said += leaks(table, series, split.train, read, classes=classes)
        said += rare_classes(series, split) if classes else []
    said += duplicates(table, targets, split, read, grouped=grouped)
    said += [] if own_test is None else duplicates_in_test(table, targets, split.train, read, own_test)
    said += [] if ordered or grouped else dates(table, read)
    return tuple(said)


def duplicates(
    table: Table, targets: Sequence[pl.Series], split: Split, columns: Sequence[Column], *, grouped: bool = False
) -> tuple[str, ...]:
    """Rows that measure and stand among the training rows as well, the same in all columns that are read.

    Few columns of few values make equal rows by themselves: nothing is said where less than half of the training rows
    differ, where less than one row in a hundred that measure, or fewer than five, come again (one picture is enough),
    or where most of them have other targets, as no copy has.

    Args:
        table: all rows, without the targets.
        targets: (m,) each.
        split: which rows train, choose and test.
        columns: that are read.
        grouped: whether groups stay whole already.

    Returns:
        No sentence or one.
    """
    measuring = np.concatenate([split.validation, split.test])
    if not len(measuring) or not _comparable(table, columns):
        return ()
    rows = _hashed(table, targets, columns)
    what = "pictures" if table.image_shape is not None else "rows"
    fix = "" if grouped else ', and if a column says what belongs together, name it with group="COLUMN"'
    measure = "validate or test" if len(split.validation) else "test"
    copied = _copied(rows[split.train], rows[measuring], f"{what} that {measure}", what)
    return tuple(f"{said} If they are copies, leave them out{fix}." for said in copied)


def duplicates_in_test(
    table: Table, targets: Sequence[pl.Series], train: np.ndarray, columns: Sequence[Column], own_test: Examples
) -> tuple[str, ...]:
    """Rows of a test table of its own that stand among the training rows as well, within the same limits.

    Args:
        table: all rows but those, without the targets.
        targets: (m,) each.
        train: the training rows.
        columns: that are read.
        own_test: the rows that test.

    Returns:
        No sentence or one.
    """
    if not _comparable(table, columns) or own_test.table.block_names != table.block_names:
        return ()
    both = (table, targets), (own_test.table, columns_of(own_test.y))
    rows, tested = (_hashed(*one, columns, beside=other) for one, other in (both, both[::-1]))
    if rows.equals(tested):
        return (
            "The test table is the same as the data, row for row: its scores measure memory. Name another one, or none "
            "to have rows set aside.",
        )
    what = "pictures" if table.image_shape is not None else "rows"
    copied = _copied(rows[train], tested, f"{what} of the test table", what)
    return tuple(f"{said} If they are copies, leave them out of one of the two." for said in copied)


def _comparable(table: Table, columns: Sequence[Column]) -> bool:
    return not table.is_sparse and (table.image_shape is not None or bool(columns))


def _copied(training: pl.DataFrame, measuring: pl.DataFrame, whose: str, what: str) -> tuple[str, ...]:
    """How many rows come again, where they are no work of chance; both frames as `_hashed` gives them."""
    again = measuring.filter(_stand_in(measuring["read"], training["read"]))
    if not len(again) or not (what == "pictures" or _more_than_chance(training["read"], len(measuring), len(again))):
        return ()
    agree = int(_stand_in(again["all"], training["all"]).sum())
    if agree < len(again) / 2:
        return ()
    where = f"In {agree:,} of them" if agree < len(again) else "There"
    return (
        f"{len(again):,} of {len(measuring):,} {whose} ({len(again) / len(measuring):.1%}) "
        f"{'stand' if len(again) > 1 else 'stands'} among the training {what} too, the same in every column that is "
        f"read. {where} the target is the same too: a score there measures memory.",
    )


def _more_than_chance(training: pl.Series, measuring: int, again: int) -> bool:
    """Whether the training rows differ enough for equal rows to mean something, and those are more than a few."""
    return again >= max(FEWEST_DUPLICATES, DUPLICATES * measuring) and training.n_unique() >= len(training) / 2


def _stand_in(hashes: pl.Series, others: pl.Series) -> pl.Series:
    """Which of some rows are the same as one of the others: (len(hashes),) booleans."""
    return hashes.is_in(others.unique().implode())


def _hashed(
    table: Table,
    targets: Sequence[pl.Series],
    columns: Sequence[Column],
    beside: tuple[Table, Sequence[pl.Series]] | None = None,
) -> pl.DataFrame:
    """Two numbers for each row, the same where rows are the same: "read" in columns or pixels, "all" in targets too.

    Args:
        table: the rows, without the targets.
        targets: (m,) each.
        columns: that are read.
        beside: another table and its targets, whose rows these are compared with: equal values of two types have two
            hashes, and so take a type that holds both.
    """
    other, aims = beside or (table, targets)
    wanted = table.block_names if table.image_shape is not None else [column.name for column in columns]
    parts = []
    if table.block is not None:
        read_too = set(wanted)
        places = [place for place, name in enumerate(table.block_names) if name in read_too]
        block = table.block if len(places) == len(table.block_names) else table.block[:, places]
        block = np.ascontiguousarray(block, dtype=np.result_type(block, other.block))
        parts.append(pl.Series("block", [hash(row.tobytes()) for row in block], dtype=pl.Int64))
    parts += [_in_one_type(table.frame[name], other.frame[name]) for name in wanted if name in table.schema]
    read = pl.DataFrame(parts).hash_rows()
    ys = [_in_one_type(y, aim).alias(f"{k}") for k, (y, aim) in enumerate(zip(targets, aims, strict=True))]
    return pl.DataFrame({"read": read, "all": pl.DataFrame([read.alias(""), *ys]).hash_rows()})


def _in_one_type(series: pl.Series, other: pl.Series) -> pl.Series:
    """A column in the type in which it can be compared with another one; it is the same for both."""
    if series.dtype == other.dtype and not isinstance(series.dtype, pl.Categorical | pl.Enum):
        return series
    numbers = series.dtype.is_numeric() and other.dtype.is_numeric()
    return series.cast(pl.Float64 if numbers else pl.String, strict=False)


def rare_classes(y: pl.Series, split: Split) -> tuple[str, ...]:
    """Classes of one row, and classes that no row measures.

    Args:
        y: (m,) labels, under the target's name.
        split: which rows train, choose and test.

    Returns:
        A sentence for each kind.
    """
    counted = y.drop_nulls().value_counts(name="rows").sort(y.name)
    single = counted.filter(pl.col("rows") == 1)[y.name].to_list()
    said = []
    if single:
        said.append(
            f"{_classes(single, y.name)} {'stands' if len(single) == 1 else 'stand'} in one row only: "
            f"what is learned of {'it' if len(single) == 1 else 'them'} is measured nowhere."
        )
    for rows, verb in ((split.validation, "choose between rungs"), (split.test, "test")):
        there = set(y[rows].to_list())
        absent = [label for label in counted[y.name].to_list() if label not in there and label not in set(single)]
        if len(rows) and absent:
            said.append(
                f"{_classes(absent, y.name)} {'has' if len(absent) == 1 else 'have'} no row among those that {verb}."
            )
    return tuple(said)


def _classes(labels: Sequence[object], target: str) -> str:
    named = ", ".join(repr(label_text(label)) for label in labels[:SPELT_OUT])
    more = f" and {len(labels) - SPELT_OUT} more" if len(labels) > SPELT_OUT else ""
    return f"{'Class' if len(labels) == 1 else 'Classes'} {named}{more} of {target!r}"


def dates(table: Table, columns: Iterable[Column]) -> tuple[str, ...]:
    """Columns of dates, by which rows may have been gathered; or of years, months and so on.

    Returns:
        No sentence or one, about the column of the most moments.
    """
    columns, moments = list(columns), {}
    for column in columns:
        if column.kind == "date":
            found = dates_of(table.column(column.name), column.name, column.first)
            if found.dtype != pl.Time and found.drop_nulls().n_unique() > MOMENTS:
                moments[column.name] = found.n_unique()
    if not moments:
        return _dates_in_parts(table, columns)
    name = max(moments, key=lambda column: moments[column])
    return (
        f"{name!r} holds dates. If rows were gathered in their order, a random split lets the network see the future: "
        f'order="{name}" tests on the last rows.',
    )


def _dates_in_parts(table: Table, columns: Iterable[Column]) -> tuple[str, ...]:
    named = {column.name.lower(): column.name for column in columns if column.kind == "number"}
    parts = [named[part] for part in PARTS_OF_DATES if part in named]
    if not {"year", "month"} <= named.keys() or len(np.unique(table.matrix(parts), axis=0)) <= MOMENTS:
        return ()
    return (
        f"{listed([repr(part) for part in parts])} make dates. If rows were gathered in their order, a random split "
        f'lets the network see the future: make them one column of dates, and order="COLUMN" tests on the last rows.',
    )
