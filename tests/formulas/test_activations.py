"""Activations: values by hand, slopes by the complex step, stability, other libraries."""

from math import e, log, pi, sqrt
from math import tanh as math_tanh

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradatim.formulas.activations import (
    ACTIVATIONS,
    activation,
    gelu,
    sigmoid,
    softmax,
    tanh,
    tanh_by_exponentials,
    tanh_by_sigmoid,
)
from tests.array_libraries import LIBRARIES
from tests.numeric_slopes import complex_step_of_sum
from tests.strategies import float_arrays, numbers

ELEMENTWISE = [name for name, entry in ACTIVATIONS.items() if entry.chain is None] + [
    "relu(0)",
    "leaky_relu(0.2)",
    "elu(0.5)",
]
EXTREMES = [-1000.0, -100.0, -20.0, -1.0, -1e-3, 0.0, 1e-3, 1.0, 20.0, 100.0, 1000.0]

# λα of selu; the paper prints λ = 1.0507…, α = 1.6733….
LAMBDA, ALPHA = 1.0507009873554804934, 1.6732632423543772848

T = math_tanh(2 / pi * (1 + 0.044715 * 2 / pi))  # for gelu

BY_HAND = [
    # name, z, g(z), g'(z)
    ("identity", 3.0, 3.0, 1.0),
    ("sigmoid", 0.0, 1 / 2, 1 / 4),
    ("sigmoid", log(3), 3 / 4, 3 / 16),
    ("sigmoid", -log(3), 1 / 4, 3 / 16),
    ("tanh", log(2), 3 / 5, 16 / 25),
    ("tanh", -log(2), -3 / 5, 16 / 25),
    ("relu", 2.5, 2.5, 1.0),
    ("relu", -2.5, 0.0, 0.0),
    ("relu(0)", 2.5, 2.5, 1.0),
    ("leaky_relu", 3.0, 3.0, 1.0),
    ("leaky_relu", -3.0, -0.03, 0.01),
    ("leaky_relu(0.2)", -3.0, -0.6, 0.2),
    ("exp", 0.0, 1.0, 1.0),
    ("exp", log(3), 3.0, 3.0),
    ("exp", -log(4), 1 / 4, 1 / 4),
    ("softplus", 0.0, log(2), 1 / 2),
    ("softplus", log(3), log(4), 3 / 4),
    ("elu", 3.0, 3.0, 1.0),
    ("elu", -log(2), -1 / 2, 1 / 2),
    ("elu(0.5)", 3.0, 3.0, 1.0),
    ("elu(0.5)", -log(4), -3 / 8, 1 / 8),
    ("selu", 1.0, LAMBDA, LAMBDA),
    ("selu", -log(2), -LAMBDA * ALPHA / 2, LAMBDA * ALPHA / 2),
    ("gelu", 0.0, 0.0, 1 / 2),
    # z = √(2/π): u = (2/π) (1 + c · 2/π), u' = √(2/π) (1 + 6c/π) with c = 0.044715, and ½ (z + z T), T = tanh u.
    ("gelu", sqrt(2 / pi), sqrt(2 / pi) * (1 + T) / 2, (1 + T) / 2 + (1 - T * T) / pi * (1 + 6 * 0.044715 / pi)),
    ("mish", 0.0, 0.0, 3 / 5),  # T = (2² - 1)/(2² + 1)
    ("mish", log(2), 0.8 * log(2), 0.8 + 0.24 * log(2)),  # T = (3² - 1)/(3² + 1), σ = 2/3
]


@pytest.mark.parametrize(("name", "z", "value", "slope"), BY_HAND)
def test_by_hand(name, z, value, slope):
    g = activation(name)
    Z = np.array([[z]])
    A = g.value(Z)
    np.testing.assert_allclose(A, [[value]], rtol=1e-15, atol=0)
    np.testing.assert_allclose(g.slope(Z, A), [[slope]], rtol=1e-15, atol=0)


def test_every_activation_is_worked_by_hand():
    """A new entry of the table needs a line above (softmax has a test of its own)."""
    assert {name for name, *_ in BY_HAND} | {"softmax"} >= set(ACTIVATIONS)


