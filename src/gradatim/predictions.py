"""Predictions as a table: what came in, what is predicted, and how probable each class is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
from polars import selectors

from gradatim.errors import InputError
from gradatim.model import Ensemble, Model
from gradatim.tables import ClassTarget, NumberTarget
from gradatim.tables.conversion import text_of
from gradatim.tables.encoding.unseen import unseen_levels
from gradatim.tables.table import Table
from gradatim.tables.targets import label_text
from gradatim.whole_file import whole_file

SPELT_OUT = 5


def predicted(
    model: Model | Ensemble, source: Any, *, query: str | None = None
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Every row of a table with its prediction.

    Args:
        model: any.
        source: a path, ``sample:NAME``, a `Table` or any dataframe.
        query: what to ask of a database.

    Returns:
        All columns of the source (the pixels of pictures left out), ``<target>_predicted`` for each target and, for
        classes, ``p_<class>``; for several targets of two classes ``p_<target>``, how probable the positive one is.
        And a sentence for each thing to know about it. A name that a column of the source has already gets a number:
        ``p_<class>_2``.
    """
    table = model.table_of(source, query=query)
    notes = list(table.notes)
    frame = table.frame if table.image_shape is not None else table.to_polars()
    new = _predictions(model, table)
    notes += [*unseen_levels(model.encoder, table), *_beyond(model, table)]
    if not model.encoder.reads_columns:
        notes.append("This model reads no column: it predicts the same for every row, of any table.")
    new, renamed = _beside(frame.columns, new)
    if renamed:
        notes.append(f"The table has these columns already: {', '.join(renamed)}. The new ones end in a number.")
    return pl.DataFrame([*frame.get_columns(), *new]), tuple(notes)


def _beyond(model: Model | Ensemble, table: Table) -> list[str]:
    """A sentence on the columns that training did not have."""
    if table.image_shape is not None or not model.encoder.reads_columns:
        return []
    known = {column.name for column in model.encoder.columns}
    extra = [name for name in table.names if name not in known]
    said = [f"{name!r} (the target)" if name in model.target.names else repr(name) for name in extra[:SPELT_OUT]]
    more = f" and {len(extra) - SPELT_OUT} more" if len(extra) > SPELT_OUT else ""
    return [f"Not predicted from: {', '.join(said)}{more}."] if extra else []


def _predictions(model: Model | Ensemble, table: Table) -> list[pl.Series]:
    """The columns that a model adds to a table, under the names they would like."""
    target, outputs = model.target, model.outputs(table)
    decoded = target.decode(outputs).reshape(table.n_rows, len(target.names))
    names = [f"{name}_predicted" for name in target.names]
    columns = [pl.Series(name, decoded[:, k].tolist()) for k, name in enumerate(names)]
    if isinstance(target, NumberTarget):
        return columns
    probabilities = target.probabilities(outputs)
    said = target.classes if isinstance(target, ClassTarget) else target.names
    return columns + [pl.Series(f"p_{label_text(said[k])}", probabilities[:, k]) for k in range(len(said))]


def _beside(taken: Sequence[str], new: Sequence[pl.Series]) -> tuple[list[pl.Series], list[str]]:
    """Columns under names that are free, with a number behind them where they are not; and which those are."""
    names, renamed = set(taken), []
    columns = []
    for series in new:
        name = series.name
        if name in names:
            renamed.append(name)
            name = next(free for number in count(2) if (free := f"{series.name}_{number}") not in names)
        names.add(name)
        columns.append(series.rename(name))
    return columns, renamed


def for_csv(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame with what CSV has no form for as it can be written: durations in seconds, bytes in hex, lists in JSON.

    Example:
        >>> for_csv(pl.DataFrame({"photo": [b"hi"], "tags": [["a", None]]})).rows()
        [('6869', '["a", null]')]
    """
    return frame.with_columns(
        selectors.duration().dt.total_microseconds() / 1_000_000,
        selectors.binary().bin.encode("hex"),
        *(
            pl.Series(column.name, [None if value is None else text_of(value) for value in column.to_list()], pl.String)
            for column in frame
            if column.dtype.is_nested()
        ),
    )


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write a .csv or .parquet file, whole or not at all.

    Raises:
        InputError: for another ending, or a folder that does not exist.
        OSError: where the disk refuses.
    """
    ending = path.suffix.lower()
    if ending not in (".csv", ".parquet"):
        raise InputError(f"The file to write must end in .csv or .parquet. Got {str(path)!r}.")
    with whole_file(path) as file:
        if ending == ".csv":
            for_csv(frame).write_csv(file)
        else:
            frame.write_parquet(file)
