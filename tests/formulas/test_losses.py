"""Losses: values by hand, slopes by the complex step, the long way against the short one, extremes, other libraries."""

from math import e, inf, log

import numpy as np
import pytest
import scipy.special
import sklearn.linear_model
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError
from gradatim.formulas.activations import ACTIVATIONS, activation, sigmoid, softmax
from gradatim.formulas.losses import (
    LOSSES,
    AbsoluteError,
    CategoricalLogLoss,
    HalfSquaredError,
    Huber,
    LogLoss,
    Poisson,
    Quantile,
    loss,
)
from tests.array_libraries import LIBRARIES
from tests.numeric_slopes import complex_step_of_sum
from tests.strategies import float_arrays, one_hot

# Every class of the table, with settings where it has any.
ALL = [
    HalfSquaredError(),
    LogLoss(),
    LogLoss(label_smoothing=0.1),
    CategoricalLogLoss(),
    CategoricalLogLoss(label_smoothing=0.1),
    AbsoluteError(),
    Huber(),
    Huber(delta=0.3),
    Quantile(),
    Quantile(0.9),
    Poisson(),
]
every_loss = pytest.mark.parametrize("L", ALL, ids=repr)

BY_HAND = [
    # loss, a, y, L, dA
    (HalfSquaredError(), 3.0, 1.0, 2.0, 2.0),
    (HalfSquaredError(), -1.0, 2.0, 4.5, -3.0),
    (LogLoss(), 0.5, 1.0, log(2), -2.0),
    (LogLoss(), 0.75, 0.0, log(4), 4.0),
    (LogLoss(0.2), 0.75, 1.0, 0.9 * log(4 / 3) + 0.1 * log(4), -0.9 / 0.75 + 0.1 / 0.25),
    (AbsoluteError(), 3.0, 1.0, 2.0, 1.0),
    (AbsoluteError(), 1.0, 3.0, 2.0, -1.0),
    (Quantile(), 3.0, 1.0, 1.0, 0.5),
    (Quantile(0.9), 3.0, 1.0, 0.2, 0.1),
    (Quantile(0.9), -3.0, 1.0, 3.6, -0.9),
    (Huber(1.0), 1.5, 1.0, 0.125, 0.5),
    (Huber(1.0), 4.0, 1.0, 2.5, 1.0),
    (Huber(2.0), -4.0, 1.0, 8.0, -2.0),
    (Huber(2.0), -1.0, 1.0, 2.0, -2.0),  # where the parabola becomes the line both agree
    (Poisson(), 2.0, 0.0, 2.0, 1.0),
    (Poisson(), 2.0, 3.0, 2 - 3 * log(2), -0.5),
    (Poisson(), 4.0, 4.0, 4 - 8 * log(2), 0.0),
]


@pytest.mark.parametrize(("L", "a", "y", "value", "slope"), BY_HAND)
def test_by_hand(L, a, y, value, slope):
    A, Y = np.array([[a]]), np.array([[y]])
    np.testing.assert_allclose(L.value(A, Y), [[value]], rtol=2e-15)
    np.testing.assert_allclose(L.slope(A, Y), [[slope]], rtol=1e-15)


def test_categorical_by_hand():
    """Scores ln 1, ln 2, ln 3 are probabilities 1/6, 2/6, 3/6; the right class is the second."""
    Z, Y = np.log([[1.0], [2.0], [3.0]]), np.array([[0.0], [1.0], [0.0]])
    A = softmax(Z)
    L = CategoricalLogLoss()
    for value in (L.value(A, Y), L.value_from_scores(Z, Y)):
        np.testing.assert_allclose(value, [[0], [log(3)], [0]], rtol=1e-15, atol=1e-15)
    np.testing.assert_allclose(L.slope(A, Y), [[0], [-3], [0]], rtol=1e-15)
    np.testing.assert_allclose(L.slope_from_scores(Z, Y), [[1 / 6], [-2 / 3], [1 / 2]], rtol=1e-15)


