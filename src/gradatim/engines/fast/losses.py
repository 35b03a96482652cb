"""The loss of a block of rows and its slope, from scores or from activations.

Conventions
-----------
* What L, ∂L/∂A and the short way from scores are is said in `gradatim.formulas.losses`.
* Z (m, K) becomes dZ in place; each row counts by its share of J. The sum of share · L is given back.
"""

from __future__ import annotations

import numpy as np

from gradatim.engines.fast.activations import EXP, SIGMOID, SOFTMAX
from gradatim.engines.fast.compiling import kernel
from gradatim.engines.fast.mathematics import exp, log, log1p, sigmoid
from gradatim.engines.fast.matrices import Array

NAMES = (
    "half_squared_error",
    "log_loss",
    "categorical_log_loss",
    "absolute_error",
    "quantile",
    "huber",
    "poisson",
)
"""Of the losses that there are kernels for; their places here are their codes."""

HALF_SQUARED_ERROR, LOG_LOSS, CATEGORICAL_LOG_LOSS, ABSOLUTE_ERROR, QUANTILE, HUBER, POISSON = range(len(NAMES))


@kernel
def takes_scores(loss: int, output: int) -> bool:
    """Whether the loss has a form of its own in the scores of this output. Behind the identity the two are the same."""
    return (
        (loss == LOG_LOSS and output == SIGMOID)
        or (loss == CATEGORICAL_LOG_LOSS and output == SOFTMAX)
        or (loss == POISSON and output == EXP)
    )


@kernel
def loss_from_scores(loss: int, number: float, held: float, Z: Array, D: Array, Y: Array, share: Array) -> float:
    """Z ← ∂J/∂Z the short way; returns J of these rows. D (m, K) is for what lies between.

    `loss` is a code; `number` is the smoothing; `held` is where an exponential is held. Row i of Z
    belongs to row i % len(Y) of Y: members stand below one another.
    """
    if loss == LOG_LOSS:
        return _log_loss(Z, D, Y, share, number)
    if loss == CATEGORICAL_LOG_LOSS:
        return _categorical(Z, Y, share, number)
    return _poisson(Z, Y, share, Z.dtype.type(held))


@kernel
def _log_loss(Z: Array, D: Array, Y: Array, share: Array, smoothing: float) -> float:
    """D takes the loss of each output, so that neither loop waits for a sum."""
    M, K = Z.shape
    m = Y.shape[0]
    zero = Z.dtype.type(0)
    kept, added = Z.dtype.type(1 - smoothing), Z.dtype.type(smoothing / 2)
    for q in range(M // m):
        at = q * m
        if K == 1:  # the usual case: one loop over the rows becomes vector code
            for i in range(m):
                z, y, w = Z[at + i, 0], kept * Y[i, 0] + added, share[i]
                D[at + i, 0] = w * ((zero if z < zero else z) - y * z + log1p(exp(z if z < zero else -z)))
                Z[at + i, 0] = w * (sigmoid(z) - y)
        else:
            for i in range(m):
                w = share[i]
                for k in range(K):
                    z, y = Z[at + i, k], kept * Y[i, k] + added
                    D[at + i, k] = w * ((zero if z < zero else z) - y * z + log1p(exp(z if z < zero else -z)))
                    Z[at + i, k] = w * (sigmoid(z) - y)
    J = 0.0
    for i in range(M):
        for k in range(K):
            J += D[i, k]
    return J


@kernel
def _categorical(Z: Array, Y: Array, share: Array, smoothing: float) -> float:
    M, K = Z.shape
    one, zero = Z.dtype.type(1), Z.dtype.type(0)
    kept, added = Z.dtype.type(1 - smoothing), Z.dtype.type(smoothing / K)
    J = 0.0
    for i in range(M):
        row = i % Y.shape[0]
        w, y = share[row], Y[row]
        top = Z[i, 0]
        for k in range(1, K):
            if not Z[i, k] <= top:
                top = Z[i, k]
        wanted, weight, total = zero, zero, zero
        for k in range(K):
            Z[i, k] -= top
            weight += kept * y[k] + added
            wanted += (kept * y[k] + added) * Z[i, k]
        for k in range(K):
            Z[i, k] = exp(Z[i, k])
        for k in range(K):
            total += Z[i, k]
        J += w * (weight * log(total) - wanted)
        for k in range(K):
            Z[i, k] = w * (Z[i, k] * (one / total) - (kept * y[k] + added))
    return J


@kernel
def _poisson(Z: Array, Y: Array, share: Array, held: float) -> float:
    M, K = Z.shape
    J = 0.0
    for i in range(M):
        w, total = share[i % Y.shape[0]], Z.dtype.type(0)
        for k in range(K):
            z, y = Z[i, k], Y[i % Y.shape[0], k]
            a = exp(held if z > held else z)
            total += a - y * z
            Z[i, k] = w * (a - y)
        J += w * total
    return J


@kernel
def loss_from_activations(loss: int, numbers: Array, mixes: bool, A: Array, D: Array, Y: Array, share: Array) -> float:
    """From A = g(Z) and D = g'(Z), A ← ∂J/∂Z = share · ∂L/∂A ∘ g'(Z), or the same through softmax, which mixes.

    `numbers` (K,) are the smoothing, quantile or delta of each output.
    """
    M, K = A.shape
    J = 0.0
    for i in range(M):
        row = i % Y.shape[0]
        w, total, mean = share[row], A.dtype.type(0), A.dtype.type(0)
        for k in range(K):
            value, slope = _loss(loss, numbers[k], A, Y, i, k, row)
            total += value
            if mixes:
                D[i, k] = slope
                mean += slope * A[i, k]
            else:
                A[i, k] = w * slope * D[i, k]
        if mixes:
            for k in range(K):
                A[i, k] = w * A[i, k] * (D[i, k] - mean)
        J += w * total
    return J


@kernel
def _loss(loss: int, number: float, A: Array, Y: Array, i: int, k: int, row: int) -> tuple[float, float]:
    """L of the output A[i, k] and its slope, in the type of A."""
    a, y = A[i, k], Y[row, k]
    zero, one, half = A.dtype.type(0), A.dtype.type(1), A.dtype.type(0.5)
    d = a - y
    if loss == HALF_SQUARED_ERROR:
        return half * d * d, d
    if loss == ABSOLUTE_ERROR:
        return (d if d > zero else -d), (one if d > zero else (-one if d < zero else zero))
    if loss == QUANTILE:
        q = A.dtype.type(number)
        value = (one - q) * d if d > zero else -q * d
        return value, (one - q if d > zero else (-q if d < zero else zero))
    if loss == HUBER:
        delta = A.dtype.type(number)
        size = d if d > zero else -d
        near = delta if size > delta else size
        return near * (size - half * near), (near if d > zero else -near)
    if loss == POISSON:
        if a < zero:
            return A.dtype.type(np.inf), A.dtype.type(-np.inf)
        return a - _times_log(y, a), one - _divided(y, a)
    share = A.dtype.type(number / 2 if loss == LOG_LOSS else number / A.shape[1])
    y = A.dtype.type(1 - number) * y + share
    if loss == LOG_LOSS:
        value = -(_times_log(y, a) + _times_log(one - y, one - a))
        return value, _divided(one - y, one - a) - _divided(y, a)
    return -_times_log(y, a), -_divided(y, a)


@kernel
def _times_log(y: float, a: float) -> float:
    """Y ln a, and 0 where y is 0."""
    return y * log(a) if y != 0 else y


@kernel
def _divided(y: float, a: float) -> float:
    """Y / a, and 0 where y is 0."""
    return y / a if y != 0 else y
