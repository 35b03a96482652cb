"""Work on several parts of a table at once, with as many threads as Polars has (``POLARS_MAX_THREADS``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

CELLS_AT_ONCE = 1_000_000
"""Cells of a part: 8 MB of float64 in each thread. Smaller parts would stay in the cache, but each part of a frame
costs Polars a look at every column."""

FEWEST_ROWS = 200
"""Rows of a part at least, for the same reason."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def each(function: Callable[[Part], Result], parts: Iterable[Part]) -> list[Result]:
    """``[function(part) for part in parts]``, in this order, for functions that spend their time in NumPy or Polars.

    Raises:
        Exception: the first that the function raised.

    Example:
        >>> each(abs, [-1, 2, -3])
        [1, 2, 3]
    """
    parts = list(parts)
    threads = min(pl.thread_pool_size(), len(parts))
    if threads < 2:
        return [function(part) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, parts))


def parts_of_rows(rows: int, columns: int) -> list[slice]:
    """So many rows in parts of `CELLS_AT_ONCE`.

    Example:
        >>> parts_of_rows(300, 10_000)
        [slice(0, 200, None), slice(200, 300, None)]
    """
    most = max(FEWEST_ROWS, CELLS_AT_ONCE // max(1, columns))
    return [slice(start, min(start + most, rows)) for start in range(0, rows, most)]