def test_smoothed_targets_by_hand():
    """ε = 0.3: of three classes the right one keeps 0.7 + 0.1 and the others get 0.1; of two, 0.85 and 0.15."""
    Y = np.array([[0.0], [1.0], [0.0]])
    at_even_odds = CategoricalLogLoss(0.3).slope_from_scores(np.zeros((3, 1)), Y)
    np.testing.assert_allclose(1 / 3 - at_even_odds, [[0.1], [0.8], [0.1]], rtol=1e-15)
    two = LogLoss(0.3).slope_from_scores(np.zeros((1, 2)), np.array([[1.0, 0.0]]))
    np.testing.assert_allclose(0.5 - two, [[0.85, 0.15]], rtol=1e-15)


def some(L, rng, n=3, m=5):
    """Scores and targets that fit the loss, away from its corners."""
    Z = rng.normal(size=(n, m)) * 2
    if isinstance(L, LogLoss):
        return Z, (rng.random((n, m)) < 0.5).astype(float)
    if isinstance(L, CategoricalLogLoss):
        return Z, np.eye(n)[:, rng.integers(n, size=m)]
    if isinstance(L, Poisson):
        return Z, rng.poisson(2.0, size=(n, m)).astype(float)
    return Z, rng.normal(size=(n, m)) * 2


@every_loss
def test_both_forms_give_one_value(L):
    Z, Y = some(L, np.random.default_rng(0))
    A = activation(L.output).value(Z)
    np.testing.assert_allclose(L.value_from_scores(Z, Y), L.value(A, Y), rtol=1e-12, atol=1e-14)


@every_loss
def test_slope_in_a_equals_the_complex_step(L):
    Z, Y = some(L, np.random.default_rng(1))
    A = activation(L.output).value(Z)
    np.testing.assert_allclose(L.slope(A, Y), complex_step_of_sum(lambda A: L.value(A, Y), A), rtol=1e-12, atol=1e-12)


@every_loss
def test_slope_in_z_equals_the_complex_step(L):
    Z, Y = some(L, np.random.default_rng(2))
    expected = complex_step_of_sum(lambda Z: L.value_from_scores(Z, Y), Z)
    np.testing.assert_allclose(L.slope_from_scores(Z, Y), expected, rtol=1e-12, atol=1e-12)


