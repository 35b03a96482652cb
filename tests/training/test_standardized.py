"""The standardized start: scores of deviation 1, and corners among the rows."""

import numpy as np
import pytest
from scipy import sparse

from gradatim.engines.contract import Data
from gradatim.engines.textbook import forward
from gradatim.errors import InputError
from gradatim.formulas.initializers import initializer
from gradatim.network import Architecture, CategoryEmbedding, Dense, NumericEmbedding, Parameters, Scale
from gradatim.training import initial_vector, standardized

rng = np.random.default_rng(3)
X = (rng.normal(size=(300, 4)) * [1, 10, 0.01, 0] + [0, 5, 0, 7]).astype(np.float32)
CODES = rng.integers(0, 5, (300, 1)).astype(np.int32)

PLAIN = Architecture(4, layers=(Dense(30, "tanh"), Dense(20, "relu")), output=Dense(3, "softmax"))
NETWORKS = {
    "plain": PLAIN,
    "front": Architecture(
        4,
        front=(NumericEmbedding(3), CategoryEmbedding((5,)), Scale()),
        layers=(Dense(30, "mish", learned_slope=True), Dense(20, "selu", learned_slope=True)),
        output=Dense(2, "identity"),
    ),
    "members": Architecture(4, layers=(Dense(30, "tanh"),), output=Dense(1, "sigmoid"), members=3),
}


def begun(architecture, data, seed=0, rows=None):
    draws = np.random.default_rng(seed)
    vector = initial_vector(architecture, initializer("standardized"), draws)
    return standardized(architecture, vector, data, np.arange(data.m) if rows is None else rows, draws)


def scores(architecture, vector, data, rows=slice(None)):
    """Z[1] … Z[L] without their biases."""
    codes = None if data.codes is None else data.codes[rows].T
    p = forward(architecture, vector, data.X[rows].T.astype(np.float64), codes)
    for Z, b in zip(p.Z[1:], Parameters(architecture, vector).b, strict=True):
        yield Z - (np.repeat(b[:, 0, 0], Z.shape[1] // len(b)) if b.ndim == 3 else b), b


@pytest.mark.parametrize("name", NETWORKS)
def test_every_score_has_deviation_1_and_its_corner_among_the_rows(name):
    architecture = NETWORKS[name]
    data = Data(X, CODES if architecture.code_columns else None)
    vector = begun(architecture, data)
    for Z, b in scores(architecture, vector, data):
        if b.ndim == 3:  # each member's own unit over its own 300 columns
            Z, b = Z.reshape(len(b), -1), b[:, :, 0]
        np.testing.assert_allclose(Z.std(axis=1), 1, rtol=1e-6)
        assert (Z.min(axis=1) <= -b[:, 0]).all()
        assert (-b[:, 0] <= Z.max(axis=1)).all()
        assert len(np.unique(b)) == b.size


def test_only_the_training_rows_are_looked_at():
    wild = np.vstack([X, 1e6 * X])
    assert np.array_equal(begun(PLAIN, Data(wild), rows=np.arange(300)), begun(PLAIN, Data(X)))


def test_scores_that_do_not_vary_keep_their_weights():
    vector = begun(PLAIN, Data(np.ones((50, 4), dtype=np.float32)))
    assert np.isfinite(vector).all()


def test_sparse_rows_give_what_dense_rows_give():
    np.testing.assert_allclose(begun(PLAIN, Data(sparse.csr_array(X))), begun(PLAIN, Data(X)), rtol=1e-6)


def test_of_very_many_rows_ten_thousand_are_enough():
    many = np.random.default_rng(0).normal(size=(40_000, 4)).astype(np.float32)
    for Z, _ in scores(PLAIN, begun(PLAIN, Data(many)), Data(many)):
        assert np.abs(Z.std(axis=1) - 1).max() < 0.05


def test_a_network_without_rows_has_nothing_to_be_standardized_by():
    import gradatim as gd

    with pytest.raises(InputError, match="initializer must be one that needs no rows"):
        gd.Network([2, 3, 1], initializer="standardized")
