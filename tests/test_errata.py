"""Every erratum of docs/errata.md: the slip is shown wrong by a number, the correction right.

One test an erratum, in the page's order; the last test holds page and tests together.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import gradatim as gd
from gradatim.formulas.activations import ACTIVATIONS
from gradatim.formulas.losses import HalfSquaredError, LogLoss

PAGE = Path(__file__).parents[1] / "docs" / "errata.md"


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# --- 1 to 9: slips in formulas ----------------------------------------------------------------------------------------


def test_parentheses_of_the_sigmoid():
    """σ(0) is one half. Without parentheses 1 / 1 is taken first, and no value is a probability."""
    Z = np.array([[-2.0, 0.0, 2.0]])
    slip = 1 / 1 + np.exp(-Z)
    np.testing.assert_allclose(slip, [[8.38905610, 2.0, 1.13533528]], rtol=1e-8)
    assert (slip > 1).all()
    np.testing.assert_allclose(1 / (1 + np.exp(-Z)), [[0.11920292, 0.5, 0.88079708]], rtol=1e-7)
    np.testing.assert_allclose(ACTIVATIONS["sigmoid"].value(Z), 1 / (1 + np.exp(-Z)), rtol=1e-15)


def test_minus_of_the_cost():
    """A cost that is negative, and lowest where the network is most wrong, would be made worse by descending it."""
    y = 1.0
    good, bad = 0.8, 0.1

    def slip(a):
        return y * np.log(a) + (1 - y) * np.log(1 - a)

    assert slip(good) == pytest.approx(-0.22314355)
    assert slip(bad) < slip(good) < 0
    assert -slip(bad) > -slip(good) > 0
    right = LogLoss().value(np.array([[good, bad]]), np.array([[y, y]]))
    np.testing.assert_allclose(right, [[0.22314355, 2.30258509]], rtol=1e-7)


def test_activation_of_the_scores():
    """A[1] = g(Z[1]) is (4, 5). g of the A at hand, A[0], never meets W and keeps the shape of the input, (3, 5)."""
    rng = np.random.default_rng(1)
    net = gd.Network([3, 4, 1], activations=["tanh", "sigmoid"], loss="log_loss", seed=1)
    p = net.forward(rng.normal(size=(3, 5)))
    slip = np.tanh(p.A[0])
    assert slip.shape == (3, 5)
    assert p.A[1].shape == (4, 5)
    np.testing.assert_array_equal(p.A[1], np.tanh(p.Z[1]))


def test_randn_takes_numbers():
    """``randn`` takes the sizes one by one; ``zeros`` takes them as one tuple."""
    rng = np.random.RandomState(0)
    with pytest.raises(TypeError):
        rng.randn((2, 2))
    assert (rng.randn(2, 2) * 0.01).shape == (2, 2)
    assert np.zeros((2, 1)).shape == (2, 1)


def test_two_products_in_backpropagation():
    """Two outputs, three hidden units, four examples: with ``*`` both lines fail. Where they run, they run wrong."""
    rng = np.random.default_rng(2)
    W2, dZ2, A1 = rng.normal(size=(2, 3)), rng.normal(size=(2, 4)), rng.normal(size=(3, 4))
    with pytest.raises(ValueError, match="broadcast"):
        dZ2 * A1.T
    with pytest.raises(ValueError, match="broadcast"):
        W2.T * dZ2
    assert (dZ2 @ A1.T / 4).shape == W2.shape
    assert (W2.T @ dZ2).shape == A1.shape
    # One output and as many units as examples: no error, and dW2 gets a shape that W2 does not have.
    W2, dZ2, A1 = rng.normal(size=(1, 4)), rng.normal(size=(1, 4)), rng.normal(size=(4, 4))
    assert (dZ2 * A1.T / 4).shape == (4, 4)
    assert (dZ2 @ A1.T / 4).shape == W2.shape
    # Why the slip in dZ1 lives so long: with one output, broadcasting W2.T (n, 1) * dZ2 (1, m) *is* the product.
    np.testing.assert_allclose(W2.T * dZ2, W2.T @ dZ2, rtol=1e-15)


def test_derivative_for_the_layer_before():
    """dA[1] = W[2].T dZ[2], a product of matrices: by hand for a square W, where ``*`` runs and gives other numbers."""
    W = np.array([[1.0, 2.0], [3.0, 4.0]])
    dZ = np.array([[1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_array_equal(W.T @ dZ, [[1, 3], [2, 4]])
    np.testing.assert_array_equal(W.T * dZ, [[1, 0], [0, 4]])
    with pytest.raises(ValueError, match="broadcast"):
        np.ones((2, 3)).T * np.ones((2, 5))


def test_sum_of_db_along_the_examples():
    """Two units, three examples: each unit has a sum of its own. Without an axis both would get the same number."""
    dZ = np.array([[1.0, 2.0, 3.0], [-1.0, 0.0, 1.0]])
    b = np.zeros((2, 1))
    right = np.sum(dZ, axis=1, keepdims=True) / 3
    np.testing.assert_array_equal(right, [[2.0], [0.0]])
    assert np.sum(dZ) / 3 == 2.0
    assert (b - np.sum(dZ) / 3).tolist() == [[-2.0], [-2.0]]
    assert (b - np.sum(dZ, axis=1) / 3).shape == (2, 2)  # without keepdims, b is no longer a column
    assert (b - right).shape == (2, 1)


def test_sum_is_a_scalar():
    """``dz.sum() / m`` has shape (), not (1, 1); keepdims gives the (1, 1) of the comment."""
    dz = np.array([[0.5, -0.25, 0.25]])
    slip = dz.sum() / 3
    assert np.shape(slip) == ()
    right = np.sum(dz, axis=1, keepdims=True) / 3
    assert right.shape == (1, 1)
    assert right.item() == slip == pytest.approx(1 / 6)


def test_prediction_is_the_last_activation():
    """ŷ is a[L]; the a[l] before it are hidden units, and have another shape."""
    X = np.random.default_rng(3).normal(size=(3, 5))
    net = gd.Network([3, 4, 2, 1], activations=["tanh", "tanh", "sigmoid"], loss="log_loss", seed=1)
    p = net.forward(X)
    assert [p.A[l].shape for l in range(1, net.L + 1)] == [(4, 5), (2, 5), (1, 5)]
    np.testing.assert_array_equal(net.predict(X), p.A[net.L] > 0.5)


# --- 10 to 17: slips in words -----------------------------------------------------------------------------------------


def test_neuron_is_linear_regression_with_identity_only():
    """With the identity and half the squared error a neuron ends at least squares; with a sigmoid it bends."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(2, 60))
    Y = 3 * X[:1] - X[1:] + 0.5 + 0.1 * rng.normal(size=(1, 60))
    linear = gd.Network([2, 1], activations=["identity"], loss="squared_error", seed=1)
    linear.descend(X, Y, learning_rate=0.5, iterations=300)
    least_squares, *_ = np.linalg.lstsq(np.vstack([X, np.ones((1, 60))]).T, Y[0], rcond=None)
    np.testing.assert_allclose([*linear.W[1][0], linear.b[1].item()], least_squares, rtol=1e-9)
    bent = gd.Network([2, 1], activations=["sigmoid"], loss="log_loss", seed=1)
    bent.W[1] = linear.W[1]
    left, middle, right = bent.forward(np.array([[0.0, 1.0, 2.0], [0.0, 0.0, 0.0]])).A[1][0]
    assert abs(left + right - 2 * middle) > 0.1  # on a straight line this is 0
    assert 0 < left < right < 1  # and no target of 3 can be met