@every_loss
def test_the_long_way_equals_the_short_one(L):
    """∂L/∂A, then back through the output's activation, is ∂L/∂Z."""
    Z, Y = some(L, np.random.default_rng(3))
    output = activation(L.output)
    A = output.value(Z)
    np.testing.assert_allclose(output.backward(L.slope(A, Y), Z, A), L.slope_from_scores(Z, Y), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("L", [HalfSquaredError(), LogLoss(), CategoricalLogLoss(), Poisson()], ids=repr)
def test_the_short_way_is_a_minus_y(L):
    Z, Y = some(L, np.random.default_rng(4))
    np.testing.assert_array_equal(L.slope_from_scores(Z, Y), activation(L.output).value(Z) - Y)


@pytest.mark.parametrize("L", [AbsoluteError(), Quantile(0.9)], ids=repr)
def test_at_the_corner_the_slope_is_0(L):
    A = np.array([[1.5]])
    assert L.slope(A, A) == 0


@given(float_arrays((2, 4)), float_arrays((2, 4)))
def test_the_absolute_error_is_twice_the_loss_of_the_median(A, Y):
    np.testing.assert_array_equal(2 * Quantile(0.5).value(A, Y), AbsoluteError().value(A, Y))
    np.testing.assert_array_equal(2 * Quantile(0.5).slope(A, Y), AbsoluteError().slope(A, Y))


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_the_best_constant_of_the_quantile_loss_is_the_quantile(q):
    """Of 1, 2, …, 101 a share q lies below 1 + 100 q: the costs are smallest there."""
    Y = np.arange(1.0, 102.0).reshape(1, -1)
    costs = [Quantile(q).value(np.full_like(Y, a), Y).mean() for a in range(1, 102)]
    assert 1 + np.argmin(costs) == round(1 + 100 * q)


def test_the_best_constant_of_the_poisson_loss_is_the_mean():
    Y = np.array([[0.0, 1.0, 1.0, 6.0]])
    assert Poisson().slope(np.full_like(Y, 2.0), Y).sum() == 0
    assert Poisson().slope_from_scores(np.full_like(Y, log(2)), Y).sum() == pytest.approx(0, abs=1e-15)


# ---- extremes: floating point errors raise in every test of this project


@every_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_finite_and_of_the_same_type_at_a_thousand(L, dtype):
    Z = np.array([[-1000, 1000, 0, 1000, -1000], [1000, -1000, 0, 1000, -1000]], dtype=dtype)
    Y = np.array([[1, 1, 0, 0, 1], [0, 0, 1, 1, 0]], dtype=dtype)
    for array in (L.value_from_scores(Z, Y), L.slope_from_scores(Z, Y)):
        assert array.shape == Z.shape
        assert array.dtype == dtype
        assert np.isfinite(array).all()
    A = activation(L.output).value(Z)
    for array in (L.value(A, Y), L.slope(A, Y)):
        assert array.dtype == dtype
        assert not np.isnan(array).any()


def test_log_loss_of_certain_scores():
    """Certain and right costs nothing, certain and wrong costs the score."""
    Z, Y = np.array([[1000.0, -1000.0, 1000.0, -1000.0]]), np.array([[1.0, 0.0, 0.0, 1.0]])
    np.testing.assert_array_equal(LogLoss().value_from_scores(Z, Y), [[0, 0, 1000, 1000]])
    np.testing.assert_array_equal(LogLoss().slope_from_scores(Z, Y), [[0, 0, 1, -1]])


def test_a_small_log_loss_keeps_its_digits():
    """ln(1 + e^-30), where ln(1 + e^30) - 30 would be left with two digits."""
    value = LogLoss().value_from_scores(np.array([[30.0]]), np.array([[1.0]]))
    np.testing.assert_allclose(value, [[e**-30 * (1 - e**-30 / 2)]], rtol=1e-14)


@pytest.mark.parametrize(("dtype", "score"), [(np.float32, 17), (np.float64, 37)])
def test_from_this_score_on_the_form_in_a_is_infinite(dtype, score):
    """Where the sigmoid has rounded to 1. The form in Z goes on."""
    zero = np.zeros((1, 1), dtype)
    below, at = np.full((1, 1), score - 1, dtype), np.full((1, 1), score, dtype)
    assert np.isfinite(LogLoss().value(sigmoid(below), zero))
    assert LogLoss().value(sigmoid(at), zero) == inf
    assert LogLoss().value_from_scores(at, zero) == pytest.approx(score, rel=1e-6)


def test_probabilities_0_and_1_in_a():
    """Right: the loss is 0 (0 · ln 0 counts as 0). Wrong: infinite, with a slope of the right sign."""
    A, Y = np.array([[0.0, 1.0, 0.0, 1.0]]), np.array([[0.0, 1.0, 1.0, 0.0]])
    np.testing.assert_array_equal(LogLoss().value(A, Y), [[0, 0, inf, inf]])
    np.testing.assert_array_equal(LogLoss().slope(A, Y), [[1, -1, -inf, inf]])
    A, Y = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 0.0]])
    np.testing.assert_array_equal(CategoricalLogLoss().value(A, Y), [[0, inf], [0, 0]])
    np.testing.assert_array_equal(CategoricalLogLoss().slope(A, Y), [[-1, -inf], [0, 0]])


def test_poisson_at_impossible_means():
    """A mean of 0 is right for a count of 0 alone, one below 0 for none; the slope calls for more."""
    A, Y = np.array([[0.0, 0.0, -1.0, -1.0]]), np.array([[0.0, 2.0, 0.0, 2.0]])
    np.testing.assert_array_equal(Poisson().value(A, Y), [[0, inf, inf, inf]])
    np.testing.assert_array_equal(Poisson().slope(A, Y), [[1, -inf, -inf, -inf]])


def test_which_outputs_give_means_that_the_poisson_loss_can_take():
    """All others fall below 0, or relu to 0, where it is infinite."""
    Z, Y = np.array([[-3.0, 0.5], [2.0, -0.1]]), np.ones((2, 2))
    means = {name: g.value(Z) for name, g in ACTIVATIONS.items()}
    possible = {name for name, A in means.items() if np.isfinite(Poisson().value(A, Y)).all()}
    assert possible == {"sigmoid", "exp", "softmax", "softplus"}


def test_a_poisson_score_that_went_too_far_is_called_back():
    """Where e^z is held its slope is not 0."""
    Z, Y = np.array([[1000.0, -1000.0]]), np.array([[1.0, 1.0]])
    np.testing.assert_allclose(Poisson().slope_from_scores(Z, Y), [[e**354, -1]], rtol=1e-13)
    np.testing.assert_allclose(Poisson().value_from_scores(Z, Y), [[e**354, 1000]], rtol=1e-13)