def test_softmax_by_hand():
    """Scores ln 1, ln 2, ln 3 are probabilities 1/6, 2/6, 3/6; equal scores are even odds."""
    Z = np.array([[0.0, 5.0], [log(2), 5.0], [log(3), 5.0]])
    np.testing.assert_allclose(softmax(Z), [[1 / 6, 1 / 3], [2 / 6, 1 / 3], [3 / 6, 1 / 3]], rtol=1e-15)


def test_softmax_chain_by_hand():
    """With a = (1/4, 3/4) and dA = (1, 0): dz1 = a1 (1 - a1) = 3/16 and dz2 = -a1 a2 = -3/16."""
    Z = np.array([[0.0], [log(3)]])
    dZ = activation("softmax").backward(np.array([[1.0], [0.0]]), Z, softmax(Z))
    np.testing.assert_allclose(dZ, [[3 / 16], [-3 / 16]], rtol=1e-15)


Z_FAR_FROM_CORNERS = np.array([[-30.0, -3.0, -0.7, -1e-3], [1e-3, 0.4, 2.0, 30.0]])


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_slope_equals_the_complex_step(name):
    g = activation(name)
    Z = Z_FAR_FROM_CORNERS
    np.testing.assert_allclose(g.slope(Z, g.value(Z)), complex_step_of_sum(g.value, Z), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [*ELEMENTWISE, "softmax"])
def test_backward_equals_the_complex_step(name):
    """For L = Σ C ∘ g(Z): the chain rule, also where units mix."""
    g = activation(name)
    Z = np.array([[0.3, -1.2, 30.0], [1.1, 0.4, -30.0], [-2.0, 0.2, 0.5]])
    C = np.array([[1.0, -2.0, 0.5], [0.3, 0.7, 2.0], [-1.0, 1.5, 1.0]])
    expected = complex_step_of_sum(lambda Z: C * g.value(Z), Z)
    np.testing.assert_allclose(g.backward(C, Z, g.value(Z)), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "slope"),
    [("relu", 1.0), ("leaky_relu", 1.0), ("leaky_relu(0.2)", 1.0), ("elu(0.5)", 1.0), ("selu", LAMBDA)],
)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_at_a_corner_the_slope_is_the_one_from_the_right(name, slope, zero):
    """The notes: 1 for z >= 0. PyTorch has 0, 0.01, 0.2, 0.5 and λα there."""
    g = activation(name)
    Z = np.array([[zero]])
    assert g.value(Z) == 0
    assert g.slope(Z, g.value(Z)) == slope


def test_relu_with_slope_0_at_0_is_there_for_who_wants_it():
    """As the code of the course's assignments and PyTorch have it."""
    Z = np.array([[-1.0, -0.0, 0.0, 1e-300]])
    np.testing.assert_array_equal(activation("relu(0)").slope(Z, Z), [[0, 0, 0, 1]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [*ELEMENTWISE, "softmax"])
def test_finite_and_of_the_same_type_at_a_thousand(name, dtype):
    """Overflow, invalid operations and division by zero raise in every test of this project."""
    g = activation(name)
    Z = np.array([EXTREMES, EXTREMES[::-1]], dtype=dtype)
    A = g.value(Z)
    dZ = g.backward(np.ones_like(A), Z, A)
    for array in (A, g.slope(Z, A), dZ):
        assert array.shape == Z.shape
        assert array.dtype == dtype
        assert np.isfinite(array).all()


@pytest.mark.parametrize("name", [*ELEMENTWISE, "softmax"])
def test_complex_numbers_at_a_thousand(name):
    """The real part is what float64 gives (but for NumPy's complex log1p, which rounds as log does)."""
    g = activation(name)
    Z = np.array([EXTREMES, EXTREMES[::-1]])
    A = g.value(Z + 1e-200j)
    np.testing.assert_allclose(A.real, g.value(Z), rtol=1e-14, atol=2e-15)
    assert np.isfinite(A.imag).all()


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if name not in ("sigmoid", "softplus", "tanh")])
def test_nan_stays_nan(name):
    """A score that went wrong must not come out as a harmless 0."""
    with np.errstate(invalid="ignore"):
        assert np.isnan(activation(name).value(np.array([[np.nan]])))


