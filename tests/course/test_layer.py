"""One layer by itself: chained to the whole pass, and the messages of misfits."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from gradatim.errors import InputError
from tests.course.expectations import refused, table


def test_layers_by_themselves_chain_to_the_whole_pass():
    X, Y = table()
    net = gd.Network([3, 4, 5, 1], activations=["tanh", "relu", "sigmoid"], seed=1)
    p = net.forward(X)
    d = net.backward(p, Y)
    A, caches = X, []
    for l in (1, 2, 3):
        A, cache = net.layer(l).forward(A)
        caches.append(cache)
        assert np.array_equal(A, p.A[l])
    dA = d.dA[3]
    for l in (3, 2, 1):
        dA, dW, db = net.layer(l).backward(dA, caches[l - 1])
        assert np.allclose(dA, d.dA[l - 1], rtol=1e-12)
        assert np.allclose(dW, d.dW[l], rtol=1e-12)
        assert np.allclose(db, d.db[l], rtol=1e-12)


def test_activations_from_below_that_do_not_fit_a_layer():
    net = gd.Network([3, 4, 5, 1])
    refused(
        lambda: net.layer(2).forward(np.ones((6, 2))),
        "W[2] is (5, 4), but A[1] has 6 rows: A[1] must be (4, m). Got shape (6, 2).",
    )
    refused(
        lambda: net.layer(2).forward(np.ones((2, 4))),
        "W[2] is (5, 4), but A[1] has 2 rows: A[1] must be (4, m). Got shape (2, 4).",
        "use A[1].T",
    )
    _, cache = net.layer(2).forward(np.ones((4, 3)))

    def backward(dA, cache=cache):
        return lambda: net.layer(2).backward(dA, cache)

    refused(backward(np.ones((5, 2))), "dA[2] must have the shape of A[2], (5, 3).", "It needs 5 rows", "3 columns")
    refused(backward(np.ones((3, 5))), "Got (3, 5). It is the transpose: use dA[2].T.")
    refused(backward(np.ones(15)), "Got (15,). A rank-1 array is neither row nor column: use dA[2].reshape(5, 3).")
    refused(backward(np.ones(4)), "Got (4,). A rank-1 array is neither row nor column. It needs 5 rows")
    refused(backward("much"), "dA[2] must be an array of numbers. Got str", error=InputError)
    refused(
        backward(cache, np.ones((5, 3))), "cache must be what net.layer(2).forward", "Got ndarray", error=InputError
    )
    _, other = net.layer(1).forward(np.ones((3, 3)))
    refused(backward(np.ones((5, 3)), other), "W[2] is (5, 4) but the cache is of a layer whose W is (4, 3)")
