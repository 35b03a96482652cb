"""Files of every kind that can be read: strange ones, and damaged ones. Each is made anew from its number alone."""

from __future__ import annotations

import datetime as dt
import gzip
import random
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tests.acceptance.fuzzed_texts import NAMES, TOKENS, delimited, json_lines, json_text

LARGEST = 10_000_000
BYTES = (
    b"",
    b"\0",
    b"\xff" * 8,
    b"\x7f\xff\xff\xff",
    b"\0\0\0\x80",
    b"{",
    b'"',
    b"\n",
    b",",
    b"9" * 400,
    b"\xef\xbb\xbf",
)
ENDINGS = (
    *(".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet", ".arrow", ".feather", ".ipc", ".npy", ".npz", ".h5"),
    *(".png", ".jpg", ".xlsx", ".sqlite", ".db", ".gz", ".zst", ".csv.gz", ".json.zst", ""),
)


def fuzzed_file(seed: int, number: int) -> tuple[str, bytes]:
    """The ending and the content of one file.

    Args:
        seed: of all files.
        number: of this one.
    """
    draw = random.Random(f"{seed}-{number}")
    kind = draw.choice(list(_KINDS))
    ending, content = _KINDS[kind](draw)
    if draw.random() < 0.4:
        content = damaged(content, draw)
    if draw.random() < 0.1:
        ending = draw.choice(ENDINGS)
    return ending, content


def damaged(content: bytes, draw: random.Random) -> bytes:
    """Cut, overwritten, doubled, or with a few bits turned."""
    for _ in range(draw.choice((1, 1, 2, 5, 30))):
        start = draw.randrange(len(content) + 1)
        end = min(len(content), start + draw.choice((0, 1, 4, 8, 100)))
        how = draw.randrange(6)
        if how == 0:
            content = content[:start]
        elif how == 1:
            content = content[:start] + draw.choice(BYTES) + content[end:]
        elif how == 2:
            content = content[:end] + content[start:end] * draw.choice((1, 2, 300)) + content[end:]
        elif how == 3:
            content = content[:start] + draw.randbytes(end - start) + content[end:]
        elif how == 4 and start < len(content):
            content = content[:start] + bytes([content[start] ^ (1 << draw.randrange(8))]) + content[start + 1 :]
        else:
            put = draw.choice((0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**64 - 1))
            content = content[:start] + put.to_bytes(8, "little")[: draw.choice((2, 4, 8))] + content[start + 4 :]
    return content[:LARGEST]


# --- arrays ----------------------------------------------------------------------------------------------------------


def _array(draw: random.Random) -> np.ndarray:
    rng = np.random.default_rng(draw.randrange(2**32))
    shape = draw.choice(
        ((30,), (30, 1), (30, 4), (4, 30), (0,), (0, 3), (3, 0), (), (1,), (9, 5, 4), (9, 5, 4, 3), (2,) * 6)
    )
    kind = draw.choice(
        ("float", "int", "uint8", "bool", "text", "time", "complex", "object", "record", "half", "bytes")
    )
    base = rng.integers(0, draw.choice((2, 3, 300)), shape)
    if kind == "float":
        found = rng.normal(size=shape)
        if found.size and draw.random() < 0.3:
            found[rng.random(shape) < 0.3] = draw.choice((np.nan, np.inf, 1e300, -0.0))
        return found
    with np.errstate(all="ignore"):
        if kind == "time":
            return base.astype(draw.choice(("M8[D]", "M8[ns]", "m8[s]", "M8[Y]", "M8")))
        if kind == "record":
            return np.zeros(shape, dtype=[("a", "f8"), ("b", "U3")])
        types = {
            "uint8": "u1",
            "bool": "?",
            "text": "U4",
            "complex": "c16",
            "object": "O",
            "half": ">f2",
            "bytes": "S4",
        }
        return base.astype(types.get(kind, draw.choice(("i8", ">i4", "u8", "f4", "g"))))


def _npy(draw: random.Random) -> tuple[str, bytes]:
    return ".npy", _written(np.save, _array(draw), allow_pickle=True)


def _npz(draw: random.Random) -> tuple[str, bytes]:
    names = (
        "X",
        "y",
        "X_train",
        "y_train",
        "X_test",
        "y_test",
        "x_train",
        "class_names",
        "classes",
        "z",
        "data",
        "labels",
    )
    arrays = {name: _array(draw) for name in draw.sample(names, draw.randrange(0, 5))}
    write = draw.choice((np.savez, np.savez_compressed))
    return ".npz", _written(write, **arrays)