# ---- properties, and what others compute


@given(float_arrays((2, 4), largest=100.0), st.sampled_from(ALL))
def test_no_loss_is_negative(Z, L):
    """Poisson's may be, but not for targets of 0 and 1: e^z and e^z - z are above 0."""
    Y = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]])
    assert (L.value_from_scores(Z, Y) >= 0).all()


@given(float_arrays((1, 6), largest=500.0))
def test_log_loss_is_categorical_log_loss_of_two(Z):
    """A score z against 0, with and without smoothing."""
    Y = np.array([[1.0, 0.0, 1.0, 0.0, 1.0, 0.0]])
    both = np.vstack([Z, np.zeros_like(Z)]), np.vstack([Y, 1 - Y])
    for smoothing in (0.0, 0.1):
        one = LogLoss(smoothing).value_from_scores(Z, Y)
        two = CategoricalLogLoss(smoothing).value_from_scores(*both).sum(axis=0, keepdims=True)
        np.testing.assert_allclose(two, one, rtol=1e-12, atol=1e-13)


@given(one_hot(), st.integers(0, 2**32 - 1))
def test_slopes_of_the_categorical_loss_sum_to_0_in_each_column(Y, seed):
    """A common shift of the scores changes nothing, so no slope points that way."""
    Z = np.random.default_rng(seed).normal(size=Y.shape) * 10
    for smoothing in (0.0, 0.1):
        np.testing.assert_allclose(CategoricalLogLoss(smoothing).slope_from_scores(Z, Y).sum(axis=0), 0, atol=1e-14)


def test_equal_to_scipy_and_scikit_learn():
    rng = np.random.default_rng(5)
    A, Y = rng.normal(size=(1, 50)) * 3, rng.normal(size=(1, 50))
    np.testing.assert_allclose(Huber(0.7).value(A, Y), scipy.special.huber(0.7, A - Y), rtol=1e-14)
    squared = sklearn.metrics.mean_squared_error(Y.ravel(), A.ravel())
    assert 2 * HalfSquaredError().value(A, Y).mean() == pytest.approx(squared, rel=1e-14)
    pinball = sklearn.metrics.mean_pinball_loss(Y.ravel(), A.ravel(), alpha=0.9)
    assert Quantile(0.9).value(A, Y).mean() == pytest.approx(pinball, rel=1e-14)
    counts, means = rng.poisson(2.0, size=(1, 50)).astype(float), np.exp(A)
    deviance = sklearn.metrics.mean_poisson_deviance(counts.ravel(), means.ravel())
    best = counts - scipy.special.xlogy(counts, counts)
    assert 2 * (Poisson().value(means, counts) - best).mean() == pytest.approx(deviance, rel=1e-12)
    labels = rng.integers(3, size=50)
    Z = rng.normal(size=(3, 50))
    ours = CategoricalLogLoss().value_from_scores(Z, np.eye(3)[:, labels]).sum(axis=0).mean()
    assert ours == pytest.approx(sklearn.metrics.log_loss(labels, scipy.special.softmax(Z, axis=0).T), rel=1e-12)


def test_where_scikit_learns_poisson_regression_ends_our_slope_is_0():
    rng = np.random.default_rng(8)
    X = rng.normal(size=(3, 200))
    Y = rng.poisson(np.exp(0.5 * X[:1] - 0.3 * X[1:2] + 0.2)).astype(float)
    theirs = sklearn.linear_model.PoissonRegressor(alpha=0, solver="newton-cholesky", tol=1e-12).fit(X.T, Y[0])
    dZ = Poisson().slope_from_scores(theirs.coef_ @ X + theirs.intercept_, Y)
    np.testing.assert_allclose([*(X @ dZ.T), dZ.sum(axis=1)], 0, atol=1e-10)
    assert np.abs(dZ).max() > 0.1


