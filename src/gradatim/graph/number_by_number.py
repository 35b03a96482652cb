"""Operations on each number by itself: for each its value and, beside it, how a derivative passes back through it.

The conventions are those of `gradatim.graph.operations`.
"""

from __future__ import annotations

from typing import Any

from gradatim.graph.libraries import alike, beside, is_foreign, library_of
from gradatim.graph.operation import Numbers, Operation


def _maximum(a: Any, b: Any) -> Any:
    xp, (a, b) = alike(a, b)
    return xp.maximum(a, b)


def _where(a: Any, b: Any, condition: Any) -> Any:
    xp, (a, b) = alike(a, b)
    if is_foreign(a) and not is_foreign(condition):
        condition = beside(condition, a)
    return xp.where(condition, a, b)


def _sigmoid(a: Any) -> Any:
    # Of the two forms 1 / (1 + e⁻ᵃ) and eᵃ / (1 + eᵃ), each where its exponential cannot overflow.
    e = library_of(a).exp(_where(-a, a, a >= 0))
    return _where(1, e, a >= 0) / (1 + e)


def _softplus(a: Any) -> Any:
    xp = library_of(a)
    return _where(a, 0, a >= 0) + xp.log1p(xp.exp(_where(-a, a, a >= 0)))


NUMBER_BY_NUMBER: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation(
            "add",
            "{a} + {b}",
            slopes=("1", "1"),
            value=lambda a, b: a + b,
            back=(lambda G, y, a, b: G, lambda G, y, a, b: G),
        ),
        Operation(
            "subtract",
            "{a} − {b}",
            slopes=("1", "−1"),
            value=lambda a, b: a - b,
            back=(lambda G, y, a, b: G, lambda G, y, a, b: -G),
        ),
        Operation(
            "negative",
            "−{a}",
            slopes=("−1",),
            value=lambda a: -a,
            back=(lambda G, y, a: -G,),
        ),
        Operation(
            "multiply",
            "{a} ∘ {b}",
            slopes=("{b}", "{a}"),
            value=lambda a, b: a * b,
            back=(lambda G, y, a, b: G * b, lambda G, y, a, b: G * a),
        ),
        Operation(
            "divide",
            "{a} / {b}",
            slopes=("1 / {b}", "−{y} / {b}"),
            value=lambda a, b: a / b,
            back=(lambda G, y, a, b: G / b, lambda G, y, a, b: -G * y / b),
        ),
        Operation(
            "power",
            "{a}^{b}",
            slopes=("{b} {a}^({b} − 1)", "{y} log({a})"),
            value=lambda a, b: a**b,
            back=(
                # The two where() keep 0 · 0⁻¹ and 0 · log 0 out of a⁰ and of 0ᵇ: both derivatives are 0 there.
                lambda G, y, a, b: G * b * a ** where(b == 0, 1, b - 1),
                lambda G, y, a, b: G * y * log(where(a == 0, 1, a)),
            ),
        ),
        Operation(
            "exp",
            "exp({a})",
            slopes=("{y}",),
            value=lambda a: library_of(a).exp(a),
            back=(lambda G, y, a: G * y,),
        ),
        Operation(
            "log",
            "log({a})",
            slopes=("1 / {a}",),
            value=lambda a: library_of(a).log(a),
            back=(lambda G, y, a: G / a,),
        ),
        Operation(
            "sin",
            "sin({a})",
            slopes=("cos({a})",),
            value=lambda a: library_of(a).sin(a),
            back=(lambda G, y, a: G * cos(a),),
        ),
        Operation(
            "cos",
            "cos({a})",
            slopes=("−sin({a})",),
            value=lambda a: library_of(a).cos(a),
            back=(lambda G, y, a: -G * sin(a),),
        ),
        Operation(
            "tanh",
            "tanh({a})",
            slopes=("1 − {y}²",),
            value=lambda a: library_of(a).tanh(a),
            back=(lambda G, y, a: G * (1 - y * y),),
        ),
        Operation(
            "sigmoid",
            "sigmoid({a})",
            slopes=("{y} (1 − {y})",),
            value=_sigmoid,
            back=(lambda G, y, a: G * y * (1 - y),),
        ),
        Operation(
            "softplus",
            "softplus({a})",
            slopes=("sigmoid({a})",),
            value=_softplus,
            back=(lambda G, y, a: G * sigmoid(a),),
        ),
        Operation(
            "relu",
            "relu({a})",
            slopes=("1 where {a} ≥ 0, else 0",),
            value=lambda a: _maximum(a, 0),
            back=(lambda G, y, a: where(a >= 0, G, 0),),
        ),
        Operation(
            "maximum",
            "max({a}, {b})",
            slopes=("1 where {a} ≥ {b}, else 0", "0 where {a} ≥ {b}, else 1"),
            value=_maximum,
            back=(lambda G, y, a, b: where(a >= b, G, 0), lambda G, y, a, b: where(a >= b, 0, G)),
        ),
        Operation(
            "where",
            "{a} where the condition holds, else {b}",
            slopes=("1 where it holds, else 0", "0 where it holds, else 1"),
            value=_where,
            back=(
                lambda G, y, a, b, condition: where(condition, G, 0),
                lambda G, y, a, b, condition: where(condition, 0, G),
            ),
        ),
    )
}
"""Operations on each number by itself, by name. Broadcasting as in NumPy."""


