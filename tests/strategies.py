"""Hypothesis strategies for arrays as gradatim uses them: examples are columns."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

units = st.integers(1, 6)
examples = st.integers(1, 8)
shapes = st.tuples(units, examples)


def numbers(largest: float = 10.0) -> st.SearchStrategy[float]:
    """Finite floats in [-largest, largest], without the subnormal ones that no test of ours is about."""
    return st.floats(-largest, largest, allow_nan=False, allow_infinity=False, allow_subnormal=False)


def float_arrays(shape=shapes, largest: float = 10.0):
    """float64 arrays; `shape` is a shape or a strategy for shapes."""
    return arrays("float64", shape, elements=numbers(largest))


def probabilities(shape=shapes):
    """float64 arrays of numbers in (0, 1), away from its ends."""
    return arrays("float64", shape, elements=st.floats(0.01, 0.99))


@st.composite
def one_hot(draw):
    """(classes, m) float64, a single 1 in each column."""
    n, m = draw(st.integers(2, 5)), draw(examples)
    labels = draw(arrays("int64", m, elements=st.integers(0, n - 1)))
    return (labels == [[k] for k in range(n)]).astype("float64")
