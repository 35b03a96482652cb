"""Predictions as a table: what came in, what is predicted, and how probable each class is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl

from gradatim.errors import InputError
from gradatim.whole_file import whole_file
from gradatim.model import Model
from gradatim.tables import ClassTarget
from gradatim.tables.targets import label_text


def predicted(model: Model, source: Any) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Every row of a table with its prediction.

    Args:
        model: any.
        source: a path, ``sample:NAME``, a `Table` or any dataframe.

    Returns:
        All columns of the source (the pixels of pictures left out), ``<target>_predicted`` and, for classes,
        ``p_<class>``; and a sentence for each thing to know about it. A name that a column of the source has already
        gets a number: ``p_<class>_2``.
    """
    table = model.table_of(source)
    notes = list(table.notes)
    frame = table.frame if table.image_shape is not None else table.to_polars()
    target = model.target
    if isinstance(target, ClassTarget):
        probabilities = model.predict_proba(table)
        new = [pl.Series(f"{target.name}_predicted", model.predict(table).tolist())]
        new += [pl.Series(f"p_{label_text(label)}", probabilities[:, k]) for k, label in enumerate(target.classes)]
    else:
        Y = model.predict(table).reshape(table.n_rows, -1)
        new = [pl.Series(f"{name}_predicted", Y[:, k]) for k, name in enumerate(target.names)]
    if not model.encoder.reads_columns:
        notes.append("This model reads no column: it predicts the same for every row, of any table.")
    new, renamed = _beside(frame.columns, new)
    if renamed:
        notes.append(f"The table has these columns already: {', '.join(renamed)}. The new ones end in a number.")
    return pl.DataFrame([*frame.get_columns(), *new]), tuple(notes)


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
            frame.write_csv(file)
        else:
            frame.write_parquet(file)