def exp(a: Numbers) -> Any:
    """The exponential function eᵃ, number by number.

    Example:
        >>> float(exp(0))
        1.0
    """
    return NUMBER_BY_NUMBER["exp"](a)


def log(a: Numbers) -> Any:
    """The natural logarithm, number by number.

    Example:
        >>> float(log(1))
        0.0
    """
    return NUMBER_BY_NUMBER["log"](a)


def sin(a: Numbers) -> Any:
    """The sine of an angle in radians."""
    return NUMBER_BY_NUMBER["sin"](a)


def cos(a: Numbers) -> Any:
    """The cosine of an angle in radians."""
    return NUMBER_BY_NUMBER["cos"](a)


def tanh(a: Numbers) -> Any:
    """The hyperbolic tangent, (eᵃ − e⁻ᵃ) / (eᵃ + e⁻ᵃ)."""
    return NUMBER_BY_NUMBER["tanh"](a)


def sigmoid(a: Numbers) -> Any:
    """1 / (1 + e⁻ᵃ), without overflow.

    Example:
        >>> float(sigmoid(0))
        0.5
    """
    return NUMBER_BY_NUMBER["sigmoid"](a)


def softplus(a: Numbers) -> Any:
    """A relu without a corner: log of 1 + eᵃ, without overflow. −log of sigmoid at z is that of −z, right for any z.

    Example:
        >>> float(softplus(1000.0)), float(softplus(-1000.0))
        (1000.0, 0.0)
    """
    return NUMBER_BY_NUMBER["softplus"](a)


def relu(a: Numbers) -> Any:
    """The larger of a and 0. Its slope at 0 is 1."""
    return NUMBER_BY_NUMBER["relu"](a)


def maximum(a: Numbers, b: Numbers) -> Any:
    """The larger of two, number by number. Where they are equal, the whole derivative goes to the first.

    Example:
        >>> import numpy as np
        >>> print(maximum(np.array([1.0, 5.0]), 2.0))
        [2. 5.]
    """
    return NUMBER_BY_NUMBER["maximum"](a, b)


def where(condition: Any, a: Numbers, b: Numbers) -> Any:
    """Take a where the condition holds, else b.

    Args:
        condition: plain booleans, such as ``z >= 0``; comparisons of Variables give them.
        a: taken where it holds. Both are computed everywhere, so keep log(0) and the like out of either.
        b: taken where it does not hold.

    Example:
        >>> print(where([True, False], 1.0, 2.0))
        [1. 2.]
    """
    xp = library_of(condition)
    return NUMBER_BY_NUMBER["where"](a, b, condition=xp.asarray(condition, dtype=xp.bool))
