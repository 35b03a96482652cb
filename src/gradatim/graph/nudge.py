"""A slope by trying it: nudge a, and see how far f(a) moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

from gradatim.drawing import number_text
from gradatim.errors import InputError, ShapeError
from gradatim.graph.variable import Variable, gradients, variable


@dataclass(frozen=True, repr=False)
class Nudged:
    """What came of a nudge, beside the slope that the graph says. Python shows it in words.

    Attributes:
        a: where.
        by: how far a was moved.
        value: f(a).
        moved: f(a + by) - f(a).
        slope: moved / by, the slope by trying.
        exact: the slope by the chain rule.
    """

    a: float
    by: float
    value: float
    moved: float
    exact: float

    @property
    def slope(self) -> float:
        """How far f(a) moves for each step of a: right up to about `by`."""
        return self.moved / self.by

    def __repr__(self) -> str:
        to, after = number_text(self.a + self.by, 8), number_text(self.value + self.moved, 8)
        return (
            f"a from {number_text(self.a, 8)} to {to} moves f(a) from {number_text(self.value, 8)} to {after}: "
            f"by {number_text(self.moved, 6)}, which is {number_text(self.slope, 6)} times as much.\n"
            f"The exact slope is {number_text(self.exact, 6)}."
        )


def nudged(f: Callable[[Any], Any], a: float, by: float = 0.001) -> Nudged:
    """The slope of f at a as the notes introduce it: nudge a by 0.001, and see how far f(a) moves.

    Args:
        f: an expression in one number, made of the operations of `gradatim.graph`.
        a: a single number.
        by: the nudge; not 0.

    Raises:
        InputError: if a or by is not a number, or by is 0, or f gives no Variable.
        ShapeError: if f gives more than one number.

    Example:
        >>> print(nudged(lambda a: a**2, 5.0))
        a from 5 to 5.001 moves f(a) from 25 to 25.010001: by 0.010001, which is 10.001 times as much.
        The exact slope is 10.
        >>> nudged(lambda a: 3 * a, 2.0).exact
        3.0
    """
    if not isinstance(a, Real) or not isinstance(by, Real) or by == 0:
        raise InputError(f"nudged: a must be a single number, and by a nudge other than 0. Got a={a!r}, by={by!r}.")
    x = variable(float(a), "a")
    y = f(x)
    if not isinstance(y, Variable):
        raise InputError(
            f"nudged: f must be made of the operations of gradatim.graph. Got {type(y).__name__}. "
            "Take exp, log and the like from there, and not .value."
        )
    if y.size != 1:
        raise ShapeError(f"nudged: f must give one number. Got shape {y.shape}.")
    (exact,) = gradients(y, [x])
    value, after = y.value.item(), f(variable(float(a) + by, "a")).value.item()
    return Nudged(float(a), float(by), value, after - value, exact.value.item())
