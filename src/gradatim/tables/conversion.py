"""From what people hold in memory to the halves of a table: arrays, sparse matrices, any dataframe, plain lists.

Conventions
-----------
* Unnamed columns are x1, x2, …: the notes count inputs from 1.
* Other libraries' signs for missing (None, NaN, NaT, pandas' NA) become null.
* pandas is read column by column: its own road to Arrow would ask for one more library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from numbers import Number
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl
from scipy import sparse

from gradatim.errors import InputError, ShapeError


class Halves(NamedTuple):
    """What a table is made of.

    Attributes:
        frame: columns of any type.
        block: (m, k) numbers, dense or CSR, or None.
        block_names: (k,) their names.
        n_rows: m.
    """

    frame: pl.DataFrame
    block: Any
    block_names: tuple[str, ...]
    n_rows: int


def halves_of(X: Any, names: Sequence[str] | None = None) -> Halves:
    """The halves of a table, from whatever people hold.

    Args:
        X: a NumPy array (m, n); a SciPy sparse matrix (m, n); a dataframe or series of pandas, Polars, Arrow or any
            other library that narwhals knows; a dictionary of columns; a list of dictionaries or of rows.
        names: (n,) names for columns that have none; x1, x2, … without.

    Raises:
        InputError: for anything else, and for arrays that are not rank 2.
    """
    if sparse.issparse(X):
        return _of_block(sparse.csr_array(X), names)
    if isinstance(X, pl.DataFrame):
        return _of_frame(X)
    if isinstance(X, Mapping):
        return _of_frame(_frame(X.items()))
    if isinstance(X, list | tuple):
        if X and all(isinstance(row, Mapping) for row in X):
            keys = dict.fromkeys(key for row in X for key in row)
            return _of_frame(_frame((key, [row.get(key) for row in X]) for key in keys))
        X = _array_of_rows(X)
    if isinstance(X, np.ndarray):
        return _of_array(X, names)
    return _of_dataframe(X, names)


def as_series(values: Any, name: str = "") -> pl.Series:
    """One column from whatever people hold: a series of any library, an array (m,) or (m, 1), a list.

    Raises:
        ShapeError: for an array of more than one column.
    """
    if isinstance(values, pl.Series):
        return values
    if isinstance(values, np.ndarray):
        if values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        if values.ndim != 1:
            raise ShapeError(f"One column must have shape (m,) or (m, 1). Got {values.shape}.")
        return _series_of_array(name, values)
    if isinstance(values, Iterable) and not hasattr(values, "dtype"):
        return _series_of_objects(name, list(values))
    column = nw.from_native(values, series_only=True, pass_through=True)
    if isinstance(column, nw.Series):
        return _series_of_narwhals(column).rename(column.name or name)
    return _series_of_array(name, np.asarray(values))


def column_names(count: int) -> tuple[str, ...]:
    """Names for columns that have none: x1, x2, x3 and so on."""
    return tuple(f"x{j}" for j in range(1, count + 1))


def refuse_duplicates(names: Iterable[str]) -> None:
    """Refuse names of columns that stand more than once.

    Raises:
        InputError: with those names.
    """
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise InputError(f"Table: names of columns must differ. Got {', '.join(map(repr, twice))} more than once.")


def _of_array(X: np.ndarray, names: Sequence[str] | None) -> Halves:
    if X.ndim != 2:
        rank_1 = " Use .reshape(-1, 1) for one column, .reshape(1, -1) for one row." if X.ndim == 1 else ""
        raise ShapeError(f"X must have rank 2, rows × columns. Got shape {X.shape}.{rank_1}")
    if X.dtype.kind in "buif":
        return _of_block(X, names)
    if X.dtype.kind == "c":
        raise InputError(
            f"X must hold real numbers. Got {X.dtype}. Complex data not supported: take .real, or split each column "
            f"into two."
        )
    return Halves(_frame(zip(_names(X, names), X.T, strict=True)), None, (), len(X))


def _of_block(block: Any, names: Sequence[str] | None) -> Halves:
    return Halves(pl.DataFrame(), block, _names(block, names), block.shape[0])


def _of_frame(frame: pl.DataFrame, n_rows: int | None = None) -> Halves:
    return Halves(frame, None, (), frame.height if n_rows is None else n_rows)


def _names(block: Any, names: Sequence[str] | None) -> tuple[str, ...]:
    if names is not None and len(names) != block.shape[1]:
        raise ShapeError(f"names must be one for each of the {block.shape[1]} columns. Got {len(names)}.")
    return column_names(block.shape[1]) if names is None else tuple(map(str, names))


def _array_of_rows(rows: Sequence[Any]) -> np.ndarray:
    if not rows:
        return np.empty((0, 0))
    try:
        array = np.asarray(rows)
    except ValueError as fault:
        raise ShapeError("X must be rows of equal length. Got rows of different lengths.") from fault
    if array.dtype.kind in "US" and any(not isinstance(value, str) for row in rows for value in row):
        return np.asarray(rows, dtype=object)  # a number beside a text is not itself a text
    return array


def _of_dataframe(X: Any, names: Sequence[str] | None) -> Halves:
    try:
        frame = nw.from_native(X, eager_only=True, allow_series=True)
    except nw.exceptions.DuplicateError:
        refuse_duplicates(map(str, X.columns if nw.dependencies.is_pandas_like_dataframe(X) else X.column_names))
        raise
    except TypeError:
        if not hasattr(X, "__array__"):
            raise InputError(
                f"X must be a table: an array, a sparse matrix, a dataframe, or rows as dictionaries. "
                f"Got {type(X).__name__}."
            ) from None
        return _of_array(np.asarray(X), names)
    if isinstance(frame, nw.Series):
        frame = frame.to_frame()
    if isinstance(frame.to_native(), pl.DataFrame):
        return _of_frame(frame.to_native())
    columns = [_series_of_narwhals(frame.get_column(name)).rename(str(name)) for name in frame.columns]
    return _of_frame(_checked_frame(columns), len(frame))


def _frame(columns: Iterable[tuple[Any, Any]]) -> pl.DataFrame:
    return _checked_frame([as_series(values, str(name)).rename(str(name)) for name, values in columns])


def _checked_frame(columns: list[pl.Series]) -> pl.DataFrame:
    refuse_duplicates(column.name for column in columns)
    lengths = {column.name: len(column) for column in columns}
    if len(set(lengths.values())) > 1:
        raise ShapeError(f"Table: columns must be equally long. Got {lengths}.")
    return pl.DataFrame(columns)


def _series_of_narwhals(column: nw.Series[Any]) -> pl.Series:
    native = column.to_native()
    if isinstance(native, pl.Series):
        return native
    if column.dtype.is_numeric() or column.dtype in (nw.Datetime, nw.Date, nw.Duration):
        values = column.to_numpy()
        if values.dtype.kind in "biufMm":
            return _series_of_array(str(column.name), values)
    return _series_of_objects(str(column.name), column.to_list())


def _series_of_array(name: str, values: np.ndarray) -> pl.Series:
    if values.dtype.kind in "OSU":
        return _series_of_objects(name, values.tolist())
    if values.dtype.kind == "f" and values.dtype.itemsize not in (4, 8):
        values = values.astype(np.float32 if values.dtype.itemsize < 4 else np.float64)
    if values.dtype.kind == "M" and values.dtype != np.dtype("datetime64[D]"):
        values = values.astype("datetime64[us]")
    return pl.Series(name, np.ascontiguousarray(values).astype(values.dtype.newbyteorder("="), copy=False))


def _series_of_objects(name: str, values: list[Any]) -> pl.Series:
    """Texts, numbers or dates where all values agree; texts where they do not."""
    values = [None if _is_missing(value) else value for value in values]
    present = [value for value in values if value is not None]
    if all(isinstance(value, str) for value in present):
        return pl.Series(name, values, dtype=pl.String)
    if all(isinstance(value, bool | np.bool_) for value in present):
        return pl.Series(name, [None if value is None else bool(value) for value in values], dtype=pl.Boolean)
    if all(isinstance(value, Number) and not isinstance(value, bool | np.bool_ | complex) for value in present):
        whole = all(isinstance(value, int | np.integer) and abs(int(value)) < 2**63 for value in present)
        read, dtype = (int, pl.Int64()) if whole else (float, pl.Float64())
        return pl.Series(name, [None if value is None else read(value) for value in values], dtype=dtype)
    if all(hasattr(value, "year") or hasattr(value, "hour") for value in present):
        return pl.Series(name, values)
    texts = [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in present]
    remaining = iter(texts)
    return pl.Series(name, [None if value is None else next(remaining) for value in values], dtype=pl.String)


def _is_missing(value: Any) -> bool:
    if value is None or isinstance(value, str | bytes):
        return value is None
    try:
        return bool(value != value)  # NaN and NaT differ from themselves
    except (TypeError, ValueError):
        return True  # pandas' NA has no truth
