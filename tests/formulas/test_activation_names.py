"""What an activation can be called, and entries of one's own."""

import pickle

import numpy as np
import pytest

from gradatim.errors import InputError
from gradatim.formulas.activations import ACTIVATIONS, Activation, activation, elu, leaky_relu


def test_names():
    assert activation("linear") is ACTIVATIONS["identity"]
    assert activation("leaky_relu(0.01)") == ACTIVATIONS["leaky_relu"]
    assert activation("leaky_relu( 2e-1 )") == leaky_relu(0.2)
    assert leaky_relu(0.2) != leaky_relu(0.1)
    assert activation("elu(1)") == ACTIVATIONS["elu"]
    assert activation("elu(.5)") == elu(0.5) != elu(0.25)
    assert activation(ACTIVATIONS["mish"]) is ACTIVATIONS["mish"]
    assert list(ACTIVATIONS) == [entry.name for entry in ACTIVATIONS.values()]


@pytest.mark.parametrize("slope", [0.0, 0.123456789, 0.2, 1.0])
def test_the_name_of_a_leaky_relu_says_it_all(slope):
    again = activation(leaky_relu(slope).name)
    np.testing.assert_array_equal(again.value(np.array([-1.0])), [-slope])


@pytest.mark.parametrize("alpha", [1e-3, 0.123456789, 1.0, 7.0])
def test_the_name_of_an_elu_says_it_all(alpha):
    again = activation(elu(alpha).name)
    np.testing.assert_array_equal(again.value(np.array([-1000.0])), [-alpha])


def test_an_activation_of_ones_own_needs_no_entry():
    square = Activation("square", lambda Z: Z * Z, lambda Z, A: 2 * Z, "a = z²", "nobody")
    Z = np.array([[3.0]])
    assert activation(square).backward(np.array([[10.0]]), Z, square.value(Z)) == 60


@pytest.mark.parametrize("name", [*ACTIVATIONS, "relu(0)", "leaky_relu(0.2)", "elu(0.5)"])
def test_entries_can_be_pickled(name):
    """Joblib and process pools hand them over."""
    assert pickle.loads(pickle.dumps(activation(name))) == activation(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rleu", r"activation must be one of identity, .*, mish\. Got 'rleu'\. Did you mean 'relu'\?"),
        ("gelu(3)", r"Got 'gelu\(3\)'"),
        ("leaky_relu(-0.5)", r"slope must be a number in \[0, 1\]\. Got -0\.5"),
        ("leaky_relu(1.2.3)", r"slope must be a number, as in \"leaky_relu\(0\.2\)\"\. Got '1\.2\.3'"),
        ("gelo", r"Did you mean 'gelu'\?"),
        ("elu(0)", r"elu: alpha must be a number in \(0, inf\)\. Got 0\.0"),
        ("elu(1e999)", r"elu: alpha must be .* Got inf"),
        ("elu(..)", r"elu: alpha must be a number, as in \"elu\(0\.2\)\"\. Got '\.\.'"),
        (None, r"Got None"),
    ],
)
def test_wrong_names(name, message):
    with pytest.raises(InputError, match=message):
        activation(name)


def test_a_slope_that_is_no_number_is_refused():
    with pytest.raises(InputError, match="Got nan"):
        leaky_relu(float("nan"))