def test_values_and_slopes_equal_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch comes with the extra [oracles]")
    F = torch.nn.functional

    def theirs(L, Z, Y):
        if isinstance(L, LogLoss):
            smooth = (1 - L.label_smoothing) * Y + L.label_smoothing / 2
            return F.binary_cross_entropy_with_logits(Z, smooth, reduction="sum")
        if isinstance(L, CategoricalLogLoss):
            return F.cross_entropy(Z.T, Y.T, label_smoothing=L.label_smoothing, reduction="sum")
        if isinstance(L, Huber):
            return F.huber_loss(Z, Y, delta=L.delta, reduction="sum")
        if isinstance(L, Quantile):
            return torch.where(Y >= Z, L.quantile * (Y - Z), (1 - L.quantile) * (Z - Y)).sum()
        if isinstance(L, Poisson):
            return F.poisson_nll_loss(Z, Y, log_input=True, full=False, reduction="sum")
        if isinstance(L, AbsoluteError):
            return F.l1_loss(Z, Y, reduction="sum")
        return F.mse_loss(Z, Y, reduction="sum") / 2

    for L in ALL:
        Z, Y = some(L, np.random.default_rng(6))
        scores = torch.tensor(Z, requires_grad=True)
        J = theirs(L, scores, torch.tensor(Y))
        J.backward()
        assert L.value_from_scores(Z, Y).sum() == pytest.approx(J.item(), rel=1e-12), L
        np.testing.assert_allclose(
            L.slope_from_scores(Z, Y), scores.grad.numpy(), rtol=1e-12, atol=1e-14, err_msg=str(L)
        )


@every_loss
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_same_lines_on_other_arrays(L, library):
    make, back = LIBRARIES[library]()
    Z, Y = (array.astype(np.float32) for array in some(L, np.random.default_rng(7)))
    A = activation(L.output).value(Z)
    pairs = [(L.value, A), (L.slope, A), (L.value_from_scores, Z), (L.slope_from_scores, Z)]
    for function, first in pairs:
        actual = function(make(first), make(Y))
        assert type(actual) is type(make(Y))
        assert actual.dtype == make(Y).dtype
        np.testing.assert_allclose(back(actual), function(first, Y), rtol=1e-5, atol=1e-6)


# ---- names


def test_names():
    assert loss("squared_error", "identity") == HalfSquaredError()
    assert loss("log_loss", "sigmoid") == LogLoss()
    assert loss("log_loss", "softmax") == CategoricalLogLoss()
    assert loss(LogLoss(0.1), "softmax") == CategoricalLogLoss(0.1)
    assert loss("categorical_log_loss", "sigmoid") == LogLoss()
    assert loss(Huber(0.3), "identity") == Huber(0.3)
    assert loss("half_squared_error", "sigmoid") == HalfSquaredError()
    assert loss("poisson", "exp") == loss("poisson", "softplus") == Poisson()
    assert loss("quantile", "identity") == Quantile(0.5)
    assert loss("quantile( 9e-1 )", "identity") == Quantile(0.9) != Quantile(0.1)
    assert loss("huber(2)", "identity") == Huber(2.0)
    assert all(loss(name, entry.output) == entry() and entry.name == name for name, entry in LOSSES.items())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: loss("logloss", "sigmoid"), r"Got 'logloss'\. Did you mean 'log_loss'\?"),
        (lambda: loss("log_loss", "identity"), r"output of probabilities, sigmoid or softmax\. Got output 'identity'"),
        (lambda: LogLoss(1.0), r"LogLoss: label_smoothing must be a number in \[0, 1\)\. Got 1\.0"),
        (lambda: CategoricalLogLoss(-0.1), r"CategoricalLogLoss: label_smoothing .* Got -0\.1"),
        (lambda: loss("possion", "exp"), r"Got 'possion'\. Did you mean 'poisson'\?"),
        (lambda: Quantile(1.0), r"Quantile: quantile must be a number in \(0, 1\)\. Got 1\.0"),
        (lambda: Quantile("0.5"), r"Quantile: quantile must be a number in \(0, 1\)\. Got '0\.5'"),
        (lambda: loss("quantile(0)", "identity"), r"Quantile: quantile must be a number in \(0, 1\)\. Got 0\.0"),
        (lambda: loss("quantile(0.5.)", "identity"), r'quantile: quantile must be a number, as in "quantile\(0\.2\)"'),
        (lambda: loss("quantile(high)", "identity"), r"Got 'quantile\(high\)'\. Did you mean 'quantile'\?"),
        (lambda: Huber(0.0), r"Huber: delta must be a number above 0\. Got 0\.0"),
    ],
)
def test_wrong_settings(make, message):
    with pytest.raises(InputError, match=message):
        make()
