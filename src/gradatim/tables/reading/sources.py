"""A table from a file, a folder of pictures, one picture, or a sample.

Conventions
-----------
* Reading prints nothing. What it had to decide stands in the table's `notes`.
* Names of columns stay as they are; types are inferred from the whole file.
* What cannot be read is refused with what it looks like and what to do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from gradatim.errors import InputError, did_you_mean
from gradatim.tables.images import ImageShape
from gradatim.tables.reading.archives import read_h5, read_npy, read_npz
from gradatim.tables.reading.arrow import read_arrow, read_parquet
from gradatim.tables.reading.compression import PACKED_ENDINGS, unpacked
from gradatim.tables.reading.databases import DATABASE_ENDINGS, is_url, read_sqlite, read_url
from gradatim.tables.reading.delimited import read_delimited
from gradatim.tables.reading.pictures import PICTURE_ENDINGS, read_folder, read_picture
from gradatim.tables.reading.records import read_json
from gradatim.tables.reading.signatures import HEAD, ending_by_content, refuse_another_kind
from gradatim.tables.reading.spreadsheets import SPREADSHEET_ENDINGS, read_spreadsheet, sheet_of
from gradatim.tables.samples import SAMPLES, read_sample
from gradatim.tables.table import Table

STANDARD_INPUT = Path("standard input")


def read_table(
    source: str | Path, target: str | None = None, *, image_shape: ImageShape = (64, 64, 3), query: str | None = None
) -> Table:
    """Read a table.

    Args:
        source: one of

            * a text table (.csv .tsv .txt), JSON (.json) or JSON lines (.jsonl .ndjson);
            * Parquet (.parquet), Arrow (.arrow .feather .ipc), arrays (.npz .npy .h5);
            * one of these compressed (.csv.gz, .jsonl.zst);
            * a spreadsheet (.xlsx .xls .ods), its first sheet, or ``book.xlsx#Prices`` for the sheet Prices;
            * an SQLite file (.sqlite .sqlite3 .db), or a database's URL (``postgresql://…``), with a query;
            * a folder with one folder of pictures a class, or one picture;
            * ``-`` for standard input: any of the first three, told by its first bytes;
            * ``sample:NAME``.
        target: the column to predict; it must be there, and becomes the table's `target_name`.
        image_shape: (height, width, channels) to which pictures from files are brought; channels 3 is colour, 1 is
            grey. Arrays of pictures (.npz .npy .h5) keep their own.
        query: of a database: SQL, or the name of a table. None elsewhere, and where an SQLite file has one table.

    Returns:
        A `Table`. Where the source marks its target itself (`target_name`) or holds back a test part (`held_out`), it
        is set.

    Raises:
        InputError: if there is nothing to read, it is damaged or of another kind, or the target is no column.
        MissingPackageError: if an extra package is needed, with the command that installs it.
        OSError: if the file may not be read.

    Example:
        >>> read_table("sample:concrete", target="strength").target_name
        'strength'
    """
    name = str(source)
    if is_url(name):
        table = read_url(name, query)
        name = table.source
    elif query is None or _is_database(Path(name)):
        table = read_sample(name) if name.startswith("sample:") else _read_path(Path(name), image_shape, query)
    else:
        raise InputError(f"query must go with a database. Got one for {name}.")
    if not table.n_rows:
        raise InputError(f"{name} must hold rows. Got {len(table.names)} columns and no row: is it only a header?")
    if not table.names:
        raise InputError(f"{name} must hold columns. Got {table.n_rows:,} rows without any.")
    if target is None:
        return table
    table.require_one(target, "target")
    return replace(table, target_name=target)


def table_of(
    source: Any, target: str | None = None, *, image_shape: ImageShape = (64, 64, 3), query: str | None = None
) -> Table:
    """A table from whatever people hold, or from where they keep it.

    Args:
        source: a path, a database's URL, ``-`` or ``sample:NAME``, which `read_table` reads; or anything that
            `Table.from_any` takes.
        target: as for `read_table`; what is held in memory marks none.
        image_shape: as for `read_table`.
        query: as for `read_table`.

    Raises:
        InputError: for what is no table, or cannot be read.

    Example:
        >>> table_of("sample:concrete").n_rows, table_of({"x": [1, 2]}).n_rows
        (1030, 2)
    """
    if isinstance(source, str | Path):
        return read_table(source, target, image_shape=image_shape, query=query)
    if query is not None:
        raise InputError(f"query must go with a database. Got one for a {type(source).__name__}.")
    return Table.from_any(source)


def _is_database(path: Path) -> bool:
    return path.suffix.lower() in DATABASE_ENDINGS


def _read_path(path: Path, image_shape: ImageShape, query: str | None) -> Table:
    if str(path) == "-":
        return replace(_read_content(STANDARD_INPUT, _standard_input()), source=str(STANDARD_INPUT))
    name, (path, sheet) = path.name, sheet_of(path)
    if not path.exists():
        raise InputError(_not_there(path))
    ending = path.suffix.lower()
    if path.is_dir():
        table = read_folder(path, image_shape)
    elif ending in PICTURE_ENDINGS:
        table = read_picture(path, image_shape)
    else:
        with path.open("rb") as file:
            head = file.read(HEAD)
        if ending in _KNOWN or not ending:
            refuse_another_kind(path, head, ending)
        if ending in DATABASE_ENDINGS:
            table = read_sqlite(path, query)
        elif ending in PACKED_ENDINGS:
            table = _read_packed(path)
        else:
            table = _reader(path, sheet)(path, None)
    return replace(table, source=name)


def _read_packed(path: Path) -> Table:
    """What is in houses.csv.gz is called houses.csv.gz/houses.csv in messages."""
    content, inner = unpacked(path), path / path.stem
    ending = inner.suffix.lower()
    if ending not in _KNOWN:
        return _read_content(path, content, is_unpacked=True)
    refuse_another_kind(inner, content[:HEAD], ending)
    return _reader(inner)(inner, content)


def _read_content(path: Path, content: bytes, *, is_unpacked: bool = False) -> Table:
    """Read bytes of whatever kind they are."""
    if not content:
        raise InputError(f"{path} must hold a table. Got nothing.")
    ending = ending_by_content(content)
    if ending in PACKED_ENDINGS and not is_unpacked:
        return _read_content(path, unpacked(path, content), is_unpacked=True)
    return _reader(path, ending=ending)(path, content)


def _standard_input() -> bytes:
    stream = sys.stdin
    if stream is None or stream.closed or stream.isatty():
        raise InputError(
            "Standard input must hold a table, as the source is '-'. Got a terminal, or nothing: pipe a table in "
            "(gradatim … - < houses.csv), or name a file."
        )
    return stream.buffer.read()


def _reader(
    path: Path, sheet: str | None = None, *, ending: str | None = None
) -> Callable[[Path, bytes | None], Table]:
    """What reads files with this ending, from the path or from their content.

    Raises:
        InputError: for an ending that is not known, and for kinds that can only be read from a file of their own.
    """
    ending = path.suffix.lower() if ending is None else ending
    if ending in SPREADSHEET_ENDINGS:
        return partial(read_spreadsheet, sheet=sheet)
    if ending in _READERS:
        return _READERS[ending]
    if ending in _KNOWN:
        raise InputError(
            f"{path} must be a table that can be piped or compressed. Got {ending}: unpack it, and read that."
        )
    if ending == ".safetensors":
        raise InputError(f"{path} must be a table. Got a model: gradatim predict takes a MODEL and the DATA.")
    got = repr(ending) if ending else "none"
    raise InputError(f"{path} must have an ending that is known: {', '.join(_KNOWN)}. Got {got}.")


def _not_there(path: Path) -> str:
    message = f"{path} must be a file or a folder. Got nothing of that name."
    if str(path) in SAMPLES:
        return message + f" Did you mean 'sample:{path}'?"
    if path.parent.is_dir():
        return message + did_you_mean(path.name, [other.name for other in path.parent.iterdir()])
    return message + f" There is no folder {path.parent} either."


def _read_text(path: Path, content: bytes | None) -> Table:
    return read_delimited(path, path.read_bytes() if content is None else content)


_READERS: dict[str, Callable[[Path, bytes | None], Table]] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".txt": _read_text,
    ".json": read_json,
    ".jsonl": read_json,
    ".ndjson": read_json,
    ".parquet": read_parquet,
    ".arrow": read_arrow,
    ".feather": read_arrow,
    ".ipc": read_arrow,
    ".npz": read_npz,
    ".npy": read_npy,
    ".h5": read_h5,
    ".hdf5": read_h5,
}
_KNOWN = (*_READERS, *SPREADSHEET_ENDINGS, *DATABASE_ENDINGS, *PACKED_ENDINGS, ".png", ".jpg")
