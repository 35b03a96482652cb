"""Work on several parts of a table at once, with as many threads as Polars has (``POLARS_MAX_THREADS``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

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
