"""Getting the dimensions right: every matrix that comes in is checked here, and a misfit is named with its mend.

Conventions
-----------
* X is (n[0], m), Y is (n[L], m), W[l] is (n[l], n[l-1]): W[l] has as many columns as A[l-1] has rows.
* Rank-1 arrays, shape (k,), are refused: they are neither row nor column, and NumPy broadcasts them into either.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import Array


def as_columns(X: Array, rows: int, because: str, name: str = "X") -> Array:
    """X as float64, (rows, m), or an error that says how to mend it.

    Args:
        X: what was given; a SciPy sparse matrix stays one.
        rows: how many rows it must have.
        because: the other matrix and its shape, as ``"W[1] is (4, 3)"``.
        name: what the caller calls it, ``"X"`` or ``"A[1]"``.

    Raises:
        ShapeError: for another rank or another number of rows.
        InputError: for what is not a number, and for no examples at all.
    """
    if not hasattr(X, "tocsr"):
        X = _numbers(X, name)
    if X.ndim != 2:
        mend = ""
        if X.ndim == 1:
            mend = " A rank-1 array is neither row nor column"
            mend += f": use {name}.reshape({rows}, {X.size // rows})." if rows and X.size % rows == 0 else "."
        elif X.ndim > 2 and X[:1].size == rows:
            mend = f" With an example per first index, use {name}.reshape({name}.shape[0], -1).T."
        raise ShapeError(f"{name} must be a matrix, ({rows}, m): a column per example. Got shape {X.shape}.{mend}")
    if X.shape[0] != rows:
        if X.shape[1] == rows:
            mend = f"The examples stand in rows, and here they are columns: use {name}.T."
        else:
            mend = f"W[l] must have as many columns as A[l-1] has rows: {name} must be ({rows}, m)."
        raise ShapeError(f"{because} but {name} has {X.shape[0]} rows, {name}.shape = {X.shape}. {mend}")
    if X.shape[1] == 0:
        raise InputError(f"{name} must hold at least one example. Got shape {X.shape}.")
    return X


def as_targets(Y: Array, outputs: int, m: int, *, labels: bool = False, one_of_many: bool = False) -> Array:
    """Y as float64, (outputs, m), or an error that says how to mend it.

    Args:
        Y: what was given.
        outputs: n[L].
        m: how many examples X has.
        labels: whether it may hold 0 and 1 only.
        one_of_many: whether each column must hold a single 1 (softmax).

    Raises:
        ShapeError: for another shape.
        InputError: for another number than the loss can take.
    """
    Y = _numbers(Y, "Y")
    must = f"Y must be ({outputs}, {m}): a row per output, a column per example"
    if Y.ndim != 2:
        mend = ""
        if Y.size == outputs * m:
            mend = f" A rank-1 array is neither row nor column: use Y.reshape({outputs}, {m})."
        elif one_of_many and Y.size == m:
            mend = f" Class numbers become columns of 0 and 1 by np.eye({outputs})[Y].T."
        raise ShapeError(f"{must}. Got shape {Y.shape}.{mend}")
    if Y.shape != (outputs, m):
        if Y.shape == (m, outputs):
            mend = "The examples stand in rows, and here they are columns: use Y.T."
        elif one_of_many and Y.shape == (1, m):
            mend = f"Class numbers become columns of 0 and 1 by np.eye({outputs})[Y[0]].T."
        elif Y.shape[0] != outputs:
            mend = f"The last layer has {outputs} unit{'s' * (outputs > 1)}: Y must have as many rows."
        else:
            mend = "X and Y must be of the same examples."
        raise ShapeError(f"{must}, for X has {m} columns. Got {Y.shape}. {mend}")
    if labels or one_of_many:
        strange = Y[(Y != 0) & (Y != 1)]
        if strange.size:
            raise InputError(
                f"Y must hold 0 and 1 only, for log loss reads them as classes. Got {strange[0]:g}. "
                f"Labels of another kind become 0 and 1 by (Y == 'that label') * 1."
            )
    if one_of_many and not np.all(np.sum(Y, axis=0) == 1):
        i = int(np.argmax(np.sum(Y, axis=0) != 1))
        raise InputError(
            f"Y must hold a single 1 in each column, in the row of the class. "
            f"Got {np.sum(Y[:, i]):g} of them in column {i}."
        )
    return Y


def widths_of(parameters: Mapping[str, Array]) -> list[int]:
    """n[0] … n[L] of a dictionary of parameters, or an error that says which two matrices do not fit.

    Args:
        parameters: ``{"W1": …, "b1": …}``.

    Raises:
        InputError: if a name is missing or strange.
        ShapeError: if the matrices do not fit together.
    """
    L = len(parameters) // 2
    names = [f"{letter}{l}" for l in range(1, L + 1) for letter in "Wb"]
    if L == 0 or sorted(names) != sorted(parameters):
        raise InputError(
            f"Network: parameters must be named W1, b1, W2, b2 … WL, bL, without a gap. "
            f"Got {', '.join(parameters) or 'none'}."
        )
    shapes = {name: np.shape(parameters[name]) for name in names}
    for l in range(1, L + 1):
        W, b = shapes[f"W{l}"], shapes[f"b{l}"]
        if len(W) != 2:
            raise ShapeError(f"W[{l}] must be a matrix, (n[{l}], n[{l - 1}]). Got shape {W}.")
        if b != (W[0], 1):
            mend = f" A rank-1 array is neither row nor column: use .reshape({W[0]}, 1)." if b == (W[0],) else ""
            raise ShapeError(f"b[{l}] must be ({W[0]}, 1), for W[{l}] is {W}. Got {b}.{mend}")
        below = shapes[f"W{l - 1}"] if l > 1 else (W[1], W[1])
        if W[1] != below[0]:
            mend = f" Its transpose fits: use W{l}.T." if W[0] == below[0] else ""
            raise ShapeError(
                f"W[{l}] is {W} but A[{l - 1}] has {below[0]} rows, for W[{l - 1}] is {below}: "
                f"W[{l}] must have {below[0]} columns.{mend}"
            )
    return [shapes["W1"][1], *(shapes[f"W{l}"][0] for l in range(1, L + 1))]


def _numbers(X: Array, name: str) -> Array:
    try:
        X = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be an array of numbers. Got {type(X).__name__}: {error}.") from error
    if not np.all(np.isfinite(X)):
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(X))[0])
        raise InputError(f"{name} must hold finite numbers. Got {X[where]} at {list(where)}.")
    return X
