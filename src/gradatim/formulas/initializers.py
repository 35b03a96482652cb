"""Initializers: the weights before the first step.

============  ====================================  ===========================================================
name          w                                     where it belongs
============  ====================================  ===========================================================
zeros         0                                     linear models; behind a hidden layer all units stay equal
small_normal  scale · N(0, 1), scale 0.01           shallow networks; the course's first choice
glorot        U(-a, a), a = √(6/(fan_in+fan_out))   tanh and sigmoid
lecun         N(0, 1) / √fan_in                     selu; linear layers
he            N(0, 1) · √(2/fan_in)                 relu, which lets half of the variance through
standardized  N(0, 1) / (deviation of the score)    whatever the inputs are; looks at the training rows
============  ====================================  ===========================================================

Conventions
-----------
* fan_in is the number of inputs of a unit, n[l-1], fan_out the number of units, n[l]. A layer without inputs counts
  as one with 1: its block is empty, and nothing divides by 0.
* Biases start at 0 whatever the weights do; of standardized weights they do not.
* "standardized" draws as Lecun does; what rows do to that, and to biases, is `gradatim.training.initial`'s.
* He and Lecun are the normal forms; both papers' names also stand for uniform ones of the same variance elsewhere.
  Glorot is the uniform form, as in the paper (its "normalized initialization").
* One call to the generator draws one block, so that ``numpy.random.RandomState(1)`` gives the numbers of the course's
  ``np.random.seed(1); np.random.randn(…)``. All are float64; who wants float32 rounds them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import sqrt

import numpy as np

from gradatim.errors import InputError, named, number
from gradatim.formulas.arrays import Array

Rng = np.random.Generator | np.random.RandomState
"""Both have ``standard_normal(shape)`` and ``uniform(low, high, shape)``. RandomState gives published numbers."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Initializer:
    """One way to draw initial weights, as data. Two are equal if their names are.

    Attributes:
        name: as in `INITIALIZERS`, with the parameter behind it if that is not the default: ``"small_normal(10.0)"``.
        draw: (rng, shape, fan_in, fan_out) -> float64 array of that shape.
        formula: how a book prints it.
        source: where it comes from.

    Example:
        >>> he = initializer("he")
        >>> he.draw(np.random.RandomState(3), (1, 2), 2, 1)
        array([[1.78862847, 0.43650985]])
    """

    name: str
    draw: Callable[[Rng, Shape, int, int], Array] = field(compare=False)
    formula: str = field(compare=False)
    source: str = field(compare=False)


def zeros(rng: Rng, shape: Shape, fan_in: int, fan_out: int) -> Array:
    """Draw nothing: w = 0."""
    return np.zeros(shape)


def small_normal(scale: float = 0.01) -> Initializer:
    """The weights are scale · N(0, 1), whatever the size of the layer.

    Args:
        scale: standard deviation, 0 or more. 10 shows what too large a start does.

    Returns:
        An `Initializer` with this scale.

    Raises:
        InputError: for a negative scale.

    Example:
        >>> small_normal(10).draw(np.random.RandomState(1), (2, 1), 1, 2)
        array([[16.24345364],
               [-6.11756414]])

    Source: Ng, Deep Learning Specialization, course 1, week 3.
    """
    number("small_normal", "scale", scale)
    return Initializer(
        "small_normal" if scale == 0.01 else f"small_normal({float(scale)!r})",
        partial(_small_normal, scale=float(scale)),
        f"w = {scale:g} N(0, 1)",
        "Ng, Deep Learning Specialization, course 1, week 3",
    )


def _small_normal(rng: Rng, shape: Shape, fan_in: int, fan_out: int, *, scale: float) -> Array:
    return rng.standard_normal(shape) * scale


def glorot(rng: Rng, shape: Shape, fan_in: int, fan_out: int) -> Array:
    """The weights are U(-a, a) with a = √(6 / (fan_in + fan_out)), so that the variance is 2 / (fan_in + fan_out).

    Source: Glorot & Bengio 2010, eq. 16.
    """
    a = sqrt(6 / max(fan_in + fan_out, 1))
    return rng.uniform(-a, a, shape)


def lecun(rng: Rng, shape: Shape, fan_in: int, fan_out: int) -> Array:
    """The weights are N(0, 1) / √fan_in: sums of fan_in inputs of variance 1 have variance 1.

    Source: LeCun et al. 1998, Efficient BackProp, section 4.6, eq. 16.
    """
    return rng.standard_normal(shape) / sqrt(max(fan_in, 1))


def he(rng: Rng, shape: Shape, fan_in: int, fan_out: int) -> Array:
    """The weights are N(0, 1) · √(2/fan_in): Lecun's, doubled in variance, for relu passes half of it on.

    Source: He et al. 2015 (arXiv 1502.01852), eq. 10.
    """
    return rng.standard_normal(shape) * sqrt(2 / max(fan_in, 1))


STANDARDIZED = "standardized"

INITIALIZERS: dict[str, Initializer] = {
    entry.name: entry
    for entry in (
        Initializer("zeros", zeros, "w = 0", "Ng, Deep Learning Specialization, course 1, week 2"),
        small_normal(),
        Initializer(
            "glorot",
            glorot,
            "w = U(-a, a), a = √(6 / (fan_in + fan_out))",
            "Glorot & Bengio 2010 (Understanding the difficulty of training deep feedforward neural networks), eq. 16",
        ),
        Initializer(
            "lecun",
            lecun,
            "w = N(0, 1) / √fan_in",
            "LeCun et al. 1998 (Efficient BackProp), section 4.6, eq. 16",
        ),
        Initializer("he", he, "w = N(0, 1) √(2/fan_in)", "He et al. 2015 (arXiv 1502.01852), eq. 10"),
        Initializer(
            STANDARDIZED,
            lecun,
            "w = N(0, 1) / (standard deviation of the score over the training rows)",
            "Holzmüller et al. 2024 (arXiv 2407.04491), section 3",
        ),
    )
}
"""Every initializer by name, in growing difficulty."""


def initializer(name: str | Initializer) -> Initializer:
    """The initializer of that name.

    Args:
        name: a key of `INITIALIZERS`; ``"small_normal(10)"`` for a scale of one's own; an `Initializer` is handed back.

    Raises:
        InputError: for a name that is not known, and for what is neither name nor object.

    Example:
        >>> initializer("small_normal(10)").formula
        'w = 10 N(0, 1)'
    """
    if isinstance(name, Initializer):
        return name
    written = re.fullmatch(r"small_normal\((.+)\)", str(name).replace(" ", ""))
    return small_normal(_number(written[1])) if written else named("initializer", name, INITIALIZERS)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f'small_normal: scale must be a number, as in "small_normal(10)". Got {text!r}.') from None