def _h5(draw: random.Random) -> tuple[str, bytes]:
    import h5py

    content = BytesIO()
    with h5py.File(content, "w") as file:
        for name in draw.sample(
            ("X", "y", "train_set_x", "train_set_y", "test_set_x", "test_set_y", "list_classes", "g/h"), 3
        ):
            with suppress(TypeError, ValueError):  # dates and Unicode arrays have no place in HDF5
                file.create_dataset(name, data=_array(draw), compression=draw.choice((None, "gzip")))
        if draw.random() < 0.2:
            file["link"] = draw.choice((h5py.SoftLink("/nowhere"), h5py.ExternalLink("no.h5", "/x")))
        if draw.random() < 0.2:
            file.create_dataset("huge", shape=(2**40,), dtype="f8", chunks=(1024,))
        if draw.random() < 0.2:
            file["texts"] = ["a", "é", ""] * 3
    return ".h5", content.getvalue()


# --- frames ----------------------------------------------------------------------------------------------------------


def _series(draw: random.Random, name: str, rows: int) -> pl.Series:
    some: dict[Any, tuple[Any, ...]] = {
        pl.Float64: (1.5, 2.0, None, float("nan"), float("inf"), 1e300),
        pl.Float32: (1.5, None, 3e38),
        pl.Int64: (1, 2, 3, None, 2**62),
        pl.UInt8: (1, 2, 255),
        pl.Int128: (1, 2**100, None),
        pl.Boolean: (True, False, None),
        pl.String: (*draw.sample(TOKENS, 4), None),
        pl.Binary: (b"a", b"\xff", None),
        pl.Categorical: ("a", "b", None),
        pl.Enum(["a", "b"]): ("a", "b", None),
        pl.Date: (dt.date(2024, 2, 29), dt.date(1, 1, 1), dt.date(9999, 12, 31), None),
        pl.Datetime("ns", "Europe/Rome"): (dt.datetime(2024, 2, 29, 10, tzinfo=dt.UTC), None),
        pl.Datetime: (dt.datetime(1850, 2, 1, 10), dt.datetime(9999, 12, 31), None),
        pl.Time: (dt.time(10, 30), dt.time(23, 59, 59), None),
        pl.Duration: (dt.timedelta(days=3), dt.timedelta(seconds=-1), None),
        pl.Decimal(20, 3): (Decimal("1.5"), Decimal("-99999999.125"), None),
        pl.List(pl.Int64): ([1, 2], [], None),
        pl.Array(pl.Float64, 2): ([1.0, 2.0], None),
        pl.Struct({"a": pl.Int64}): ({"a": 1}, {"a": None}),
        pl.Null: (None,),
    }
    dtype = draw.choice(list(some))
    few = draw.choice((some[dtype], some[dtype][:1], some[dtype][:2]))
    return pl.Series(name, [draw.choice(few) for _ in range(rows)], dtype=dtype, strict=False)


def _frame(draw: random.Random) -> pl.DataFrame:
    rows = draw.choice((0, 1, 30, 100))
    return pl.DataFrame([_series(draw, name, rows) for name in draw.sample(NAMES, draw.randrange(1, 6))])


def _columnar(draw: random.Random) -> tuple[str, bytes]:
    frame, kind = _frame(draw), draw.choice((".parquet", ".arrow", ".ipc", ".feather"))
    for leave_out in ((), (pl.Int128, pl.Object), (pl.Int128, pl.Null, pl.Array, pl.Enum, pl.Struct)):
        kept = frame.select(column for column in frame if column.dtype.base_type() not in leave_out)
        with suppress(Exception):  # what a format cannot hold is left out of it
            if kind == ".parquet":
                packing = draw.choice(("zstd", "uncompressed", "snappy", "gzip", "lz4"))
                return kind, _written(kept.write_parquet, compression=packing)
            write = kept.write_ipc_stream if kind == ".ipc" else kept.write_ipc
            return kind, _written(write, compression=draw.choice(("uncompressed", "lz4", "zstd")))
    return ".csv", b"x\n1\n"


