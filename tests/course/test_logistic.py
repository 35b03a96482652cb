"""Logistic regression by loop and vectorized: against the engine, where probabilities round, and at its door."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradatim as gd
from gradatim.errors import InputError
from tests.course.expectations import refused, table


@given(n=st.integers(1, 5), m=st.integers(1, 8), seed=st.integers(0, 1000))
def test_logistic_regression_by_loop_vectorized_and_by_the_engine_agree(n, m, seed):
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(n, m)), rng.integers(0, 2, size=(1, m))
    w, b = rng.normal(size=(n, 1)), float(rng.normal())
    net = gd.Network.from_parameters({"W1": w.T, "b1": np.array([[b]])})
    d = net.backward(net.forward(X), Y)
    for dw, db, J in (gd.logistic_regression_by_loop(w, b, X, Y), gd.logistic_regression(w, b, X, Y)):
        assert dw.shape == (n, 1)
        assert isinstance(db, float)
        assert np.abs(dw - d.dW[1].T).max() < 1e-12
        assert abs(db - d.db[1].item()) < 1e-12
        assert abs(J - net.cost(X, Y)) < 1e-12


@pytest.mark.parametrize("logistic_regression", [gd.logistic_regression, gd.logistic_regression_by_loop])
def test_logistic_regression_holds_where_the_probability_rounds_to_1(logistic_regression):
    """At z = ±1000, one example right and one wrong: J = (0 + 1000) / 2, where the printed formula gives ln 0."""
    dw, db, J = logistic_regression(np.array([[1000.0]]), 0.0, np.array([[1.0, -1.0]]), np.array([[1, 1]]))
    assert (dw.tolist(), db, J) == ([[0.5]], -0.5, 500.0)


@pytest.mark.parametrize("logistic_regression", [gd.logistic_regression, gd.logistic_regression_by_loop])
def test_logistic_regression_has_one_door_for_both_forms(logistic_regression):
    X, Y = table()
    w = np.full((3, 1), 0.2)
    dw, db, J = logistic_regression(w, 0.3, X, Y)
    for b in (np.array([[0.3]]), np.array([0.3]), np.float32(0.3), np.array(0.3)):
        again = logistic_regression(w, b, X, Y)
        assert isinstance(again[1], float)
        assert np.allclose(again[0], dw, atol=1e-8)
        assert again[1:] == pytest.approx((db, J), abs=1e-7)
    refused(
        lambda: logistic_regression(w, np.ones((3, 1)), X, Y), "b must be a number. Got shape (3, 1)", "share one bias"
    )
    refused(lambda: logistic_regression(w, "0.3 or so", X, Y), "b must be an array of numbers", error=InputError)
    refused(lambda: logistic_regression(w, np.nan, X, Y), "b must hold finite numbers. Got nan.", error=InputError)
    refused(
        lambda: logistic_regression(w.ravel(), 0.0, X, Y), "w must be a column, (n, 1). Got (3,).", "w.reshape(3, 1)"
    )
    refused(lambda: logistic_regression(w.T, 0.0, X, Y), "Got (1, 3). It is the transpose: use w.T.")
    refused(lambda: logistic_regression(w * np.inf, 0.0, X, Y), "w must hold finite numbers", error=InputError)
