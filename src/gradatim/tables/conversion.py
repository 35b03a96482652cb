"""From what people hold in memory to the halves of a table: arrays, sparse matrices, any dataframe, plain lists.

Conventions
-----------
* Unnamed columns are x1, x2, …: the notes count inputs from 1.
* Other libraries' signs for missing (None, NaN, NaT, pandas' NA) become null.
* Lists, objects and arrays within a column stay, as lists of texts. The network cannot read them, and the kinds of
  columns say so.
* Moments keep the zone they are in. If that is only an offset (+02:00), or one that Polars does not know, they are
  brought to UTC, as texts with offsets are.
* pandas is read column by column: its own road to Arrow would ask for one more library.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl
from scipy import sparse

from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import is_missing
from gradatim.tables.dates import UTC, is_zone, zone_of

INT64 = range(-(2**63), 2**63)

_NEVER_MISSING = {str, bytes, bool, int, list, tuple, dict}
_NESTED = (list, dict, tuple, np.ndarray)
_TEMPORAL = (datetime, date, time, timedelta)  # in this order: a datetime is a date as well
_WRITTEN = 10**100


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
    refuse_lazy(X, "X")
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
        InputError: for a lazy frame.
    """
    refuse_lazy(values, name or "A column")
    if isinstance(values, pl.Series):
        return values
    if isinstance(values, np.ndarray):
        if values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        if values.ndim != 1:
            raise ShapeError(f"One column must have shape (m,) or (m, 1). Got {values.shape}.")
        return _series_of_array(name, values)
    if isinstance(values, Iterable) and not hasattr(values, "dtype"):
        return series_of_values(name, list(values))
    column = nw.from_native(values, series_only=True, pass_through=True)
    if isinstance(column, nw.Series):
        return _series_of_narwhals(column).rename(column.name or name)
    return _series_of_array(name, np.asarray(values))


def refuse_lazy(values: Any, who: str) -> None:
    """Refuse a frame that is yet to be computed: Polars and narwhals call it lazy.

    Raises:
        InputError: with what computes it.
    """
    if isinstance(values, pl.LazyFrame | nw.LazyFrame):
        raise InputError(
            f"{who} must hold values. Got a LazyFrame, which is only a plan of them: call .collect() first."
        )


def within_64_bits(frame: pl.DataFrame) -> pl.DataFrame:
    """Whole numbers of 128 bits as such of 64, or, where they are too long, as texts that keep every digit."""
    long = [column for column in frame if str(column.dtype) in ("Int128", "UInt128")]
    short = [column.cast(pl.Int64, strict=False) for column in long]
    return frame.with_columns(
        few if few.null_count() == column.null_count() else column.cast(pl.String)
        for few, column in zip(short, long, strict=True)
    )


def in_doubles(X: np.ndarray) -> np.ndarray:
    """Fractions of more than 64 bits as such of 64: beyond their range they are infinite."""
    if X.dtype.kind != "f" or X.dtype.itemsize <= 8:
        return X
    with np.errstate(over="ignore", invalid="ignore"):
        return X.astype(np.float64)


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
        return _of_block(in_doubles(X), names)
    if X.dtype.kind == "c":
        raise InputError(
            f"X must hold real numbers. Got {X.dtype}. Complex data not supported: take .real, or split each column "
            f"into two."
        )
    return Halves(_frame(zip(_names(X, names), X.T, strict=True)), None, (), len(X))


def _of_block(block: Any, names: Sequence[str] | None) -> Halves:
    return Halves(pl.DataFrame(), block, _names(block, names), block.shape[0])


def _of_frame(frame: pl.DataFrame, n_rows: int | None = None) -> Halves:
    return Halves(within_64_bits(frame), None, (), frame.height if n_rows is None else n_rows)


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
            return _in_its_zone(_series_of_array(str(column.name), values), column.dtype)
    return series_of_values(str(column.name), column.to_list())


def _in_its_zone(series: pl.Series, dtype: nw.dtypes.DType) -> pl.Series:
    """Moments that came as numbers, and so in UTC, in the zone of the column they came from."""
    zone = dtype.time_zone if isinstance(dtype, nw.Datetime) else None
    if zone is None:
        return series
    return series.dt.replace_time_zone(UTC).dt.convert_time_zone(zone if is_zone(zone) else UTC)


