"""How many threads matrix products may use while a network trains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = Lock()
_held: list[int] = []  # the limits of those who hold the pools now
_found: list[Any] = []  # what the first of them found


@contextmanager
def blas_threads(n_threads: int | None) -> Iterator[None]:
    """Hold every BLAS pool of the process at `n_threads`, and give them back afterwards.

    NumPy and SciPy carry a pool each. With more threads than cores between them they wait for one another by spinning,
    and a small product that takes half a millisecond takes a hundred. None therefore means 1.

    Pools belong to the whole process. Where several of its threads hold them, the last one to leave gives them back:
    if each put back what it had found, one might put back another's limit, for good.

    Example:
        >>> with blas_threads(1):
        ...     pass
    """
    limit = n_threads or 1
    with _lock:
        limiter = _limited(limit)
        if not _held:
            _found[:] = [limiter]
        _held.append(limit)
    try:
        yield
    finally:
        with _lock:
            _held.remove(limit)
            if _held:
                _limited(_held[-1])
            else:
                _found[0].restore_original_limits()


def _limited(limit: int) -> Any:
    return _pools().limit(limits=limit, user_api="blas")


def allowed_threads() -> int:
    """How many threads BLAS may use now: ``OPENBLAS_NUM_THREADS``, joblib's workers and `blas_threads` have a say.

    Example:
        >>> with blas_threads(1):
        ...     allowed_threads()
        1
    """
    return max((pool["num_threads"] for pool in _pools().info() if pool["user_api"] == "blas"), default=1)


@cache
def _pools() -> ThreadpoolController:
    """Found once: looking through all libraries of the process takes longer than an epoch of a small network."""
    import scipy.linalg  # noqa: F401  loads SciPy's BLAS, so that the controller sees it

    return ThreadpoolController()