def test_label_is_zero_or_one():
    """A label of 0 or 1 picks one term of the loss, which then can come near 0; with y = ½ it stays above log 2."""
    Yhat = np.linspace(0.001, 0.999, 999)[None, :]
    loss = LogLoss()
    np.testing.assert_allclose(loss.value(Yhat, np.ones_like(Yhat)), -np.log(Yhat), rtol=1e-12)
    np.testing.assert_allclose(loss.value(Yhat, np.zeros_like(Yhat)), -np.log(1 - Yhat), rtol=1e-12)
    assert loss.value(Yhat, np.ones_like(Yhat)).min() < 0.0011
    assert loss.value(Yhat, np.full_like(Yhat, 0.5)).min() == pytest.approx(np.log(2), abs=1e-12)
    assert ((sigmoid(np.array([-30.0, 0.0, 30.0])) > 0) & (sigmoid(np.array([-30.0, 0.0, 30.0])) < 1)).all()


def test_reshape_does_not_broadcast():
    """Reshape keeps every number, and refuses another count; broadcasting repeats numbers."""
    v = np.arange(4.0)
    row = v.reshape(1, 4)
    assert np.shares_memory(row, v)
    with pytest.raises(ValueError, match="reshape"):
        v.reshape(3, 4)
    repeated = np.broadcast_to(v, (3, 4))
    assert repeated.size == 12
    np.testing.assert_array_equal(np.zeros((3, 4)) + v, repeated)


