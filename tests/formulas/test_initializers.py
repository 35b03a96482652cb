"""Initializers: the course's own numbers, and the spread that each promises."""

import pickle
from math import sqrt

import numpy as np
import pytest

from gradatim.errors import InputError
from gradatim.formulas.initializers import INITIALIZERS, initializer, small_normal


def test_numbers_of_the_course():
    """W1 and W2 of the planar flower as printed there: np.random.seed(2), randn(4, 2) · 0.01, randn(1, 4) · 0.01."""
    rng, draw = np.random.RandomState(2), initializer("small_normal").draw
    W1 = [[-0.00416758, -0.00056267], [-0.02136196, 0.01640271], [-0.01793436, -0.00841747], [0.00502881, -0.01245288]]
    np.testing.assert_allclose(draw(rng, (4, 2), 2, 4), W1, atol=5e-9)
    W2 = [[-0.01057952, -0.00909008, 0.00551454, 0.02292208]]
    np.testing.assert_allclose(draw(rng, (1, 4), 4, 1), W2, atol=5e-9)


# The standard deviation for 100 inputs and 300 units, and the largest size where there is one.
PROMISES = {
    "zeros": (0.0, 0.0),
    "small_normal": (0.01, None),
    "small_normal(10)": (10.0, None),
    "glorot": (sqrt(2 / 400), sqrt(6 / 400)),
    "lecun": (0.1, None),
    "he": (sqrt(0.02), None),
    "standardized": (0.1, None),  # before it sees rows
}


@pytest.mark.parametrize("generator", [np.random.default_rng, np.random.RandomState])
@pytest.mark.parametrize("name", PROMISES)
def test_spread(name, generator):
    """30,000 draws: the deviation is known to some 0.4 percent, the mean to 0.6 percent of it."""
    W = initializer(name).draw(generator(0), (300, 100), 100, 300)
    deviation, largest = PROMISES[name]
    assert W.shape == (300, 100)
    assert W.dtype == np.float64
    assert W.std() == pytest.approx(deviation, rel=0.02)
    assert abs(W.mean()) <= 0.03 * deviation
    if largest is not None:
        assert 0.99 * largest <= np.abs(W).max() <= largest


def test_every_initializer_is_promised_something():
    assert set(PROMISES) >= set(INITIALIZERS)


@pytest.mark.parametrize("name", PROMISES)
def test_a_layer_without_inputs_has_an_empty_block(name):
    assert initializer(name).draw(np.random.RandomState(0), (3, 0), 0, 3).shape == (3, 0)


@pytest.mark.parametrize("name", PROMISES)
def test_same_seed_same_bytes_and_pickles(name):
    entry = initializer(name)
    again = pickle.loads(pickle.dumps(entry))
    assert again == entry
    draws = [e.draw(np.random.default_rng(7), (2, 3), 3, 2).tobytes() for e in (entry, again)]
    assert draws[0] == draws[1]


def test_names():
    assert initializer("small_normal(0.01)") == INITIALIZERS["small_normal"]
    assert initializer(small_normal(10).name) == small_normal(10)
    assert initializer(INITIALIZERS["he"]) is INITIALIZERS["he"]
    assert list(INITIALIZERS) == [entry.name for entry in INITIALIZERS.values()]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hee", r"initializer must be one of zeros, .*, standardized\. Got 'hee'\. Did you mean 'he'\?"),
        ("small_normal(-1)", r"scale must be a number, 0 or more\. Got -1\.0"),
        ("small_normal(big)", r"scale must be a number, as in \"small_normal\(10\)\"\. Got 'big'"),
    ],
)
def test_wrong_names(name, message):
    with pytest.raises(InputError, match=message):
        initializer(name)
