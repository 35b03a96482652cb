"""Predictions as a table: what came in, what is predicted, and how probable each class is."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import polars as pl

from gradatim.errors import InputError
from gradatim.model import Model
from gradatim.tables import ClassTarget


def predicted(model: Model, source: Any) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Every row of a table with its prediction.

    Args:
        model: any.
        source: a path, ``sample:NAME``, a `Table` or any dataframe.

    Returns:
        All columns of the source (the pixels of pictures left out), ``<target>_predicted`` and, for classes,
        ``p_<class>``; and a sentence for each thing to know about it.
    """
    table = model.table_of(source)
    notes = list(table.notes)
    frame = table.frame if table.image_shape is not None else table.to_polars()
    target = model.target
    if isinstance(target, ClassTarget):
        probabilities = model.predict_proba(table)
        new = [pl.Series(f"{target.name}_predicted", model.predict(table).tolist())]
        new += [pl.Series(f"p_{_text(label)}", probabilities[:, k]) for k, label in enumerate(target.classes)]
    else:
        Y = model.predict(table).reshape(table.n_rows, -1)
        new = [pl.Series(f"{name}_predicted", Y[:, k]) for k, name in enumerate(target.names)]
    replaced = [series.name for series in new if series.name in frame.columns]
    if replaced:
        notes.append(f"Columns of the same name are replaced: {', '.join(replaced)}.")
    return frame.with_columns(new) if frame.width else pl.DataFrame(new), tuple(notes)


def _text(label: object) -> str:
    return str(label).lower() if isinstance(label, bool) else str(label)  # true and false, as CSV has them


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write a .csv or .parquet file, whole or not at all.

    Raises:
        InputError: for another ending, or a folder that does not exist.
    """
    ending = path.suffix.lower()
    if ending not in (".csv", ".parquet"):
        raise InputError(f"The file to write must end in .csv or .parquet. Got {str(path)!r}.")
    if not path.parent.is_dir():
        raise InputError(f"The folder of the file to write must exist. Got {str(path.parent)!r}.")
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            if ending == ".csv":
                frame.write_csv(file)
            else:
                frame.write_parquet(file)
        except BaseException:
            file.close()
            os.unlink(file.name)
            raise
    os.replace(file.name, path)
