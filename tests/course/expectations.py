"""What the tests of gradatim.course share: a table, a network in tenths, and a call that must be refused."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.errors import ShapeError


def table(n=3, m=40, seed=0):
    """X (n, m) and noisy labels (1, m), which no line separates."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, m))
    Y = (X.sum(axis=0, keepdims=True) + rng.normal(size=(1, m)) > 0).astype(int)
    return X, Y


def by_hand():
    """Two inputs, two hidden units, one output; numbers in tenths."""
    return {
        "W1": np.array([[0.1, 0.2], [-0.3, 0.4]]),
        "b1": np.array([[0.5], [-0.1]]),
        "W2": np.array([[0.6, -0.7]]),
        "b2": np.array([[0.2]]),
    }


def refused(call, *parts, error=ShapeError):
    with pytest.raises(error) as caught:
        call()
    for part in parts:
        assert part in str(caught.value), str(caught.value)