def test_limits_at_a_thousand():
    Z = np.array([[-1000.0, 1000.0]])
    limits = {"sigmoid": [0, 1], "tanh": [-1, 1], "relu": [0, 1000], "softplus": [0, 1000], "mish": [0, 1000]}
    limits |= {"elu": [-1, 1000], "elu(0.5)": [-0.5, 1000], "gelu": [0, 1000]}
    limits["selu"] = [-LAMBDA * ALPHA, LAMBDA * 1000]
    for name, expected in limits.items():
        np.testing.assert_allclose(activation(name).value(Z), [expected], rtol=1e-15, err_msg=name)


@pytest.mark.parametrize(("dtype", "highest"), [(np.float32, 44), (np.float64, 354)])
def test_exp_is_held_where_its_square_would_overflow(dtype, highest):
    """Up to there it is e^z; from there on value and slope stay, and the square of the value is still a number."""
    g = activation("exp")
    Z = np.array([[highest - 1, highest, highest + 1, 1000]], dtype=dtype)
    A = g.value(Z)
    expected = [e ** (highest - 1), *3 * [e**highest]]
    np.testing.assert_allclose(A[0], expected, rtol=1e-5 if dtype == np.float32 else 1e-13)
    np.testing.assert_array_equal(g.slope(Z, A), A)
    assert np.isfinite(A * A).all()


def test_the_tanh_form_of_gelu_is_near_the_exact_one():
    """Z Φ(z) with Φ by the error function: never further than 0.000474, and that far near z = 2.7."""
    Z = np.linspace(-10, 10, 200_001)
    distance = np.abs(gelu(Z) - Z * scipy.special.ndtr(Z))
    assert distance.max() == pytest.approx(0.00047324, rel=1e-4)
    assert abs(Z[distance.argmax()]) == pytest.approx(2.699, abs=1e-3)


