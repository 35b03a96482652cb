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
from gradatim.tables.targets import label_text

SPELT_OUT = 5

DUPLICATES, FEWEST_DUPLICATES = 0.01, 5
"""A smaller share of the rows that measure changes no score, and a few come about by chance."""

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
    pictures = table.image_shape is not None
    if not len(measuring) or table.is_sparse or not (pictures or columns):
        return ()
    hashes = _row_hashes(table, None if pictures else [column.name for column in columns])
    again = measuring[_stand_in(hashes, measuring, split.train)]
    if not len(again) or not (pictures or _more_than_chance(hashes, split, len(again))):
        return ()
    with_targets = pl.DataFrame([hashes.alias(""), *(y.alias(f"{k}") for k, y in enumerate(targets))]).hash_rows()
    agree = int(_stand_in(with_targets, again, split.train).sum())
    if agree < len(again) / 2:
        return ()
    what = "pictures" if pictures else "rows"
    where = f"In {agree:,} of them" if agree < len(again) else "There"
    fix = "" if grouped else ', and if a column says what belongs together, name it with group="COLUMN"'
    return (
        f"{len(again):,} of {len(measuring):,} {what} that validate or test ({len(again) / len(measuring):.1%}) "
        f"{'stand' if len(again) > 1 else 'stands'} among the training {what} too, the same in every column that is "
        f"read. {where} the target is the same too: a score there measures memory. If they are copies, leave them "
        f"out{fix}.",
    )


def _more_than_chance(hashes: pl.Series, split: Split, again: int) -> bool:
    """Whether the training rows differ enough for equal rows to mean something, and those are more than a few."""
    if again < max(FEWEST_DUPLICATES, DUPLICATES * (len(split.validation) + len(split.test))):
        return False
    return hashes[split.train].n_unique() >= len(split.train) / 2


def _stand_in(hashes: pl.Series, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which of some rows are the same as one of the others: (len(rows),) booleans."""
    return hashes[rows].is_in(hashes[others].unique().implode()).to_numpy()


def _row_hashes(table: Table, names: Sequence[str] | None) -> pl.Series:
    """A number for each row, the same where rows are the same: in these columns, or in the pixels without names."""
    parts, wanted = [], set(table.block_names if names is None else names)
    if table.block is not None:
        places = [place for place, name in enumerate(table.block_names) if name in wanted]
        block = np.ascontiguousarray(table.block if len(places) == len(table.block_names) else table.block[:, places])
        parts.append(pl.Series("block", [hash(row.tobytes()) for row in block], dtype=pl.Int64))
    chosen = [name for name in table.schema if name in wanted]
    return pl.DataFrame([*parts, *table.frame.select(chosen).get_columns()]).hash_rows()


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
    """Columns of dates, by which rows may have been gathered.

    Returns:
        No sentence or one, about the column of the most moments.
    """
    moments = {}
    for column in columns:
        if column.kind == "date":
            found = dates_of(table.column(column.name), column.name, column.first)
            if found.dtype != pl.Time and found.drop_nulls().n_unique() > MOMENTS:
                moments[column.name] = found.n_unique()
    if not moments:
        return ()
    name = max(moments, key=lambda column: moments[column])
    return (
        f"{name!r} holds dates. If rows were gathered in their order, a random split lets the network see the future: "
        f'order="{name}" tests on the last rows.',
    )