def _workbook(draw: random.Random) -> tuple[str, bytes]:
    import xlsxwriter

    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "nan_inf_to_errors": True})
    book.set_properties({"created": dt.datetime(2024, 2, 29)})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for _ in range(draw.choice((1, 1, 3))):
        sheet = book.add_worksheet()
        few = [*draw.sample(TOKENS, 4), 1, 2.5, -1e300, True, dt.date(2024, 2, 29), float("nan"), None]
        for row in range(draw.choice((0, 1, 30))):
            for column in range(draw.randrange(1, 4)):
                with suppress(Exception):  # texts that are formulas or links to it
                    value = draw.choice(few)
                    sheet.write(row, column, value, day if isinstance(value, dt.date) else None)
    book.close()
    whole = content.getvalue()
    return draw.choice((".xlsx", ".xlsx", ".ods", ".xls")), _rezipped(whole, draw) if draw.random() < 0.4 else whole


def _rezipped(whole: bytes, draw: random.Random) -> bytes:
    """The parts damaged within a packet that is whole."""
    content = BytesIO()
    with zipfile.ZipFile(BytesIO(whole)) as packed, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as again:
        for part in packed.namelist():
            inner = packed.read(part)
            again.writestr(part, damaged(inner, draw) if draw.random() < 0.3 else inner)
    return content.getvalue()


# --- the others ------------------------------------------------------------------------------------------------------


def _database(draw: random.Random) -> tuple[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.db"
        with closing(sqlite3.connect(path)) as database:
            for table in range(draw.choice((1, 1, 1, 0, 2))):
                kind = draw.choice(("", "REAL", "INTEGER", "TEXT", "DATE"))
                database.execute(f"CREATE TABLE t{table} (x {kind}, y, k)")
                few = [1, 2.5, None, b"\xff\0", 2**62, float("inf"), *draw.sample(TOKENS, 4)]
                rows = [[draw.choice(few) for _ in range(3)] for _ in range(draw.choice((0, 30, 300)))]
                database.executemany(f"INSERT INTO t{table} VALUES (?, ?, ?)", rows)
            database.commit()
        return draw.choice((".sqlite", ".db")), path.read_bytes()


def _picture(draw: random.Random) -> tuple[str, bytes]:
    from PIL import Image

    mode = draw.choice(("RGB", "L", "RGBA", "P", "1", "I;16", "LA", "CMYK"))
    picture = Image.new(mode, draw.choice(((1, 1), (30, 20), (3000, 1))))
    ending, kind = draw.choice(((".png", "PNG"), (".jpg", "JPEG"), (".png", "GIF"), (".png", "BMP"), (".png", "TIFF")))
    content = BytesIO()
    try:
        picture.save(content, kind)
    except (OSError, KeyError, ValueError):  # no such mode in this kind
        Image.new("RGB", (4, 4)).save(content := BytesIO(), "PNG")
        ending = ".png"
    return ending, content.getvalue()


def _packed(draw: random.Random) -> tuple[str, bytes]:
    inner, content = _KINDS[draw.choice([kind for kind in _KINDS if kind != "packed"])](draw)
    if draw.random() < 0.3:
        content = damaged(content, draw)
    if draw.random() < 0.02:
        content = b"0" * 100_000_000
    if draw.random() < 0.5:
        return inner + ".gz", gzip.compress(content, 1, mtime=0)
    try:
        from compression import zstd  # type: ignore[import-not-found]  # from Python 3.14 on
    except ImportError:
        from backports import zstd
    return inner + ".zst", zstd.compress(content)


def _junk(draw: random.Random) -> tuple[str, bytes]:
    return draw.choice(ENDINGS), draw.randbytes(draw.choice((0, 1, 10, 1000, 100_000)))


def _written(write: Callable[..., Any], *rest: Any, **named: Any) -> bytes:
    content = BytesIO()
    write(content, *rest, **named)
    return content.getvalue()


_KINDS: dict[str, Callable[[random.Random], tuple[str, bytes]]] = {
    "delimited": delimited,
    "more delimited": delimited,
    "json": json_text,
    "json lines": json_lines,
    "npy": _npy,
    "npz": _npz,
    "h5": _h5,
    "columnar": _columnar,
    "more columnar": _columnar,
    "workbook": _workbook,
    "database": _database,
    "picture": _picture,
    "packed": _packed,
    "junk": _junk,
}
