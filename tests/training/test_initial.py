"""Initial parameters, block by block."""

import numpy as np
import pytest

from gradatim.formulas.initializers import initializer
from gradatim.network import Architecture, CategoryEmbedding, Dense, NumericEmbedding, Parameters, Scale
from gradatim.training import initial_vector


def test_random_state_draws_what_the_course_draws():
    """np.random.seed(1); W1 = randn(3, 2) * 0.01; W2 = randn(1, 3) * 0.01, biases 0."""
    legacy = np.random.RandomState(1)
    W1, W2 = legacy.randn(3, 2) * 0.01, legacy.randn(1, 3) * 0.01
    architecture = Architecture(2, layers=(Dense(3),))
    vector = initial_vector(architecture, initializer("small_normal"), np.random.RandomState(1))
    p = Parameters(architecture, vector)
    assert np.array_equal(p.W[1], W1)
    assert np.array_equal(p.W[2], W2)
    assert not p.b[1].any()
    assert not p.b[2].any()


def test_he_weights_have_variance_two_over_fan_in():
    architecture = Architecture(400, layers=(Dense(300),))
    p = Parameters(architecture, initial_vector(architecture, initializer("he"), np.random.default_rng(0)))
    assert p.W[1].std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)


def test_a_network_without_inputs_has_nothing_to_draw():
    architecture = Architecture(0, output=Dense(3, "softmax"))
    assert initial_vector(architecture, initializer("he"), np.random.default_rng(0)).tolist() == [0.0, 0.0, 0.0]


def test_the_front_begins_as_the_papers_say():
    front = (NumericEmbedding(200, frequencies=16, width=4, sigma=0.1), CategoryEmbedding((500,), width=8), Scale())
    architecture = Architecture(200, front=front, layers=(Dense(4, learned_slope=True),), members=50)
    p = Parameters(architecture, initial_vector(architecture, initializer("he"), np.random.default_rng(0)))
    assert p["frequency"].std() == pytest.approx(0.1, rel=0.05)
    assert np.abs(p["phase"]).max() <= np.pi
    assert p["phase"].std() == pytest.approx(2 * np.pi / np.sqrt(12), rel=0.05)
    for name in ("V", "c"):
        assert np.abs(p[name]).max() <= 1 / 4
        assert p[name].std() == pytest.approx(0.5 / np.sqrt(12), rel=0.1)
    assert p["E1"][1:].std() == pytest.approx(1.0, rel=0.05)
    assert not p["E1"][0].any(), "the row of unknown categories says nothing, until rows train it"
    assert set(np.unique(p["scale"])) == {1.0}
    assert set(np.unique(p["slope1"])) == {1.0}
    assert set(np.unique(p["r"])) == {-1.0, 1.0}
    assert p["r"].mean() == pytest.approx(0.0, abs=0.05)


def test_each_member_draws_its_own_output_layer():
    architecture = Architecture(2, layers=(Dense(5),), members=3)
    W2 = Parameters(architecture, initial_vector(architecture, initializer("he"), np.random.default_rng(0)))["W2"]
    assert W2.shape == (3, 1, 5)
    assert len(np.unique(W2)) == 15