def _series_of_array(name: str, values: np.ndarray) -> pl.Series:
    if values.dtype.kind in "OSU":
        return series_of_values(name, values.tolist())
    values = in_doubles(values)
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    if values.dtype.kind == "M" and values.dtype != np.dtype("datetime64[D]"):
        values = values.astype("datetime64[us]")
    return pl.Series(name, np.ascontiguousarray(values).astype(values.dtype.newbyteorder("="), copy=False))


def series_of_values(name: str, values: Sequence[Any]) -> pl.Series:
    """Truth values, numbers, texts, dates or lists where all values agree; texts where they do not.

    Args:
        name: of the column.
        values: (m,) Python values. Missing ones (see `gradatim.formulas.arrays.is_missing`) become null.

    Example:
        >>> series_of_values("x", [1, 2.5, None]).to_list(), series_of_values("x", [True, 2]).to_list()
        ([1.0, 2.5, None], ['true', '2'])
        >>> series_of_values("x", [[1, 2], {"a": 1}]).to_list()
        [['1', '2'], ['{"a": 1}']]
    """
    types = set(map(type, values)) - {type(None)}
    if not (types <= _NEVER_MISSING or types <= {int, float}):
        values = [None if is_missing(value) else value for value in values]
        types = set(map(type, values)) - {type(None)}
    if all(issubclass(kind, str) for kind in types):
        return _series_of_texts(name, values)
    if types <= {bool, np.bool_}:
        return pl.Series(name, [None if value is None else bool(value) for value in values], dtype=pl.Boolean)
    if all(issubclass(kind, Real | Decimal) for kind in types) and bool not in types:
        return _series_of_numbers(name, values, types)
    if any(issubclass(kind, _NESTED) for kind in types):
        lists = [None if value is None else _texts_in(value) for value in values]
        return pl.Series(name, lists, dtype=pl.List(pl.String))
    families = {next((kind for kind in _TEMPORAL if issubclass(own, kind)), None) for own in types}
    if len(families) == 1 and None not in families:
        try:
            series = pl.Series(name, values)
            # Polars takes the zone of the first value. If that has none, it brings the others to UTC and drops theirs.
            lost = families == {datetime} and not zone_of(series) and any(value and value.tzinfo for value in values)
            return series.dt.replace_time_zone(UTC) if lost else series
        except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
            pass  # a mixture of time zones: as texts
    return _series_of_texts(name, [None if value is None else text_of(value) for value in values])


def whole_text(text: str) -> str:
    """A text with a question mark for each half of a character, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def text_of(value: Any) -> str:
    """One value as a text: what JSON writes for truth values, lists and objects, Python's own text for others."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > _WRITTEN:
        return repr(_float(value))  # Python refuses to write very long numbers
    if isinstance(value, list | dict | tuple):
        try:
            return json.dumps(value, ensure_ascii=False, default=str)
        except (TypeError, ValueError, RecursionError):
            return "…"  # of no use to the network either way
    return str(value)


def _series_of_texts(name: str, texts: Sequence[str | None]) -> pl.Series:
    try:
        return pl.Series(name, texts, dtype=pl.String)
    except UnicodeEncodeError:  # half a character, such as JSON's "\ud800"
        return pl.Series(name, [None if text is None else whole_text(text) for text in texts], dtype=pl.String)


def _series_of_numbers(name: str, values: Sequence[Any], types: set[type]) -> pl.Series:
    if all(issubclass(kind, Integral) for kind in types):
        whole = [None if value is None else int(value) for value in values]
        if all(value is None or value in INT64 for value in whole):
            return pl.Series(name, whole, dtype=pl.Int64)
    if types != {float}:
        values = [None if value is None else _float(value) for value in values]
    return pl.Series(name, values, dtype=pl.Float64).fill_nan(None)


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _texts_in(value: Any) -> list[str | None]:
    values = value.tolist() if isinstance(value, np.ndarray) else value
    values = values if isinstance(values, list | tuple) else [values]
    return [None if inner is None else whole_text(text_of(inner)) for inner in values]