def test_error_is_squared():
    """½(0.2 - 1)² = 0.32, with slope ŷ - y = -0.8. A square root would give 0.894 and no such slope."""
    a, y = np.array([[0.2]]), np.array([[1.0]])
    assert HalfSquaredError().value(a, y).item() == pytest.approx(0.32)
    assert HalfSquaredError().slope(a, y).item() == pytest.approx(-0.8)
    assert np.sqrt(abs(a - y)).item() == pytest.approx(0.894427, rel=1e-6)


def test_exponentials_of_tanh_overflow():
    """At ±1000 the quotient of exponentials is nan: inf / inf. tanh is ±1 there."""
    z = np.array([[-1000.0, 1000.0]])
    with np.errstate(over="ignore", invalid="ignore"):
        slip = (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
    assert np.isnan(slip).all()
    small = np.exp(-2 * np.abs(z))  # the larger exponential is taken out of both sums: this one cannot overflow
    np.testing.assert_array_equal(np.sign(z) * (1 - small) / (1 + small), [[-1.0, 1.0]])
    np.testing.assert_array_equal(ACTIVATIONS["tanh"].value(z), [[-1.0, 1.0]])


def test_cost_is_called_j():
    """The I of one line is the J of all others: nudging it gives the dW1 of the update. I is the identity matrix."""
    rng = np.random.default_rng(5)
    X, Y = rng.normal(size=(3, 6)), np.array([[1.0, 0, 1, 1, 0, 0]])
    net = gd.Network([3, 2, 1], activations=["tanh", "sigmoid"], loss="log_loss", seed=1)
    dW1 = net.backward(net.forward(X), Y).dW[1]

    def I(nudge):  # noqa: E743 (the letter is the point)
        W1 = net.W[1] + nudge * np.array([[1.0, 0, 0], [0, 0, 0]])
        A2 = sigmoid(net.W[2] @ np.tanh(W1 @ X + net.b[1]) + net.b[2])
        return float(np.mean(-(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))))

    assert I(0.0) == pytest.approx(net.cost(X, Y), rel=1e-12)
    assert (I(1e-5) - I(-1e-5)) / 2e-5 == pytest.approx(dW1[0, 0], rel=1e-7)
    assert np.eye(2).shape == (2, 2)
    assert np.shape(net.cost(X, Y)) == ()


def test_rows_or_columns():
    """XW + B belongs to examples as rows, WX + b to columns. Each is the other's transpose; mixed, the shapes clash."""
    rng = np.random.default_rng(6)
    X, W, b = rng.normal(size=(3, 5)), rng.normal(size=(4, 3)), rng.normal(size=(4, 1))
    columns = W @ X + b
    rows = X.T @ W.T + b.T
    np.testing.assert_allclose(rows, columns.T, rtol=1e-12, atol=1e-15)
    with pytest.raises(ValueError, match="matmul"):
        X @ W
    net = gd.Network([3, 4, 1], activations=["tanh", "sigmoid"], loss="log_loss", seed=1)
    with pytest.raises(gd.errors.ShapeError, match=r"X must be \(3, m\).* Got shape \(5, 3\)\..* use X\.T"):
        net.forward(X.T)


def test_image_is_height_by_width():
    """A flag two pixels high and three wide: NumPy says (2, 3, 3), and only that order puts the pixels back."""
    red, white = [255, 0, 0], [255, 255, 255]
    image = np.array([[red, red, red], [white, white, white]], dtype=np.uint8)
    assert image.shape == (2, 3, 3)
    v = image.reshape(image.shape[0] * image.shape[1] * image.shape[2], 1)
    height, width, depth = 2, 3, 3
    np.testing.assert_array_equal(v.reshape(height, width, depth), image)
    mixed = v.reshape(width, height, depth)
    assert mixed[1].tolist() == [red, white]  # a column of a flag that nobody flew


# --- 18 to 24: smaller ones -------------------------------------------------------------------------------------------


def test_last_two_equations_are_of_layer_one():
    """dZ1 A0.T has the shape of W1, and Σ dZ1 that of b1."""
    rng = np.random.default_rng(7)
    X, Y = rng.normal(size=(3, 6)), (rng.random((1, 6)) < 0.5).astype(float)
    net = gd.Network([3, 4, 1], activations=["tanh", "sigmoid"], loss="log_loss", seed=1)
    p = net.forward(X)
    d = net.backward(p, Y)
    dZ1 = (net.W[2].T @ (p.A[2] - Y)) * (1 - p.A[1] ** 2)
    product, total = dZ1 @ p.A[0].T / 6, np.sum(dZ1, axis=1, keepdims=True) / 6
    assert product.shape == net.W[1].shape != net.W[2].shape
    assert total.shape == net.b[1].shape != net.b[2].shape
    np.testing.assert_allclose(product, d.dW[1], rtol=1e-12)
    np.testing.assert_allclose(total, d.db[1], rtol=1e-12)