def test_the_gelu_of_a_score_far_below_0_keeps_its_digits():
    """Z / (1 + e^-2u); by ½ z (1 + tanh u) it would be 0 from z = -6 on."""
    z = -7.0
    u = sqrt(2 / pi) * (z + 0.044715 * z**3)
    np.testing.assert_allclose(gelu(np.array([z])), [z / (1 + e ** (-2 * u))], rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_cube_of_gelu_overflows(dtype):
    Z = np.array([[-1e30, 1e30]], dtype=dtype)
    np.testing.assert_array_equal(gelu(Z), Z * [0, 1])
    np.testing.assert_array_equal(activation("gelu").slope(Z, gelu(Z)), [[0, 1]])


def test_the_sigmoid_of_a_small_probability_keeps_its_digits():
    """σ(-30) = 1/(1 + e^30) has 16 digits; ½(1 + tanh(-15)), as short as it is, would have three."""
    np.testing.assert_allclose(sigmoid(np.array([-30.0])), [1 / (1 + e**30)], rtol=1e-14)


@given(float_arrays(largest=1000.0))
def test_sigmoid_and_softplus_equal_scipy(Z):
    np.testing.assert_allclose(sigmoid(Z), scipy.special.expit(Z), rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose(activation("softplus").value(Z), np.logaddexp(0, Z), rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose(softmax(Z), scipy.special.softmax(Z, axis=0), rtol=1e-12, atol=1e-300)


@given(float_arrays(largest=1000.0))
def test_sigmoid_of_minus_z_is_one_minus_sigmoid(Z):
    np.testing.assert_allclose(sigmoid(-Z), 1 - sigmoid(Z), rtol=0, atol=2e-16)


@given(float_arrays(largest=1000.0))
def test_the_three_forms_of_tanh_are_equal(Z):
    np.testing.assert_allclose(tanh_by_exponentials(Z), tanh(Z), rtol=0, atol=4e-16)
    np.testing.assert_allclose(tanh_by_sigmoid(Z), tanh(Z), rtol=0, atol=4e-16)


def test_the_three_forms_of_tanh_have_one_slope():
    Z = Z_FAR_FROM_CORNERS
    slope = activation("tanh").slope(Z, tanh(Z))
    for form in (tanh, tanh_by_exponentials, tanh_by_sigmoid):
        np.testing.assert_allclose(complex_step_of_sum(form, Z), slope, rtol=1e-12, atol=1e-12)


@given(float_arrays(largest=1000.0), numbers(100.0))
def test_softmax_columns_sum_to_one_and_forget_a_common_shift(Z, shift):
    A = softmax(Z)
    np.testing.assert_allclose(A.sum(axis=0), 1, rtol=1e-14)
    np.testing.assert_allclose(softmax(Z + shift), A, rtol=1e-11, atol=1e-14)


@given(arrays("float64", st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 5)), elements=numbers(20)))
def test_softmax_of_a_stack_is_the_stack_of_softmaxes(Z):
    """Members of an ensemble: (members, n, m)."""
    np.testing.assert_array_equal(softmax(Z), np.stack([softmax(member) for member in Z]))


@given(float_arrays(largest=1000.0))
def test_two_scores_of_softmax_are_one_of_sigmoid(Z):
    row = Z[:1]
    np.testing.assert_allclose(softmax(np.vstack([row, 0 * row]))[:1], sigmoid(row), rtol=1e-13)


# Where a slope can lie: mish falls to -0.1131 and rises to 1.0885 (Misra 2019 plots it), gelu to -0.1290 and 1.1290,
# by search; selu's is from 0 to λα.
BOUNDS = {
    "identity": (1, 1),
    "sigmoid": (0, 1 / 4),
    "tanh": (0, 1),
    "relu": (0, 1),
    "relu(0)": (0, 1),
    "leaky_relu": (0.01, 1),
    "leaky_relu(0.2)": (0.2, 1),
    "exp": (0, e**354 * (1 + 1e-12)),
    "softplus": (0, 1),
    "elu": (0, 1),
    "elu(0.5)": (0, 1),
    "selu": (0, LAMBDA * ALPHA),
    "gelu": (-0.1290, 1.1290),
    "mish": (-0.1131, 1.0885),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
@given(Z=float_arrays(largest=1000.0))
def test_slopes_stay_between_their_bounds(name, Z):
    g = activation(name)
    slope = g.slope(Z, g.value(Z))
    low, high = BOUNDS[name]
    assert (slope >= low - 1e-15).all()
    assert (slope <= high + 1e-15).all()


# ---- other array libraries

SCORES = [[-1000.0, -3.0, -0.5, 0.5], [1000.0, 2.0, 0.25, -4.0]]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", [*ELEMENTWISE, "softmax"])
def test_the_same_lines_on_other_arrays(name, library):
    make, back = LIBRARIES[library]()
    g = activation(name)
    Z32 = np.array(SCORES, dtype=np.float32)
    Z = make(Z32)
    A, A32 = g.value(Z), g.value(Z32)
    dZ, dZ32 = g.backward(A + 1, Z, A), g.backward(A32 + 1, Z32, A32)
    for actual, expected in ((A, A32), (g.slope(Z, A), g.slope(Z32, A32)), (dZ, dZ32)):
        assert type(actual) is type(Z)
        assert actual.dtype == Z.dtype
        np.testing.assert_allclose(back(actual), expected, rtol=2e-6, atol=1e-6)


def test_values_and_slopes_equal_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch comes with the extra [oracles]")
    theirs = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "relu(0)": torch.relu,
        "leaky_relu": torch.nn.functional.leaky_relu,
        "leaky_relu(0.2)": lambda Z: torch.nn.functional.leaky_relu(Z, 0.2),
        "softmax": lambda Z: torch.softmax(Z, dim=0),
        "exp": torch.exp,
        "softplus": torch.nn.functional.softplus,
        "elu": torch.nn.functional.elu,
        "elu(0.5)": lambda Z: torch.nn.functional.elu(Z, 0.5),
        "gelu": lambda Z: torch.nn.functional.gelu(Z, approximate="tanh"),
        "selu": torch.selu,
        "mish": torch.nn.functional.mish,
    }
    assert set(theirs) >= set(ACTIVATIONS) - {"identity"}
    dA = np.array([[1.0, -0.5, 2.0, 0.25], [0.5, 1.5, -1.0, 3.0]])
    for name, function in theirs.items():
        Z = torch.tensor(Z_FAR_FROM_CORNERS, requires_grad=True)
        A = function(Z)
        A.backward(torch.tensor(dA))
        ours = activation(name)
        expected = ours.value(Z_FAR_FROM_CORNERS)
        # PyTorch's softplus is the identity above 20, which leaves out 2e-9.
        np.testing.assert_allclose(expected, A.detach().numpy(), rtol=1e-8, atol=1e-13, err_msg=name)
        dZ = ours.backward(dA, Z_FAR_FROM_CORNERS, expected)
        np.testing.assert_allclose(dZ, Z.grad.numpy(), rtol=1e-8, atol=1e-12, err_msg=name)
