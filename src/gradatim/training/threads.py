"""How many threads matrix products may use while a network trains."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def blas_threads(n_threads: int | None) -> AbstractContextManager[object]:
    """Hold every BLAS pool of the process at `n_threads`, and give them back afterwards.

    NumPy and SciPy carry a pool each. With more threads than cores between them they wait for one another by spinning,
    and a small product that takes half a millisecond takes a hundred. None therefore means 1.

    Example:
        >>> with blas_threads(1):
        ...     pass
    """
    pools: AbstractContextManager[object] = _pools().limit(limits=n_threads or 1, user_api="blas")
    return pools


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
