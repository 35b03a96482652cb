"""Dimensions refused: inputs, targets and matrices that do not fit are named with both shapes and the mend."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import InputError
from gradatim.network import Architecture, CategoryEmbedding, Dense
from tests.course.expectations import by_hand, refused, table


def test_inputs_that_do_not_fit_are_named_with_both_shapes_and_the_mend():
    net = gd.Network([3, 4, 1])
    refused(
        lambda: net.forward(np.ones((5, 7))), "W[1] is (4, 3), but X has 5 rows: X must be (3, m). Got shape (5, 7)."
    )
    refused(lambda: net.forward(np.ones((7, 3))), "but X has 7 rows: X must be (3, m). Got shape (7, 3)", "use X.T")
    refused(lambda: net.forward(np.ones(3)), "Got shape (3,).", "neither row nor column", "X.reshape(3, 1)")
    refused(lambda: net.forward(np.ones(7)), "Got shape (7,). A rank-1 array is neither row nor column.")
    refused(lambda: gd.Network([1, 1]).forward(np.ones(7)), "X.reshape(1, 7)")
    refused(lambda: net.forward(np.ones((3, 0))), "at least one example", error=InputError)
    refused(lambda: net.forward([["a"], ["b"], ["c"]]), "X must be an array of numbers", error=InputError)
    refused(lambda: net.forward([[1.0], [np.nan], [2.0]]), "Got nan at [1, 0]", error=InputError)
    pictures = gd.Network([12, 1])
    refused(lambda: pictures.forward(np.ones((5, 2, 2, 3))), "use X.reshape(X.shape[0], -1).T")


def test_the_mend_of_pictures_mends():
    pictures = np.arange(60.0).reshape(5, 2, 2, 3)
    assert gd.Network([12, 1]).forward(pictures.reshape(pictures.shape[0], -1).T).A[1].shape == (1, 5)


def test_codes_stand_below_the_numbers_and_are_counted():
    architecture = Architecture(2, front=(CategoryEmbedding((3,), width=2),), output=Dense(1, "sigmoid"))
    net = gd.Network.from_architecture(architecture, np.zeros(architecture.size), "log_loss")
    assert net.forward([[1.0], [2.0], [0]]).A[0].shape == (4, 1)
    reads = "the front reads 2 inputs and 1 codes, but X has 2 rows: X must be (3, m). Got shape (2, 5)."
    refused(lambda: net.forward(np.ones((2, 5))), reads)


def test_targets_that_do_not_fit_are_named_with_the_mend():
    X, Y = table(m=4)
    net = gd.Network([3, 1])
    refused(lambda: net.cost(X, Y[0]), "Y must be (1, 4)", "Got shape (4,).", "Y.reshape(1, 4)")
    refused(lambda: net.cost(X, Y.T), "Got (4, 1)", "use Y.T")
    refused(lambda: net.cost(X, Y[:, :3]), "Got (1, 3). X and Y must be of the same examples.")
    refused(lambda: net.cost(X, np.vstack([Y, Y])), "The last layer has 1 unit: Y must have as many rows.")
    refused(lambda: net.cost(X, 2 * Y - 1), "0 and 1 only", "Got -1.", error=InputError)
    refused(lambda: net.cost(X, Y / 2), "Got 0.5.", error=InputError)
    refused(lambda: net.cost(X, [["cat"] * 4]), "Y must be an array of numbers", error=InputError)
    softmax = gd.Network([3, 2], activations=["softmax"])
    refused(lambda: softmax.cost(X, Y), "np.eye(2)[Y[0]].T")
    refused(lambda: softmax.cost(X, Y[0]), "np.eye(2)[Y].T")
    refused(lambda: softmax.cost(X, np.ones((2, 4))), "a single 1 in each column", "Got 2", error=InputError)
    assert softmax.cost(X, np.eye(2)[Y[0]].T) > 0


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (
            {"W2": np.ones((2, 7))},
            ["W[2] is (2, 7), but A[1] has 2 rows", "W[2] must have 2 columns. Got (2, 7)."],
        ),
        ({"W2": np.ones((1, 3))}, ["W[2] is (1, 3), but A[1] has 2 rows, for W[1] is (2, 2)", "Got (1, 3)."]),
        ({"W2": np.ones((2, 1)), "b2": np.ones((2, 1))}, ["W[2] must have 2 columns", "Got (2, 1).", "use W2.T"]),
        ({"W1": np.ones(4)}, ["W[1] must be a matrix, (n[1], n[0]). Got shape (4,)", "use W1.reshape(2, 2)"]),
        ({"W1": np.ones(5)}, ["W[1] must be a matrix, (n[1], n[0]). Got shape (5,)."]),
        ({"b2": np.ones(4)}, ["b[2] must be (1, 1), for W[2] is (1, 2). Got (4,). A rank-1 array"]),
        ({"b1": np.ones(2)}, ["b[1] must be (2, 1), for W[1] is (2, 2). Got (2,).", ".reshape(2, 1)"]),
        ({"b1": np.ones((3, 1))}, ["b[1] must be (2, 1), for W[1] is (2, 2). Got (3, 1)."]),
    ],
)
def test_dictionaries_whose_matrices_do_not_fit(change, parts):
    refused(lambda: gd.Network.from_parameters(by_hand() | change), *parts)
    refused(lambda: gd.two_layer_forward_by_loop(by_hand() | change, np.ones((2, 3))), *parts)