def test_product_takes_this_layer_s_dz():
    """dA[2] = W[3].T dZ[3]. With a one for the l, the shapes clash."""
    rng = np.random.default_rng(8)
    X, Y = rng.normal(size=(3, 6)), (rng.random((1, 6)) < 0.5).astype(float)
    net = gd.Network([3, 4, 2, 1], activations=["tanh", "tanh", "sigmoid"], loss="log_loss", seed=1)
    d = net.backward(net.forward(X), Y)
    with pytest.raises(ValueError, match="matmul"):
        net.W[3].T @ d.dZ[1]
    np.testing.assert_allclose(net.W[3].T @ d.dZ[3], d.dA[2], rtol=1e-12)


def test_equal_units_are_equal_rows():
    """Units are rows of A[1], examples columns. Equal weights make rows equal; columns differ as the examples do."""
    X = np.array([[1.0, 2.0], [0.5, -1.0]])
    A1 = np.tanh(np.full((3, 2), 0.3) @ X)
    np.testing.assert_array_equal(A1[0, :], A1[1, :])
    assert abs(A1[:, 0] - A1[:, 1]).min() > 0.05


def test_w2_has_a_column_per_hidden_unit():
    """One hidden layer of four units: W[2] is (1, 4), not (1, 1)."""
    net = gd.Network([3, 4, 1], activations=["sigmoid", "sigmoid"], loss="log_loss", seed=1)
    hidden_layers = net.L - 1
    assert net.W[2].shape == (1, 4)
    assert hidden_layers == 1


def test_tanh_is_shifted_and_stretched():
    """The identity tanh z = 2σ(2z) - 1; a sigmoid that is only shifted stays within ±½."""
    z = np.linspace(-5, 5, 101)
    np.testing.assert_allclose(2 * sigmoid(2 * z) - 1, np.tanh(z), atol=1e-15)
    assert abs(sigmoid(z) - 0.5).max() < 0.5 < abs(np.tanh(z)).max()


def test_sigmoid_never_reaches_its_ends():
    """0 and 1 are no values of σ, but rounding makes σ(40) = 1, and then log(1 - a) is -∞. From the score it is 40."""
    assert 1 - sigmoid(36.0) > 0
    assert sigmoid(40.0) == 1.0
    with np.errstate(divide="ignore"):
        assert -np.log(1 - sigmoid(40.0)) == np.inf
    assert LogLoss().value_from_scores(np.array([[40.0]]), np.array([[0.0]])).item() == pytest.approx(40.0, rel=1e-15)


def test_relu_at_the_output_may_be_dead():
    """With z < 0 for every size both gradients are 0, and no step changes that; from the mean price 3·size is found."""
    size = np.linspace(0.1, 2.0, 20).reshape(1, -1)
    price = 3 * size
    dead = gd.Network([1, 1], activations=["relu"], loss="squared_error")
    dead.W[1], dead.b[1] = [[-1.0]], [[0.0]]
    costs = dead.descend(size, price, learning_rate=0.5, iterations=20, record_every=1)
    np.testing.assert_allclose(costs, np.mean(price**2) / 2, rtol=1e-15)
    assert dead.vector.tolist() == [-1, 0]
    alive = gd.Network([1, 1], activations=["relu"], loss="squared_error")
    alive.W[1], alive.b[1] = [[0.01]], [[price.mean()]]
    alive.descend(size, price, learning_rate=0.5, iterations=1000)
    np.testing.assert_allclose(alive.vector, [3, 0], atol=1e-6)


# --- the page ---------------------------------------------------------------------------------------------------------


def test_page_and_tests_are_one_list():
    """Every erratum names one test of this file, every test here is named by one, and both stand in the same order."""
    page = PAGE.read_text(encoding="utf-8")
    entries = re.split(r"^### ", page, flags=re.MULTILINE)[1:]
    assert [int(entry.split(".")[0]) for entry in entries] == list(range(1, len(entries) + 1))
    named = [re.findall(r"`tests/test_errata\.py::(test_\w+)`", entry) for entry in entries]
    here = re.findall(r"^def (test_\w+)\(", Path(__file__).read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert named == [[name] for name in here if name != "test_page_and_tests_are_one_list"]
