"""The library that arrays come from: NumPy, or PyTorch, JAX and others that speak the array API standard.

A graph stays in the library of its variables, values and derivatives alike. No library is named here or loaded: arrays
are asked for their own (`array_api_compat`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj

from gradatim.errors import InputError

Array = Any
"""An array of any library; where there are only plain numbers, NumPy's."""


def is_foreign(a: Any) -> bool:
    """Whether this is an array of a library other than NumPy."""
    return not isinstance(a, np.ndarray | np.generic | float | int) and is_array_api_obj(a)


def library_of(*arrays: Any) -> Any:
    """The namespace of the arrays among these; NumPy where there are only NumPy's and plain numbers.

    Example:
        >>> library_of(2.0, [1.0]).__name__
        'numpy'
    """
    foreign = [a for a in arrays if is_foreign(a)]
    return array_namespace(*foreign) if foreign else np  # NumPy itself speaks the standard since version 2


def beside(a: Any, array: Array, dtype: Any = None) -> Array:
    """The numbers of a, in the library and on the device of an array."""
    return library_of(array).asarray(a, dtype=dtype, device=device(array))


def alike(*inputs: Any) -> tuple[Any, tuple[Any, ...]]:
    """The library of the inputs, and the inputs; beside another library's array, Python's numbers as arrays like it.

    NumPy's functions take Python's numbers as they are.
    """
    xp = library_of(*inputs)
    if xp is np:
        return xp, inputs
    one = next(a for a in inputs if is_foreign(a))
    return xp, tuple(a if is_foreign(a) else beside(a, one, one.dtype) for a in inputs)


def numbers_in(numbers: Any, who: str, dtype: Any = None) -> Array:
    """Anything made of numbers as an array of real or complex numbers; whole numbers and booleans become float64.

    Args:
        numbers: an array of any library, which stays there, or what NumPy makes an array of.
        who: is asking; the beginning of the error.
        dtype: for what is no array yet.

    Raises:
        InputError: if it is not made of numbers.
    """
    if is_foreign(numbers):
        return _floating(numbers, who)
    try:
        array = np.asarray(numbers, dtype=dtype)
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        raise InputError(f"{who} must be a number or an array of numbers. NumPy says: {error}") from error
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind not in "fc":
        raise InputError(
            f"{who} must be a number or an array of numbers. Got {type(numbers).__name__} ({array.dtype})."
        )
    return array


def _floating(array: Array, who: str) -> Array:
    xp = library_of(array)
    if xp.isdtype(array.dtype, ("real floating", "complex floating")):
        return array
    if xp.isdtype(array.dtype, ("bool", "integral")):
        return xp.astype(array, xp.float64)
    raise InputError(f"{who} must be an array of numbers. Got {array.dtype}.")


def refuse_mixed(inputs: Iterable[Array]) -> None:
    """Raise an InputError if there are arrays of several libraries among the inputs."""
    libraries = {library_of(a).__name__.removeprefix("array_api_compat.") for a in inputs}
    if len(libraries) > 1:
        raise InputError(
            f"An operation: its inputs must be arrays of one library. Got {' and '.join(sorted(libraries))}. "
            "Make all variables from arrays of the same library."
        )


def copied(array: Array) -> Array:
    """A copy, in the same library."""
    return library_of(array).asarray(array, copy=True)
