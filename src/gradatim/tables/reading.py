"""A table from a file, a folder of pictures, one picture, or a sample.

Conventions
-----------
* Reading prints nothing. What it had to decide stands in the table's `notes`.
* Names of columns stay as they are; types are inferred from the whole file.
* What cannot be read is refused with what it looks like and what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from gradatim.errors import InputError, did_you_mean
from gradatim.tables.archives import read_h5, read_npy, read_npz
from gradatim.tables.delimited import read_delimited
from gradatim.tables.images import ImageShape
from gradatim.tables.pictures import PICTURE_ENDINGS, read_folder, read_picture
from gradatim.tables.samples import SAMPLES, read_sample
from gradatim.tables.table import Table


def read_table(source: str | Path, target: str | None = None, *, image_shape: ImageShape = (64, 64, 3)) -> Table:
    """Read a table.

    Args:
        source: a file (.csv .tsv .txt .parquet .npz .npy .h5), a folder with one folder of pictures a class, one
            picture, or ``sample:NAME``.
        target: the column to predict; it must be there, and becomes the table's `target_name`.
        image_shape: (height, width, channels) to which pictures from files are brought; channels 3 is colour, 1 is
            grey. Arrays of pictures (.npz .npy .h5) keep their own.

    Returns:
        A `Table`. Where the source marks its target itself (`target_name`) or holds back a test part (`held_out`), it
        is set.

    Raises:
        InputError: if there is nothing to read, or the target is no column.
        MissingPackageError: if an extra package is needed, with the command that installs it.

    Example:
        >>> read_table("sample:concrete", target="strength").target_name
        'strength'
    """
    table = read_sample(str(source)) if str(source).startswith("sample:") else _read_path(Path(source), image_shape)
    if not table.n_rows:
        raise InputError(f"{source} must hold rows. Got {len(table.names)} columns and no row: is it only a header?")
    if target is None:
        return table
    table.require(target, "target")
    return replace(table, target_name=target)


def table_of(source: Any, target: str | None = None, *, image_shape: ImageShape = (64, 64, 3)) -> Table:
    """A table from whatever people hold, or from where they keep it.

    Args:
        source: a path or ``sample:NAME``, which `read_table` reads; or anything that `Table.from_any` takes.
        target: as for `read_table`; what is held in memory marks none.
        image_shape: as for `read_table`.

    Raises:
        InputError: for what is no table, or cannot be read.

    Example:
        >>> table_of("sample:concrete").n_rows, table_of({"x": [1, 2]}).n_rows
        (1030, 2)
    """
    if isinstance(source, str | Path):
        return read_table(source, target, image_shape=image_shape)
    return Table.from_any(source)


def _read_path(path: Path, image_shape: ImageShape) -> Table:
    if not path.exists():
        raise InputError(_not_there(path))
    if path.is_dir():
        table = read_folder(path, image_shape)
    elif path.suffix.lower() in PICTURE_ENDINGS:
        table = read_picture(path, image_shape)
    elif path.suffix.lower() not in _READERS:
        known = ", ".join((*_READERS, ".png", ".jpg"))
        raise InputError(f"{path} must have an ending that is known: {known}. Got {path.suffix or 'no ending'!r}.")
    else:
        table = _READERS[path.suffix.lower()](path)
    return replace(table, source=path.name)


def _not_there(path: Path) -> str:
    message = f"{path} must be a file or a folder. Got nothing of that name."
    if str(path) in SAMPLES:
        return message + f" Did you mean 'sample:{path}'?"
    if path.parent.is_dir():
        return message + did_you_mean(path.name, [other.name for other in path.parent.iterdir()])
    return message + f" There is no folder {path.parent} either."


def _read_text(path: Path) -> Table:
    return read_delimited(path, path.read_bytes())


def _read_parquet(path: Path) -> Table:
    try:
        return Table(pl.read_parquet(path, glob=False))
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise InputError(
            f"{path} must be a Parquet file. Got something else, or a damaged one: {_first_line(fault)}."
        ) from fault


def _first_line(fault: Exception) -> str:
    return str(fault).strip().split("\n")[0].rstrip(".")


_READERS: dict[str, Callable[[Path], Table]] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".txt": _read_text,
    ".parquet": _read_parquet,
    ".npz": read_npz,
    ".npy": read_npy,
    ".h5": read_h5,
    ".hdf5": read_h5,
}
