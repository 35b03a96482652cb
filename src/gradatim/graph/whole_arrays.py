"""Operations on whole arrays: products of matrices, sums and their like, numbers that only move.

For each its value and, beside it, how a derivative passes back through it. The conventions are those of
`gradatim.graph.operations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from operator import index
from typing import Any

import numpy as np

from gradatim.drawing import as_numpy
from gradatim.errors import InputError, ShapeError, mend_of_shape
from gradatim.graph.libraries import Array, beside, is_foreign, library_of
from gradatim.graph.number_by_number import exp, where
from gradatim.graph.operation import Axes, Numbers, Operation


def _matmul(A: Array, B: Array) -> Array:
    for letter, M in (("A", A), ("B", B)):
        shape = tuple(np.shape(M))
        if len(shape) < 2:
            must = (1, prod(shape)) if letter == "A" else (prod(shape), 1)
            mend = mend_of_shape(letter, shape, must)
            raise ShapeError(f"matmul: {letter} must be a matrix (two axes or more). Got shape {shape}.{mend}")
    if np.shape(A)[-1] != np.shape(B)[-2]:
        raise ShapeError(
            "matmul: A must have as many columns as B has rows. "
            f"Got A {tuple(np.shape(A))} and B {tuple(np.shape(B))}. "
            "If one of them lies on its side, use .T; for a product number by number, use *."
        )
    return library_of(A, B).matmul(A, B)


def _flip(A: Numbers) -> Numbers:
    """Rows for columns, in each matrix of a stack."""
    return transpose(A, (*range(A.ndim - 2), A.ndim - 1, A.ndim - 2))


def _positions(index: Any, shape: tuple[int, ...]) -> Any:
    """Where the indexed numbers lie in the array when it is read row by row, in the shape of a[index]."""
    parts = index if isinstance(index, tuple) else (index,)
    return np.arange(prod(shape)).reshape(shape)[tuple(as_numpy(part) if is_foreign(part) else part for part in parts)]


def _index(a: Array, index: Any) -> Array:
    if not is_foreign(a):
        return a[index]
    # By positions, since the standard and PyTorch know neither steps backwards nor lists of rows beside slices.
    positions = _positions(index, tuple(a.shape))
    xp = library_of(a)
    return xp.reshape(xp.take(xp.reshape(a, (-1,)), beside(positions.ravel(), a), axis=0), positions.shape)


def _scatter(a: Array, index: Any, shape: tuple[int, ...]) -> Array:
    if not is_foreign(a):
        out = np.zeros(shape, dtype=a.dtype)
        # Not out[index] += a: where an index comes twice, that would count it once.
        np.add.at(out, index, a)
        return out
    # The standard has nothing like np.add.at. For each place, look up the number that goes there, or the 0 at the end;
    # where a place comes several times, do so several times.
    xp = library_of(a)
    positions = _positions(index, shape).ravel()
    numbers = xp.concat([xp.reshape(a, (-1,)), xp.zeros(1, dtype=a.dtype, device=a.device)])
    total = xp.zeros(prod(shape), dtype=a.dtype, device=a.device)
    left = np.arange(positions.size)
    while left.size:
        places, first = np.unique(positions[left], return_index=True)
        source = np.full(prod(shape), positions.size)
        source[places] = left[first]
        total = total + xp.take(numbers, beside(source, a), axis=0)
        left = np.delete(left, first)
    return xp.reshape(total, shape)


def _axes(shape: tuple[int, ...], axis: Axes) -> tuple[int, ...]:
    """The axes that are meant, counted from 0."""
    return tuple(range(len(shape))) if axis is None else tuple(int(i) % len(shape) for i in np.atleast_1d(axis))


def _spread(G: Numbers, shape: tuple[int, ...], axis: Axes) -> Numbers:
    """G, repeated along the axes that a sum took away."""
    axes = _axes(shape, axis)
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return WHOLE_ARRAYS["broadcast"](reshape(G, kept), shape=shape)


def _count(shape: tuple[int, ...], axis: Axes) -> int:
    return prod(shape[i] for i in _axes(shape, axis))


def _is_largest(a: Numbers, top: Numbers, axis: Axes) -> Array:
    """Where the largest along the axes stands, the first of equals; a NaN is larger than all, as it is in the value."""
    holds = (a == top) | (a != a)
    xp, shape = library_of(holds), tuple(holds.shape)
    axes = _axes(shape, axis)
    order = (*(i for i in range(len(shape)) if i not in axes), *axes)
    moved = xp.permute_dims(holds, order)
    rows = xp.astype(xp.reshape(moved, (-1, _count(shape, axis))), xp.int64)
    places = beside(np.arange(rows.shape[1]), rows)
    first = xp.reshape(places[None, :] == xp.argmax(rows, axis=1)[:, None], moved.shape)
    return xp.permute_dims(first, _inverse(order))


def _inverse(order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argsort(order))


def _logsumexp(a: Array, axis: Axes, keepdims: bool) -> Array:
    xp = library_of(a)
    top = xp.max(a, axis=axis, keepdims=True)
    total = top + xp.log(xp.sum(xp.exp(a - top), axis=axis, keepdims=True))
    return total if keepdims else xp.reshape(total, xp.sum(a, axis=axis).shape)


def _piece(i: int, G: Numbers, y: Numbers, *parts: Numbers, axis: int) -> Numbers:
    """The part of G that lies where part i lies in y = concatenate(parts)."""
    start = int(np.sum([part.shape[axis] for part in parts[:i]], dtype=int))
    index = [slice(None)] * y.ndim
    index[axis] = slice(start, start + parts[i].shape[axis])
    return G[tuple(index)]


WHOLE_ARRAYS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        # Matrices.
        Operation(
            "matmul",
            "{a} {b}",
            slopes=("{G} {b}ᵀ", "{a}ᵀ {G}"),
            value=_matmul,
            back=(lambda G, Y, A, B: G @ _flip(B), lambda G, Y, A, B: _flip(A) @ G),
            shapes="must be (…, n, k) and (…, k, m)",
        ),
        Operation(
            "transpose",
            "{a}ᵀ",
            slopes=("({G})ᵀ",),
            value=lambda A, axes: library_of(A).permute_dims(A, axes),
            back=(lambda G, Y, A, axes: transpose(G, _inverse(axes)),),
            shapes="must have one axis for each number in axes",
        ),
        # From many numbers to few, and the way back: what was summed is repeated, what was repeated is summed.
        Operation(
            "sum",
            "Σ {a}",
            slopes=("{G}, repeated for each number that was summed",),
            value=lambda a, axis, keepdims: library_of(a).sum(a, axis=axis, keepdims=keepdims),
            back=(lambda G, y, a, axis, keepdims: _spread(G, a.shape, axis),),
            shapes="must have the axis that is summed over",
        ),
        Operation(
            "mean",
            "mean {a}",
            slopes=("{G} / m, repeated for each of the m numbers",),
            value=lambda a, axis, keepdims: library_of(a).mean(a, axis=axis, keepdims=keepdims),
            back=(lambda G, y, a, axis, keepdims: _spread(G / _count(a.shape, axis), a.shape, axis),),
            shapes="must have the axis that is averaged over",
        ),
        Operation(
            "max",
            "max {a}",
            slopes=("{G} where {a} is the largest, 0 elsewhere",),
            value=lambda a, axis, keepdims: library_of(a).max(a, axis=axis, keepdims=keepdims),
            back=(
                lambda G, y, a, axis, keepdims: where(
                    _is_largest(a, _spread(y, a.shape, axis), axis), _spread(G, a.shape, axis), 0
                ),
            ),
            shapes="must have the axis whose largest is taken, and numbers along it",
        ),
        Operation(
            "logsumexp",
            "log Σ exp({a})",
            slopes=("{G} ∘ exp({a} − {y})",),
            value=_logsumexp,
            back=(lambda G, y, a, axis, keepdims: _spread(G, a.shape, axis) * exp(a - _spread(y, a.shape, axis)),),
            shapes="must have the axis that is summed over",
        ),
        Operation(
            "broadcast",
            "{a}, repeated to {shape}",
            slopes=("Σ {G} over the repetitions",),
            value=lambda a, shape: library_of(a).asarray(library_of(a).broadcast_to(a, shape), copy=True),
            back=(lambda G, y, a, shape: G,),
        ),
        # Numbers that only move.
        Operation(
            "reshape",
            "{a} in shape {shape}",
            slopes=("{G} in the shape of {a}",),
            value=lambda a, shape: library_of(a).reshape(a, shape),
            back=(lambda G, y, a, shape: reshape(G, a.shape),),
            shapes="must hold equally many numbers before and after",
        ),
        Operation(
            "index",
            "{a}[{index}]",
            slopes=("{G} where it was taken from, 0 elsewhere",),
            value=_index,
            back=(lambda G, y, a, index: WHOLE_ARRAYS["scatter"](G, index=index, shape=tuple(a.shape)),),
            shapes="must have the axes that are indexed",
        ),
        Operation(
            "scatter",
            "{a}, laid into zeros",
            slopes=("{G} from where it was laid",),
            value=_scatter,
            back=(lambda G, y, a, index, shape: WHOLE_ARRAYS["index"](G, index=index),),
            shapes="must be that of the indexed places",
        ),
        Operation(
            "concatenate",
            "({all}), one behind the other",
            slopes="the piece of {G} where {a} lies",
            value=lambda *parts, axis: library_of(*parts).concat(parts, axis=axis),
            back=_piece,
            shapes="must be equal but for the axis along which they are joined",
        ),
    )
}
"""Operations on whole arrays, by name."""


def matmul(A: Numbers, B: Numbers) -> Any:
    """The product of two matrices, rows of A with columns of B; A @ B is the same.

    Args:
        A: (…, n, k).
        B: (…, k, m). Axes before the last two are stacks of matrices and broadcast.

    Raises:
        ShapeError: if the shapes do not fit, or for rank-1 arrays. NumPy reads those as a row or a column, whichever
            fits; here you say which, with ``.reshape(1, -1)`` or ``.reshape(-1, 1)``.

    Example:
        >>> print(matmul(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])))
        [[11.]]
    """
    return WHOLE_ARRAYS["matmul"](A, B)


def sum(a: Numbers, axis: Axes = None, keepdims: bool = False) -> Any:
    """The sum over an axis, several axes, or everything; `keepdims` leaves a 1 where an axis was.

    Example:
        >>> print(sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1, keepdims=True))
        [[3.]
         [7.]]
    """
    return WHOLE_ARRAYS["sum"](a, axis=axis, keepdims=keepdims)


def mean(a: Numbers, axis: Axes = None, keepdims: bool = False) -> Any:
    """The mean over an axis, several axes, or everything; `keepdims` leaves a 1 where an axis was."""
    return WHOLE_ARRAYS["mean"](a, axis=axis, keepdims=keepdims)


def max(a: Numbers, axis: Axes = None, keepdims: bool = False) -> Any:
    """The largest along an axis, several axes, or of all; where several are equal, the first gets the derivative.

    For the larger of two arrays, number by number, take `maximum`.

    Example:
        >>> print(max(np.array([[1.0, 5.0], [7.0, 3.0]]), axis=1))
        [5. 7.]
    """
    return WHOLE_ARRAYS["max"](a, axis=axis, keepdims=keepdims)


def logsumexp(a: Numbers, axis: Axes = None, keepdims: bool = False) -> Any:
    """Log Σ eᵃ over an axis, several axes, or everything, without overflow.

    With scores Z (n, m) and classes Y (n, m) of ones and zeros, the cross-entropy of softmax, right for any Z, is
    ``logsumexp(Z, axis=0) - (Y * Z).sum(axis=0)``.

    Example:
        >>> print(logsumexp(np.array([1000.0, 1000.0])).round(4))
        1000.6931
    """
    return WHOLE_ARRAYS["logsumexp"](a, axis=axis, keepdims=keepdims)


def transpose(A: Numbers, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; without `axes`, in reverse."""
    ndim = A.ndim if hasattr(A, "ndim") else np.ndim(A)
    order = range(ndim)[::-1] if axes is None else (i % ndim if -ndim <= i < ndim else i for i in axes)
    return WHOLE_ARRAYS["transpose"](A, axes=tuple(order))


def reshape(a: Numbers, shape: int | Sequence[int]) -> Any:
    """The same numbers in another shape, row by row; one length may be -1: whatever is left."""
    return WHOLE_ARRAYS["reshape"](a, shape=tuple(index(n) for n in np.atleast_1d(shape)))


def concatenate(parts: Sequence[Numbers], axis: int = 0) -> Any:
    """The parts one behind the other along an axis that they have.

    Args:
        parts: one or more, of equal shape but for that axis.
        axis: counted from 0, or from the end with -1.

    Raises:
        InputError: if there is no part.
        ShapeError: if the parts do not fit.

    Example:
        >>> print(concatenate([np.array([1.0]), np.array([2.0, 3.0])]))
        [1. 2. 3.]
    """
    if len(parts) == 0:
        raise InputError("concatenate: parts must be one or more arrays. Got none.")
    return WHOLE_ARRAYS["concatenate"](*parts, axis=axis)
