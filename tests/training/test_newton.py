"""Newton's method: its second derivatives against differences of the engine's first ones, and where its steps end."""

import numpy as np
import pytest
from scipy import sparse

from gradatim.engines import textbook
from gradatim.engines.contract import Data, Problem
from gradatim.formulas.losses import AbsoluteError, CategoricalLogLoss, HalfSquaredError, Huber, LogLoss
from gradatim.formulas.penalties import L2
from gradatim.network import Architecture, Dense, Scale
from gradatim.training.coordinates import Coordinates
from gradatim.training.newton import MOST_PARAMETERS, has_hessian, hessian, newton

rng = np.random.default_rng(11)
m = 40
X = rng.standard_normal((m, 3)) * [1.0, 100.0, 0.01] + [0.0, 300.0, 1.0]
PENALTIES = (L2(0.1),)
ONE_HOT = np.eye(3)[rng.integers(0, 3, m)]
CASES = {
    "squared error": (HalfSquaredError(), Dense(2, "identity"), rng.standard_normal((m, 2))),
    "log loss": (LogLoss(), Dense(2, "sigmoid"), rng.integers(0, 2, (m, 2)).astype(float)),
    "smoothed log loss": (LogLoss(label_smoothing=0.1), Dense(1, "sigmoid"), ONE_HOT[:, :1]),
    "softmax": (CategoricalLogLoss(), Dense(3, "softmax"), ONE_HOT),
}


def problem_of(name, form=np.asarray, penalties=PENALTIES):
    loss, output, Y = CASES[name]
    problem = Problem(Architecture(3, output=output), loss, penalties)
    data = Data(form(X), None, Y, np.linspace(0.5, 2.0, m))
    coordinates = Coordinates.of(problem, data)

    def objective(θ):
        own = coordinates.back(θ)
        J, g = textbook.loss_and_gradients(problem, own, data)
        return float(J) + float(textbook.penalty(problem, own)), coordinates.gradient(g)

    return problem, data, coordinates, objective


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("name", CASES)
def test_hessian_is_the_slope_of_the_gradient(name, form):
    problem, data, coordinates, objective = problem_of(name, form)
    θ = rng.standard_normal(problem.architecture.size)
    numeric = [(objective(θ + 1e-5 * e)[1] - objective(θ - 1e-5 * e)[1]) / 2e-5 for e in np.eye(len(θ))]
    assert hessian(problem, θ, data, coordinates) == pytest.approx(np.array(numeric), abs=1e-8)


def test_one_step_is_the_least_squares_solution():
    problem, data, coordinates, objective = problem_of("squared error", penalties=())
    θ, _, g = next(newton(problem, objective, rng.standard_normal(8), data, coordinates))
    roots = np.sqrt(data.weights)[:, None]
    solution = np.linalg.lstsq(roots * np.column_stack([X, np.ones(m)]), roots * data.Y, rcond=None)[0]
    assert coordinates.back(θ) == pytest.approx(np.concatenate([solution[:3].T.ravel(), solution[3]]), rel=1e-6)
    assert np.abs(g).max() < 1e-12


@pytest.mark.parametrize("name", CASES)
def test_from_far_away_every_step_shortens_the_gradient(name):
    """Log losses of several units, where whole steps may go too far."""
    problem, data, coordinates, objective = problem_of(name)
    θ = 2 * rng.standard_normal(problem.architecture.size)
    lengths = [np.linalg.norm(objective(θ)[1])]
    lengths += [np.linalg.norm(g) for _, _, g in newton(problem, objective, θ, data, coordinates)]
    assert (np.diff(lengths) < 0).all()
    assert lengths[-1] < 1e-12


def test_repeated_columns_share_the_weight_evenly():
    problem, data, coordinates, objective = problem_of("squared error", lambda X: X[:, [0, 1, 0]], ())
    for θ, _, g in newton(problem, objective, np.zeros(8), data, coordinates):  # noqa: B007  # the last is wanted
        pass
    W = coordinates.back(θ)[:6].reshape(2, 3)
    assert W[:, 0] == pytest.approx(W[:, 2], rel=1e-9)
    assert np.abs(g).max() < 1e-12


def test_only_small_convex_smooth_linear_models_have_a_hessian():
    line = Architecture(3, output=Dense(1, "identity"))
    assert has_hessian(Problem(line, HalfSquaredError()))
    assert not has_hessian(Problem(line, AbsoluteError()))
    assert not has_hessian(Problem(line, Huber()))
    assert not has_hessian(Problem(Architecture(3, output=Dense(1, "sigmoid")), HalfSquaredError()))
    for architecture in (
        Architecture(3, layers=(Dense(2),), output=line.output),
        Architecture(3, front=(Scale(),), output=line.output),
        Architecture(3, output=line.output, members=2),
        Architecture(MOST_PARAMETERS, output=line.output),
    ):
        assert not has_hessian(Problem(architecture, HalfSquaredError()))
