"""Getting the dimensions right: every matrix that comes in is checked here, and a misfit is named with its mend.

Conventions
-----------
* X is (n[0], m), Y is (n[L], m), W[l] is (n[l], n[l-1]): W[l] has as many columns as A[l-1] has rows.
* Rank-1 arrays, shape (k,), are refused: they are neither row nor column, and NumPy broadcasts them into either.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np

from gradatim.errors import InputError, ShapeError, mend_of_shape
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
        X = as_numbers(X, name)
    if X.ndim != 2:
        mend = mend_of_shape(name, X.shape, (rows, X.size // rows if rows else 0))
        if X.ndim > 2 and X[:1].size == rows:
            mend = f" With an example per first index, use {name}.reshape({name}.shape[0], -1).T."
        raise ShapeError(f"{name} must be a matrix, ({rows}, m): a column per example. Got shape {X.shape}.{mend}")
    if X.shape[0] != rows:
        if X.shape[1] == rows:
            mend = f"The examples stand in rows, and here they are columns: use {name}.T."
        else:
            mend = "W[l] must have as many columns as A[l-1] has rows."
        raise ShapeError(
            f"{because}, but {name} has {X.shape[0]} rows: {name} must be ({rows}, m). Got shape {X.shape}. {mend}"
        )
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
    Y = as_numbers(Y, "Y")
    must = f"Y must be ({outputs}, {m}): a row per output, a column per example"
    if Y.ndim != 2:
        mend = mend_of_shape("Y", Y.shape, (outputs, m))
        if Y.size != outputs * m and one_of_many and Y.size == m:
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


def as_parameters(parameters: Mapping[str, Array], who: str = "Network", layers: int | None = None) -> dict[str, Array]:
    """A dictionary of parameters as float64, or an error that says which name is missing or which two do not fit.

    Args:
        parameters: ``{"W1": …, "b1": …}``.
        who: asks for it; messages begin with this.
        layers: L, where it is fixed.

    Raises:
        InputError: if a name is missing or strange, or a number not finite.
        ShapeError: if the matrices do not fit together.
    """
    if not isinstance(parameters, Mapping):
        raise InputError(
            f"{who}: parameters must be a dictionary, as {{'W1': …, 'b1': …}}. Got {type(parameters).__name__}."
        )
    L = layers or max(1, -(-len(parameters) // 2))
    names = [f"{letter}{l}" for l in range(1, L + 1) for letter in "Wb"]
    if set(names) != set(parameters):
        must = ", ".join(names) if layers else "W1, b1, W2, b2 … WL, bL, without a gap"
        missing = ", ".join(name for name in names if name not in parameters)
        raise InputError(
            f"{who}: parameters must be named {must}. Got {', '.join(map(str, parameters)) or 'none'}"
            f"{f'; missing: {missing}' if missing else ''}."
        )
    given = {name: as_numbers(parameters[name], f"{name[0]}[{name[1:]}]") for name in names}
    widths_of(given)
    return given


def widths_of(parameters: Mapping[str, Array]) -> list[int]:
    """n[0] … n[L] of a dictionary of parameters, or an error that says which two matrices do not fit.

    Args:
        parameters: ``{"W1": …, "b1": …}``, arrays.

    Raises:
        ShapeError: if the matrices do not fit together.
    """
    L = len(parameters) // 2
    shapes = {name: value.shape for name, value in parameters.items()}
    for l in range(1, L + 1):
        W, b = shapes[f"W{l}"], shapes[f"b{l}"]
        if len(W) != 2:
            rows = b[0] if len(b) == 2 else 0
            mend = mend_of_shape(f"W{l}", W, (rows, prod(W) // rows if rows else 0))
            raise ShapeError(f"W[{l}] must be a matrix, (n[{l}], n[{l - 1}]). Got shape {W}.{mend}")
        below = shapes[f"W{l - 1}"] if l > 1 else (W[1], W[1])
        if W[1] != below[0]:
            mend = f" Its transpose fits: use W{l}.T." if W[0] == below[0] else ""
            raise ShapeError(
                f"W[{l}] is {W}, but A[{l - 1}] has {below[0]} rows, for W[{l - 1}] is {below}: W[{l}] must have "
                f"{below[0]} columns. Got {W}.{mend}"
            )
        if b != (W[0], 1):
            mend = mend_of_shape(f"b{l}", b, (W[0], 1))
            raise ShapeError(f"b[{l}] must be ({W[0]}, 1), for W[{l}] is {W}. Got {b}.{mend}")
    return [shapes["W1"][1], *(shapes[f"W{l}"][0] for l in range(1, L + 1))]


def as_numbers(X: Array, name: str, *, finite: bool = True) -> Array:
    """X as float64, or an error that says what it is instead.

    Args:
        X: what was given.
        name: what the caller calls it.
        finite: whether infinity and NaN are refused.

    Raises:
        InputError: for what is not a number, or not finite.
    """
    try:
        X = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be an array of numbers. Got {type(X).__name__}: {error}.") from error
    if finite and not np.all(np.isfinite(X)):
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(X))[0])
        raise InputError(f"{name} must hold finite numbers. Got {X[where]}{f' at {list(where)}' if where else ''}.")
    return X
