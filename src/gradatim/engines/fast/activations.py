"""Bias, activation, slope, learned slope and dropout of one layer, in one pass over a block of rows.

Conventions
-----------
* In A stand the scores without their bias, A_prev Wᵀ; when the pass is over, A = g(Z) stands there, and D has what the
  way back multiplies with: ∂A/∂Z, mask of dropout and all. So the way back is one line for every activation.
* A D without rows is the sign that nobody goes back: then only A is made.
* What g and g' are is said in `gradatim.formulas.activations`; a number may be rounded another way here.
"""

from __future__ import annotations

from gradatim.engines.fast.compiling import kernel
from gradatim.engines.fast.mathematics import exp, expm1, log1p, sigmoid, tanh
from gradatim.engines.fast.matrices import Array
from gradatim.formulas.activations.rectifiers import SELU_ALPHA, SELU_SCALE
from gradatim.formulas.activations.smooth import GELU_CUBE, GELU_SCALE

NAMES = (
    "identity",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "exp",
    "softmax",
    "softplus",
    "elu",
    "selu",
    "gelu",
    "mish",
    "relu(0)",
)
"""Of the activations that there are kernels for; their places here are their codes."""

IDENTITY, SIGMOID, TANH, RELU, LEAKY_RELU, EXP, SOFTMAX, SOFTPLUS, ELU, SELU, GELU, MISH, RELU_0 = range(len(NAMES))


@kernel
def add_bias(A: Array, b: Array) -> None:
    """Z = A + b, in place."""
    m, n = A.shape
    for i in range(m):
        for j in range(n):
            A[i, j] += b[j]


@kernel
def activate(code: int, number: float, A: Array, D: Array) -> None:
    """A ← g(A), D ← g'(Z); `number` is leaky_relu's slope, elu's α, and what exp is held at."""
    wanted = D.shape[0] > 0
    if code == IDENTITY:
        _identity(D)
    elif code == SIGMOID:
        _sigmoid(A, D, wanted)
    elif code == TANH:
        _tanh(A, D, wanted)
    elif code in (RELU, RELU_0):
        _relu(A, D, wanted, code == RELU_0)
    elif code == LEAKY_RELU:
        _leaky_relu(A, D, wanted, A.dtype.type(number))
    elif code == EXP:
        _exp(A, D, wanted, A.dtype.type(number))
    elif code == SOFTMAX:
        _softmax(A)
    elif code == SOFTPLUS:
        _softplus(A, D, wanted)
    elif code == ELU:
        _elu(A, D, wanted, A.dtype.type(1), A.dtype.type(number))
    elif code == SELU:
        _elu(A, D, wanted, A.dtype.type(SELU_SCALE), A.dtype.type(SELU_ALPHA))
    elif code == GELU:
        _gelu(A, D, wanted)
    else:
        _mish(A, D, wanted)


@kernel
def _identity(D: Array) -> None:
    one = D.dtype.type(1)
    for i in range(D.shape[0]):
        for j in range(D.shape[1]):
            D[i, j] = one


@kernel
def _sigmoid(A: Array, D: Array, wanted: bool) -> None:
    m, n = A.shape
    one = A.dtype.type(1)
    for i in range(m):
        for j in range(n):
            A[i, j] = sigmoid(A[i, j])
        if wanted:
            for j in range(n):
                D[i, j] = A[i, j] * (one - A[i, j])


@kernel
def _tanh(A: Array, D: Array, wanted: bool) -> None:
    m, n = A.shape
    one = A.dtype.type(1)
    for i in range(m):
        for j in range(n):
            A[i, j] = tanh(A[i, j])
        if wanted:
            for j in range(n):
                D[i, j] = one - A[i, j] * A[i, j]


@kernel
def _relu(A: Array, D: Array, wanted: bool, flat: bool) -> None:
    m, n = A.shape
    zero, one = A.dtype.type(0), A.dtype.type(1)
    at_zero = zero if flat else one
    for i in range(m):
        if wanted:
            for j in range(n):
                z = A[i, j]
                A[i, j] = zero if z < zero else z  # in this order NaN stays NaN
                D[i, j] = one if z > zero else (at_zero if z == zero else zero)
        else:
            for j in range(n):
                z = A[i, j]
                A[i, j] = zero if z < zero else z


