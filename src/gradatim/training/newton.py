"""Newton's method for linear models: the last digits, which L-BFGS reaches slowly or never.

    θ ← θ - t H⁺ g,    H = Σ_i share_i C_i ⊗ x_i x_iᵀ + strength on the weights

where g is the gradient of J + R, x_i the inputs of example i with a 1 for the bias, and C_i = ∂²L/∂z² the curvature of
its loss in the scores. For the squared error H is the whole story, and one step is the least squares solution. For log
losses it is iteratively reweighted least squares.

Conventions
-----------
* All is said in the `Coordinates` of the search: x is (x - μ)/s there, and strength becomes strength / s².
* H⁺ is the pseudo-inverse. Where columns repeat each other, or scores can move without a change (softmax), many θ are
  equally good; it moves along none of those directions, so that from zeros the shortest of them is found.
* t is 1, halved until g becomes shorter and J + R does not rise (but for rounding). Small enough steps make it so: at
  t = 0, d‖g‖²/dt = -2‖g‖² and d(J + R)/dt = -gᵀH⁺g. Neither alone would do: g is short, too, where a whole step has
  thrown all scores far off, and near the optimum differences of J + R drown in rounding.

Source: Nocedal & Wright 2006, sections 3.3 and 11.2; Hastie, Tibshirani & Friedman 2009, section 4.4.1 (eq. 4.26).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gradatim.engines.contract import Data, Problem
from gradatim.formulas.activations import sigmoid, softmax
from gradatim.formulas.arrays import Array
from gradatim.formulas.losses import CategoricalLogLoss, HalfSquaredError, LogLoss
from gradatim.training.coordinates import Coordinates, pieces, shares, strength_of_l2

MOST_PARAMETERS = 1000
"""H has the square of this many numbers, and costs as many products a row."""

HALVINGS = 20
"""A step of a millionth that does not help either: float64 has no more digits."""

ROUNDING = 8 * np.finfo(np.float64).eps
"""By this share of itself J + R may seem to rise."""

Objective = Callable[[Array], tuple[float, Array]]
"""θ' → J + R and its gradient."""


def curvature(loss: HalfSquaredError | LogLoss | CategoricalLogLoss, Z: Array) -> Array:
    """C = ∂²L/∂z_k∂z_j of each example, (m, K, K), from scores Z (K, m).

    The squared error: δ_kj. The log loss of a sigmoid: a_k (1 - a_k) δ_kj. That of a softmax: a_k (δ_kj - a_j).
    """
    δ = np.eye(Z.shape[0])
    if isinstance(loss, HalfSquaredError):
        return np.broadcast_to(δ, (Z.shape[1], *δ.shape))
    if isinstance(loss, LogLoss):
        A = sigmoid(Z).T
        return (A * (1 - A))[:, :, None] * δ
    A = softmax(Z).T
    return A[:, :, None] * (δ - A[:, None, :])


def has_hessian(problem: Problem) -> bool:
    """Whether this is a linear model, convex and smooth, and small enough for Newton's method."""
    architecture, loss = problem.architecture, problem.loss
    return (
        architecture.L == 1
        and not architecture.front
        and architecture.members == 1
        and architecture.size <= MOST_PARAMETERS
        and isinstance(loss, HalfSquaredError | LogLoss | CategoricalLogLoss)
        and loss.output == architecture.output.activation
    )


def hessian(problem: Problem, θ: Array, data: Data, coordinates: Coordinates) -> Array:
    """H of J + R at θ', (P, P), in the order of the vector.

    Args:
        problem: one that `has_hessian`.
        θ: (P,) in coordinates.
        data: the rows that train, and no others.
        coordinates: of the search.
    """
    assert isinstance(problem.loss, HalfSquaredError | LogLoss | CategoricalLogLoss)
    K, n = problem.architecture.output.units, problem.architecture.inputs
    share = shares(data)
    Wb = np.column_stack([θ[: K * n].reshape(K, n), θ[K * n :]])
    H = np.zeros((K, n + 1, K, n + 1))
    for rows in pieces(data.X):
        x = _inputs(data.X[rows], coordinates)
        C = share[rows, None, None] * curvature(problem.loss, Wb @ x.T)
        for k in range(K):
            for j in range(k + 1):
                H[k, :, j, :] += (x.T * C[:, k, j]) @ x
    for k in range(K):
        for j in range(k):
            H[j, :, k, :] = H[k, :, j, :].T
    for k in range(K):
        H[k, range(n), k, range(n)] += strength_of_l2(problem) / coordinates.s**2
    # From (w_k, b_k) output by output to the order of the vector: all weights, then all biases.
    order = np.arange(K * (n + 1)).reshape(K, n + 1)
    order = np.concatenate([order[:, :n].ravel(), order[:, n]])
    return H.reshape(K * (n + 1), -1)[np.ix_(order, order)]


def newton(
    problem: Problem, objective: Objective, θ: Array, data: Data, coordinates: Coordinates
) -> Iterator[tuple[Array, float, Array]]:
    """Steps from θ' until the gradient does not become shorter any more.

    Args:
        problem: one that `has_hessian`.
        objective: J + R and its gradient, in coordinates.
        θ: (P,) where to begin, in coordinates.
        data: the rows that train, and no others.
        coordinates: of the search.

    Yields:
        θ', J + R and its gradient after each step.
    """
    from scipy.linalg import pinvh  # here, as predicting passes by this module and has no use for it

    value, g = objective(θ)
    while True:
        direction = pinvh(hessian(problem, θ, data, coordinates)) @ g
        for halving in range(HALVINGS):
            θ_next = θ - 0.5**halving * direction
            value_next, g_next = objective(θ_next)
            if value_next <= value * (1 + ROUNDING) and np.linalg.norm(g_next) < np.linalg.norm(g):
                break
        else:
            return
        θ, value, g = θ_next, value_next, g_next
        yield θ, value, g


def _inputs(X: Array, coordinates: Coordinates) -> Array:
    """The rows of X in coordinates, with a 1 for the bias: (m, n + 1)."""
    X = X.toarray() if hasattr(X, "tocsr") else X
    return np.column_stack([(X - coordinates.μ) / coordinates.s, np.ones(len(X))])
