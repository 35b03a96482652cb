"""Coordinates: the same network in other numbers, with the slopes that belong to them."""

import numpy as np
import pytest
from scipy import sparse

from gradatim.engines import textbook
from gradatim.engines.contract import Data, Problem
from gradatim.formulas.losses import HalfSquaredError
from gradatim.formulas.penalties import L2
from gradatim.network import Architecture, Dense, Parameters, Scale
from gradatim.training.coordinates import Coordinates, mean_and_deviation, pieces, shares

rng = np.random.default_rng(5)
X = rng.standard_normal((50, 3)) * [1.0, 1e3, 1e-3] + [1.0, -2e3, 5.0]
Y = rng.standard_normal((50, 2))
WEIGHTS = rng.uniform(0.0, 2.0, 50)
ARCHITECTURES = [
    Architecture(3, output=Dense(2, "identity")),
    Architecture(3, layers=(Dense(4, "tanh"),), output=Dense(2, "identity")),
]


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array, sparse.csr_matrix])
def test_mean_and_deviation_are_those_of_numpy(form, weights):
    μ, σ = mean_and_deviation(form(X), shares(Data(X, weights=weights)))
    mean = np.average(X, axis=0, weights=weights)
    assert pytest.approx(mean) == μ
    assert pytest.approx(np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weights))) == σ


def test_a_constant_column_has_no_deviation():
    """0.1 is no binary fraction: the mean of many is not quite 0.1, and the deviation would be 1e-17."""
    _, σ = mean_and_deviation(np.full((1000, 1), 0.1), np.full(1000, 1e-3))
    assert σ == [0.0]


def test_first_layer_sees_inputs_of_mean_0_and_size_1():
    """W X + b from the raw columns is W' X' + b' from the standardized ones."""
    (architecture, _), θ = ARCHITECTURES, rng.standard_normal(8)
    problem = Problem(architecture, HalfSquaredError(), (L2(0.5), L2(0.25)))
    coordinates = Coordinates.of(problem, Data(X))
    own, new = Parameters(architecture, coordinates.back(θ)), Parameters(architecture, θ)
    standardized = (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + 0.75)
    assert own.W[1] @ X.T + own.b[1] == pytest.approx(new.W[1] @ standardized.T + new.b[1])


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_back_undoes_into(architecture):
    coordinates = Coordinates.of(Problem(architecture, HalfSquaredError()), Data(X))
    θ = rng.standard_normal(architecture.size)
    assert coordinates.back(coordinates.into(θ)) == pytest.approx(θ, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_gradient_is_that_of_central_differences(architecture):
    problem = Problem(architecture, HalfSquaredError(), (L2(0.1),))
    data = Data(X, None, Y)
    coordinates = Coordinates.of(problem, data)
    θ = rng.standard_normal(architecture.size)

    def value(θ):
        own = coordinates.back(θ)
        return textbook.evaluate(problem, own, data) + textbook.penalty(problem, own)

    _, g = textbook.loss_and_gradients(problem, coordinates.back(θ), data)
    numeric = [(value(θ + 1e-5 * e) - value(θ - 1e-5 * e)) / 2e-5 for e in np.eye(architecture.size)]
    assert coordinates.gradient(g) == pytest.approx(numeric, rel=1e-5, abs=1e-7)


def test_behind_a_front_or_for_members_nothing_changes():
    for architecture in (
        Architecture(3, front=(Scale(),), output=Dense(2, "identity")),
        Architecture(3, layers=(Dense(4),), output=Dense(2, "identity"), members=2),
        Architecture(3, output=Dense(2, "identity"), members=2),
    ):
        coordinates = Coordinates.of(Problem(architecture, HalfSquaredError()), Data(X))
        θ = rng.standard_normal(architecture.size)
        for change in (coordinates.into, coordinates.back, coordinates.gradient):
            assert np.array_equal(change(θ), θ)


@pytest.mark.parametrize("table", [np.zeros((5000, 400)), np.zeros((7, 0)), sparse.eye_array(9).tocsr()])
def test_pieces_are_all_rows_in_order(table):
    rows = np.concatenate([np.arange(table.shape[0])[piece] for piece in pieces(table)])
    assert rows.tolist() == list(range(table.shape[0]))