@kernel
def _leaky_relu(A: Array, D: Array, wanted: bool, slope: float) -> None:
    m, n = A.shape
    zero, one = A.dtype.type(0), A.dtype.type(1)
    for i in range(m):
        if wanted:
            for j in range(n):
                D[i, j] = one if A[i, j] >= zero else slope
        for j in range(n):
            z = A[i, j]
            A[i, j] = slope * z if z < zero else z


@kernel
def _exp(A: Array, D: Array, wanted: bool, highest: float) -> None:
    m, n = A.shape
    for i in range(m):
        for j in range(n):
            z = A[i, j]
            A[i, j] = exp(highest if z > highest else z)
        if wanted:
            for j in range(n):
                D[i, j] = A[i, j]


@kernel
def _softmax(A: Array) -> None:
    m, n = A.shape
    one = A.dtype.type(1)
    for i in range(m):
        top = A[i, 0]
        for j in range(1, n):
            if not A[i, j] <= top:  # NaN becomes the top, and so all of the row
                top = A[i, j]
        total = A.dtype.type(0)
        for j in range(n):
            A[i, j] = exp(A[i, j] - top)
        for j in range(n):
            total += A[i, j]
        for j in range(n):
            A[i, j] *= one / total


@kernel
def _softplus(A: Array, D: Array, wanted: bool) -> None:
    m, n = A.shape
    zero = A.dtype.type(0)
    for i in range(m):
        if wanted:
            for j in range(n):
                D[i, j] = sigmoid(A[i, j])
        for j in range(n):
            z = A[i, j]
            A[i, j] = (zero if z < zero else z) + log1p(exp(z if z < zero else -z))


@kernel
def _elu(A: Array, D: Array, wanted: bool, scale: float, α: float) -> None:
    m, n = A.shape
    zero = A.dtype.type(0)
    for i in range(m):
        if wanted:
            for j in range(n):
                D[i, j] = A[i, j]
        for j in range(n):
            z = A[i, j]
            A[i, j] = scale * ((zero if z < zero else z) + α * expm1(z if z < zero else zero))
        if wanted:
            for j in range(n):
                D[i, j] = scale if D[i, j] >= zero else A[i, j] + scale * α


@kernel
def _gelu(A: Array, D: Array, wanted: bool) -> None:
    m, n = A.shape
    one, two, three = A.dtype.type(1), A.dtype.type(2), A.dtype.type(3)
    scale, cube, held = A.dtype.type(GELU_SCALE), A.dtype.type(GELU_CUBE), A.dtype.type(30)
    for i in range(m):
        if wanted:
            for j in range(n):
                z = A[i, j]
                h = held if z > held else (-held if z < -held else z)
                s = sigmoid(two * scale * (h + cube * h * h * h))
                D[i, j] = s + z * s * (one - s) * two * scale * (one + three * cube * h * h)
        for j in range(n):
            z = A[i, j]
            h = held if z > held else (-held if z < -held else z)
            A[i, j] = z * sigmoid(two * scale * (h + cube * h * h * h))


@kernel
def _mish(A: Array, D: Array, wanted: bool) -> None:
    """With e = e^z: tanh(ln(1 + e)) = e (e + 2) / (e (e + 2) + 2), and 1 from z = 20 on."""
    m, n = A.shape
    one, two, held = A.dtype.type(1), A.dtype.type(2), A.dtype.type(20)
    for i in range(m):
        if wanted:
            for j in range(n):
                z = A[i, j]
                e = exp(held if z > held else z)
                w = e * (e + two)
                t = w / (w + two)
                D[i, j] = t + z * (e / (one + e)) * (two / (w + two)) * (one + t)
        for j in range(n):
            z = A[i, j]
            e = exp(held if z > held else z)
            w = e * (e + two)
            A[i, j] = z * (w / (w + two))


@kernel
def keep_scores(A: Array, E: Array) -> None:
    """E ← Z, before the activation takes its place."""
    m, n = A.shape
    for i in range(m):
        for j in range(n):
            E[i, j] = A[i, j]


@kernel
def blend(A: Array, D: Array, E: Array, α: Array) -> None:
    """Learned slopes: A ← Z + α (g(Z) - Z) and D ← 1 + α (D - 1), from A = g(Z) and E = Z; E ← g(Z) - Z."""
    m, n = A.shape
    one = A.dtype.type(1)
    for i in range(m):
        for j in range(n):
            z = E[i, j]
            e = A[i, j] - z
            E[i, j] = e
            A[i, j] = z + α[j] * e
        if D.shape[0] > 0:
            for j in range(n):
                D[i, j] = one + α[j] * (D[i, j] - one)
