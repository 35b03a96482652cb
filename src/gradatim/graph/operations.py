"""Operations: for each its value and, beside it, how a derivative passes back through it.

Conventions
-----------
* y is the operation's value; a, b its inputs. J is the one number at the end of the graph.
* G = ∂J/∂y has the shape of y. An entry's ``back`` has one formula per input, giving ∂J/∂a from G: the chain rule
  ∂J/∂a = G · ∂y/∂a. With G = 1 it is the local derivative ∂y/∂a alone.
* Broadcasting is nobody's business in the table. An input that was repeated to fit gets the sum over its repetitions,
  for all operations alike (`gradatim.graph.variable`).
* The derivatives are written in these same operations. On plain arrays they compute at once; on Variables they become
  a graph again, which can be differentiated again.
* At kinks: relu has slope 1 at 0, as in the course's notes (z ≥ 0; PyTorch and JAX say 0). Where its inputs are equal,
  maximum gives the whole derivative to the first one (PyTorch and JAX halve it), so maximum(z, 0) has relu's slope.
* No derivative conjugates anything. For complex numbers they are those of the complex function, which is what a complex
  step needs (PyTorch gives the conjugate).

Sources: Baydin et al., Automatic differentiation in machine learning: a survey, JMLR 18 (2018), section 3.2; for the
derivatives as a table, HIPS Autograd (Maclaurin 2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gradatim.errors import InputError, ShapeError, mend_of_shape
from gradatim.graph.operation import Axes, Numbers, Operation


def _matmul(A: Any, B: Any) -> Any:
    for letter, M, must in (("A", A, (1, np.size(A))), ("B", B, (np.size(B), 1))):
        if np.ndim(M) < 2:
            mend = mend_of_shape(letter, np.shape(M), must)
            raise ShapeError(f"matmul: {letter} must be a matrix (two axes or more). Got shape {np.shape(M)}.{mend}")
    if np.shape(A)[-1] != np.shape(B)[-2]:
        raise ShapeError(
            f"matmul: A must have as many columns as B has rows. Got A {np.shape(A)} and B {np.shape(B)}. "
            "If one of them lies on its side, use .T; for a product number by number, use *."
        )
    return np.matmul(A, B)


def _flip(A: Numbers) -> Numbers:
    """Rows for columns, in each matrix of a stack."""
    return transpose(A, (*range(A.ndim - 2), A.ndim - 1, A.ndim - 2))


def _scatter(G: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, dtype=G.dtype)
    # Not out[index] += G: where an index comes twice, that would count it once.
    np.add.at(out, index, G)
    return out


def _spread(G: Numbers, shape: tuple[int, ...], axis: Axes) -> Numbers:
    """G, repeated along the axes that a sum took away."""
    axes = range(len(shape)) if axis is None else [i % len(shape) for i in np.atleast_1d(axis)]
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return OPERATIONS["broadcast"](reshape(G, kept), shape=shape)


def _count(shape: tuple[int, ...], axis: Axes) -> int:
    return prod(shape) if axis is None else prod(shape[i] for i in np.atleast_1d(axis))


def _piece(i: int, G: Numbers, y: Numbers, *parts: Numbers, axis: int) -> Numbers:
    """The part of G that lies where part i lies in y = concatenate(parts)."""
    start = int(np.sum([part.shape[axis] for part in parts[:i]], dtype=int))
    index = [slice(None)] * y.ndim
    index[axis] = slice(start, start + parts[i].shape[axis])
    return G[tuple(index)]


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        # Number by number. Broadcasting as in NumPy.
        Operation(
            "add",
            "y = a + b    ∂y/∂a = 1    ∂y/∂b = 1",
            value=lambda a, b: a + b,
            back=(lambda G, y, a, b: G, lambda G, y, a, b: G),
        ),
        Operation(
            "subtract",
            "y = a − b    ∂y/∂a = 1    ∂y/∂b = −1",
            value=lambda a, b: a - b,
            back=(lambda G, y, a, b: G, lambda G, y, a, b: -G),
        ),
        Operation(
            "negative",
            "y = −a    ∂y/∂a = −1",
            value=lambda a: -a,
            back=(lambda G, y, a: -G,),
        ),
        Operation(
            "multiply",
            "y = a b    ∂y/∂a = b    ∂y/∂b = a",
            value=lambda a, b: a * b,
            back=(lambda G, y, a, b: G * b, lambda G, y, a, b: G * a),
        ),
        Operation(
            "divide",
            "y = a / b    ∂y/∂a = 1 / b    ∂y/∂b = −y / b",
            value=lambda a, b: a / b,
            back=(lambda G, y, a, b: G / b, lambda G, y, a, b: -G * y / b),
        ),
        Operation(
            "power",
            "y = aᵇ    ∂y/∂a = b aᵇ⁻¹    ∂y/∂b = y log a",
            value=lambda a, b: a**b,
            back=(
                # The two where() keep 0 · 0⁻¹ and 0 · log 0 out of a⁰ and of 0ᵇ: both derivatives are 0 there.
                lambda G, y, a, b: G * b * a ** where(b == 0, 1, b - 1),
                lambda G, y, a, b: G * y * log(where(a == 0, 1, a)),
            ),
        ),
        Operation(
            "exp",
            "y = eᵃ    ∂y/∂a = y",
            value=lambda a: np.exp(a),
            back=(lambda G, y, a: G * y,),
        ),
        Operation(
            "log",
            "y = log a    ∂y/∂a = 1 / a",
            value=lambda a: np.log(a),
            back=(lambda G, y, a: G / a,),
        ),
        Operation(
            "sin",
            "y = sin a    ∂y/∂a = cos a",
            value=lambda a: np.sin(a),
            back=(lambda G, y, a: G * cos(a),),
        ),
        Operation(
            "cos",
            "y = cos a    ∂y/∂a = −sin a",
            value=lambda a: np.cos(a),
            back=(lambda G, y, a: -G * sin(a),),
        ),
        Operation(
            "tanh",
            "y = tanh a    ∂y/∂a = 1 − y²",
            value=lambda a: np.tanh(a),
            back=(lambda G, y, a: G * (1 - y * y),),
        ),
        Operation(
            "relu",
            "y = max(a, 0)    ∂y/∂a = 1 where a ≥ 0, else 0",
            value=lambda a: np.maximum(a, 0),
            back=(lambda G, y, a: where(a >= 0, G, 0),),
        ),
        Operation(
            "maximum",
            "y = max(a, b)    ∂y/∂a = 1 where a ≥ b, else 0    ∂y/∂b = 1 − ∂y/∂a",
            value=lambda a, b: np.maximum(a, b),
            back=(lambda G, y, a, b: where(a >= b, G, 0), lambda G, y, a, b: where(a >= b, 0, G)),
        ),
        Operation(
            "where",
            "y = a where the condition holds, else b    ∂y/∂a = 1 where it holds    ∂y/∂b = 1 where it does not",
            value=lambda a, b, condition: np.where(condition, a, b),
            back=(
                lambda G, y, a, b, condition: where(condition, G, 0),
                lambda G, y, a, b, condition: where(condition, 0, G),
            ),
        ),
        # Matrices.
        Operation(
            "matmul",
            "Y = A B    ∂J/∂A = G Bᵀ    ∂J/∂B = Aᵀ G",
            value=_matmul,
            back=(lambda G, Y, A, B: G @ _flip(B), lambda G, Y, A, B: _flip(A) @ G),
            shapes="must be (…, n, k) and (…, k, m)",
        ),
        Operation(
            "transpose",
            "Y = Aᵀ    ∂J/∂A = Gᵀ",
            value=lambda A, axes: np.transpose(A, axes),
            back=(lambda G, Y, A, axes: transpose(G, tuple(int(i) for i in np.argsort(axes))),),
            shapes="must have one axis for each number in axes",
        ),
        # From many numbers to few, and the way back: what was summed is repeated, what was repeated is summed.
        Operation(
            "sum",
            "y = Σ a    ∂y/∂aᵢ = 1",
            value=lambda a, axis, keepdims: np.sum(a, axis=axis, keepdims=keepdims),
            back=(lambda G, y, a, axis, keepdims: _spread(G, a.shape, axis),),
            shapes="must have the axis that is summed over",
        ),
        Operation(
            "mean",
            "y = (1/m) Σ a    ∂y/∂aᵢ = 1/m",
            value=lambda a, axis, keepdims: np.mean(a, axis=axis, keepdims=keepdims),
            back=(lambda G, y, a, axis, keepdims: _spread(G / _count(a.shape, axis), a.shape, axis),),
            shapes="must have the axis that is averaged over",
        ),
        Operation(
            "broadcast",
            "y = a, repeated to a larger shape    ∂J/∂a = Σ G over the repetitions",
            value=lambda a, shape: np.array(np.broadcast_to(a, shape)),
            back=(lambda G, y, a, shape: G,),
        ),
        # Numbers that only move.
        Operation(
            "reshape",
            "y = a in another shape    ∂J/∂a = G in the shape of a",
            value=lambda a, shape: np.reshape(a, shape),
            back=(lambda G, y, a, shape: reshape(G, a.shape),),
            shapes="must hold equally many numbers before and after",
        ),
        Operation(
            "index",
            "y = a[index]    ∂J/∂a = G added up at index, 0 elsewhere",
            value=lambda a, index: a[index],
            back=(lambda G, y, a, index: OPERATIONS["scatter"](G, index=index, shape=a.shape),),
            shapes="must have the axes that are indexed",
        ),
        Operation(
            "scatter",
            "y = 0 with a added up at index    ∂J/∂a = G[index]",
            value=_scatter,
            back=(lambda G, y, a, index, shape: G[index],),
            shapes="must be that of the indexed places",
        ),
        Operation(
            "concatenate",
            "y = a, b, … one behind the other    ∂J/∂a = the piece of G where a lies",
            value=lambda *parts, axis: np.concatenate(parts, axis=axis),
            back=_piece,
            shapes="must be equal but for the axis along which they are joined",
        ),
    )
}
"""Every operation by name. To add one is to add an entry; the tests go through all of them."""


def exp(a: Numbers) -> Any:
    """The exponential function eᵃ, number by number.

    Example:
        >>> float(exp(0))
        1.0
    """
    return OPERATIONS["exp"](a)


def log(a: Numbers) -> Any:
    """The natural logarithm, number by number.

    Example:
        >>> float(log(1))
        0.0
    """
    return OPERATIONS["log"](a)


def sin(a: Numbers) -> Any:
    """The sine of an angle in radians."""
    return OPERATIONS["sin"](a)


def cos(a: Numbers) -> Any:
    """The cosine of an angle in radians."""
    return OPERATIONS["cos"](a)


def tanh(a: Numbers) -> Any:
    """The hyperbolic tangent, (eᵃ − e⁻ᵃ) / (eᵃ + e⁻ᵃ)."""
    return OPERATIONS["tanh"](a)


def relu(a: Numbers) -> Any:
    """The larger of a and 0. Its slope at 0 is 1."""
    return OPERATIONS["relu"](a)


def maximum(a: Numbers, b: Numbers) -> Any:
    """The larger of two, number by number. Where they are equal, the whole derivative goes to the first.

    Example:
        >>> print(maximum(np.array([1.0, 5.0]), 2.0))
        [2. 5.]
    """
    return OPERATIONS["maximum"](a, b)


def where(condition: ArrayLike, a: Numbers, b: Numbers) -> Any:
    """Take a where the condition holds, else b.

    Args:
        condition: plain booleans, such as ``z >= 0``; comparisons of Variables give them.
        a: taken where it holds. Both are computed everywhere, so keep log(0) and the like out of either.
        b: taken where it does not hold.

    Example:
        >>> print(where([True, False], 1.0, 2.0))
        [1. 2.]
    """
    return OPERATIONS["where"](a, b, condition=np.asarray(condition, dtype=bool))


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
    return OPERATIONS["matmul"](A, B)


def sum(a: Numbers, axis: Axes = None, keepdims: bool = False) -> Any:
    """The sum over an axis, several axes, or everything; `keepdims` leaves a 1 where an axis was.

    Example:
        >>> print(sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1, keepdims=True))
        [[3.]
         [7.]]
    """
    return OPERATIONS["sum"](a, axis=axis, keepdims=keepdims)


def mean(a: Numbers, axis: Axes = None, keepdims: bool = False) -> Any:
    """The mean over an axis, several axes, or everything; `keepdims` leaves a 1 where an axis was."""
    return OPERATIONS["mean"](a, axis=axis, keepdims=keepdims)


def transpose(A: Numbers, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; without `axes`, in reverse."""
    ndim = len(np.shape(A))
    order = range(ndim)[::-1] if axes is None else (i % ndim if -ndim <= i < ndim else i for i in axes)
    return OPERATIONS["transpose"](A, axes=tuple(order))


def reshape(a: Numbers, shape: int | Sequence[int]) -> Any:
    """The same numbers in another shape, row by row; one length may be -1: whatever is left."""
    return OPERATIONS["reshape"](a, shape=shape if isinstance(shape, int) else tuple(shape))


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
    return OPERATIONS["concatenate"](*parts, axis=axis)
