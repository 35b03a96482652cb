"""The array at the bottom of every formula: NumPy's, or any other that speaks the array API standard.

The formulas and the textbook engine ask an array for its own namespace (`xp`) and never name a library, so the same
lines run on NumPy, PyTorch, JAX and CuPy arrays.
"""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace as namespace

Array = Any
"""An array of any library. There is no common type to name: the standard defines behaviour, not a class."""

__all__ = ["Array", "as_slice", "is_missing", "namespace"]


def is_missing(value: Any) -> bool:
    """Whether one value says that there is none: None, NaN, NaT, or pandas' NA; nothing else does.

    Example:
        >>> [is_missing(value) for value in (None, float("nan"), "", 0)]
        [True, True, False, False]
    """
    if value is None or isinstance(value, str | bytes):
        return value is None
    try:
        differs = value != value  # NaN and NaT differ from themselves
    except ArithmeticError:
        return True  # Decimal's signalling NaN refuses to be compared
    except Exception:
        return False
    if type(differs).__name__ == "NAType":  # of pandas, which may not be installed
        return type(value).__name__ == "NAType"
    return type(differs).__name__ in ("bool", "bool_") and bool(differs)


def as_slice(rows: Array) -> slice | None:
    """Numbers of rows that follow one another, as a slice, which takes them without a copy; None for any others.

    Example:
        >>> import numpy as np
        >>> as_slice(np.array([3, 4, 5])), as_slice(np.array([3, 5]))
        (slice(3, 6, None), None)
    """
    count = len(rows)
    if not count or rows[0] < 0 or rows[-1] - rows[0] != count - 1 or not bool((rows[1:] - rows[:-1] == 1).all()):
        return None
    return slice(int(rows[0]), int(rows[0]) + count)
