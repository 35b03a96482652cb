"""Bias, activation, slope, learned slope and dropout of one layer, in one pass over a block of rows.

Conventions
-----------
* In A stand the scores without their bias, A_prev Wᵀ; when the pass is over, A = g(Z) stands there, and D has what the
  way back multiplies with: ∂A/∂Z, mask of dropout and all. So the way back is one line for every activation.
* What g and g' are is said in `gradatim.formulas.activations`; a number may be rounded another way here.
"""

from __future__ import annotations

from gradatim.engines.fast.compiling import kernel
from gradatim.engines.fast.mathematics import exp, expm1, log1p, sigmoid, tanh
from gradatim.engines.fast.matrices import Array, flat
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
    number = A.dtype.type(number)
    if code == SOFTMAX:
        _softmax(A)
        return
    a, d = flat(A), flat(D)
    if code == IDENTITY:
        _identity(d)
    elif code == SIGMOID:
        _sigmoid(a, d)
    elif code == TANH:
        _tanh(a, d)
    elif code == RELU:
        _relu(a, d, A.dtype.type(1))
    elif code == RELU_0:
        _relu(a, d, A.dtype.type(0))
    elif code == LEAKY_RELU:
        _leaky_relu(a, d, number)
    elif code == EXP:
        _exp(a, d, number)
    elif code == SOFTPLUS:
        _softplus(a, d)
    elif code == ELU:
        _elu(a, d, A.dtype.type(1), number)
    elif code == SELU:
        _elu(a, d, A.dtype.type(SELU_SCALE), A.dtype.type(SELU_ALPHA))
    elif code == GELU:
        _gelu(a, d)
    else:
        _mish(a, d)


@kernel
def _identity(d: Array) -> None:
    one = d.dtype.type(1)
    for i in range(d.shape[0]):
        d[i] = one


@kernel
def _sigmoid(a: Array, d: Array) -> None:
    one = a.dtype.type(1)
    for i in range(a.shape[0]):
        a[i] = sigmoid(a[i])
    for i in range(d.shape[0]):
        d[i] = a[i] * (one - a[i])


@kernel
def _tanh(a: Array, d: Array) -> None:
    one = a.dtype.type(1)
    for i in range(a.shape[0]):
        a[i] = tanh(a[i])
    for i in range(d.shape[0]):
        d[i] = one - a[i] * a[i]


@kernel
def _relu(a: Array, d: Array, at_zero: float) -> None:
    zero, one = a.dtype.type(0), a.dtype.type(1)
    for i in range(d.shape[0]):
        d[i] = one if a[i] > zero else (at_zero if a[i] == zero else zero)
    for i in range(a.shape[0]):
        a[i] = zero if a[i] < zero else a[i]  # in this order NaN stays NaN


@kernel
def _leaky_relu(a: Array, d: Array, slope: float) -> None:
    zero, one = a.dtype.type(0), a.dtype.type(1)
    for i in range(d.shape[0]):
        d[i] = one if a[i] >= zero else slope
    for i in range(a.shape[0]):
        a[i] = slope * a[i] if a[i] < zero else a[i]


@kernel
def _exp(a: Array, d: Array, highest: float) -> None:
    for i in range(a.shape[0]):
        a[i] = exp(highest if a[i] > highest else a[i])
    for i in range(d.shape[0]):
        d[i] = a[i]


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
def _softplus(a: Array, d: Array) -> None:
    zero = a.dtype.type(0)
    for i in range(d.shape[0]):
        d[i] = sigmoid(a[i])
    for i in range(a.shape[0]):
        z = a[i]
        a[i] = (zero if z < zero else z) + log1p(exp(z if z < zero else -z))


@kernel
def _elu(a: Array, d: Array, scale: float, α: float) -> None:
    zero = a.dtype.type(0)
    for i in range(d.shape[0]):
        d[i] = a[i]
    for i in range(a.shape[0]):
        z = a[i]
        a[i] = scale * ((zero if z < zero else z) + α * expm1(z if z < zero else zero))
    for i in range(d.shape[0]):
        d[i] = scale if d[i] >= zero else a[i] + scale * α


@kernel
def _gelu(a: Array, d: Array) -> None:
    one, two, three = a.dtype.type(1), a.dtype.type(2), a.dtype.type(3)
    scale, cube, held = a.dtype.type(GELU_SCALE), a.dtype.type(GELU_CUBE), a.dtype.type(30)
    for i in range(d.shape[0]):
        z = a[i]
        h = held if z > held else (-held if z < -held else z)
        s = sigmoid(two * scale * (h + cube * h * h * h))
        d[i] = s + z * s * (one - s) * two * scale * (one + three * cube * h * h)
    for i in range(a.shape[0]):
        z = a[i]
        h = held if z > held else (-held if z < -held else z)
        a[i] = z * sigmoid(two * scale * (h + cube * h * h * h))


@kernel
def _mish(a: Array, d: Array) -> None:
    """With e = e^z: tanh(ln(1 + e)) = e (e + 2) / (e (e + 2) + 2), and 1 from z = 20 on."""
    one, two, held = a.dtype.type(1), a.dtype.type(2), a.dtype.type(20)
    for i in range(d.shape[0]):
        z = a[i]
        e = exp(held if z > held else z)
        w = e * (e + two)
        t = w / (w + two)
        d[i] = t + z * (e / (one + e)) * (two / (w + two)) * (one + t)
        a[i] = z * t


@kernel
def keep_scores(A: Array, E: Array) -> None:
    """E ← Z, before the activation takes its place."""
    a, e = flat(A), flat(E)
    for i in range(e.shape[0]):
        e[i] = a[i]


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
