"""Better coordinates for the first layer: inputs of mean 0 and size 1, without a changed copy of the table.

With W' and b' in place of W = W[1] and b = b[1],

    Z[1] = W X + b = W' (X - μ)/s + b',    W' = W ∘ sᵀ,    b' = b + W μ

and s² = σ² + strength, where μ and σ are the mean and the standard deviation of each input over the rows that train,
and strength is that of the penalty L2. Only the numbers that are searched change. J and R stay those of W and b.

Why: along one weight J curves by about σ² and R by strength, so after division by s every weight meets a curvature of
about 1, and the bias no longer depends on the weights. On raw columns, one in thousands beside one in thousandths, the
search would crawl along a valley whose walls are 10¹² times steeper than its floor.

Source: LeCun, Bottou, Orr & Müller 1998 (Efficient BackProp), sections 4.3 and 5.1; Nocedal & Wright 2006, section 2.2
(scaling).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradatim.engines.contract import Data, Problem
from gradatim.formulas.arrays import Array
from gradatim.formulas.penalties import L2
from gradatim.network import Architecture, Parameters

NUMBERS_AT_ONCE = 2**19
"""So much of X is worked on at a time: 4 MB stay in a processor's cache for the way there and back, which is a fifth
quicker, and what a pass keeps does not grow with the table."""


@dataclass(frozen=True)
class Coordinates:
    """θ' beside θ: the same network, in the numbers that are searched and in its own.

    Attributes:
        architecture: the network.
        μ: (n[0],) mean of each input.
        s: (n[0],) size of each input, above 0.
    """

    architecture: Architecture
    μ: Array
    s: Array

    @classmethod
    def of(cls, problem: Problem, data: Data) -> Coordinates:
        """The coordinates for this table; θ itself where a front or members stand between X and the first layer.

        Args:
            problem: network and penalties.
            data: the rows that train, and no others.
        """
        architecture = problem.architecture
        n0 = architecture.n[0]
        if architecture.front or architecture.members > 1:
            return cls(architecture, np.zeros(n0), np.ones(n0))
        μ, σ = mean_and_deviation(data.X, shares(data))
        s = np.sqrt(σ**2 + strength_of_l2(problem))
        return cls(architecture, μ, np.where((s > 0) & np.isfinite(s), s, 1.0))

    def into(self, θ: Array) -> Array:
        """θ' of θ: b' = b + W μ, W' = W ∘ sᵀ."""
        new = Parameters(self.architecture, np.array(θ, dtype=np.float64))
        new.b[1] = new.b[1] + new.W[1] @ self.μ[:, None]
        new.W[1] = new.W[1] * self.s
        return new.vector

    def back(self, θ: Array) -> Array:
        """Gives θ of θ': W = W' / sᵀ, b = b' - W μ."""
        own = Parameters(self.architecture, np.array(θ, dtype=np.float64))
        own.W[1] = own.W[1] / self.s
        own.b[1] = own.b[1] - own.W[1] @ self.μ[:, None]
        return own.vector

    def gradient(self, g: Array) -> Array:
        """By the chain rule, from derivatives by θ to those by θ': dW' = (dW - db μᵀ) / sᵀ, db' = db."""
        d = Parameters(self.architecture, np.array(g, dtype=np.float64))
        d.W[1] = (d.W[1] - d.b[1] * self.μ) / self.s
        return d.vector


def strength_of_l2(problem: Problem) -> float:
    """Of all penalties L2 together."""
    return sum(penalty.strength for penalty in problem.penalties if isinstance(penalty, L2))


def shares(data: Data) -> Array:
    """(m,) what each row counts in J; they sum to 1."""
    w = np.ones(data.m) if data.weights is None else np.asarray(data.weights, dtype=np.float64)
    return w / w.sum()


def pieces(X: Array) -> tuple[slice, ...]:
    """The rows of X in order, in pieces of `NUMBERS_AT_ONCE`.

    Example:
        >>> pieces(np.zeros((3000, 512)))
        (slice(0, 1024, None), slice(1024, 2048, None), slice(2048, 3000, None))
    """
    m, n = X.shape
    numbers = X.nnz if hasattr(X, "tocsr") else m * n
    rows = max(NUMBERS_AT_ONCE * m // max(numbers, 1), 1)
    return tuple(slice(i, min(i + rows, m)) for i in range(0, m, rows))


def mean_and_deviation(X: Array, share: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each column of X (m, n), sparse or not, over rows that count by their shares.

    A deviation no larger than the rounding of its mean is 0: a constant column would otherwise pass for a tiny signal.
    """
    μ = np.asarray(X.T @ share, dtype=np.float64)
    if hasattr(X, "tocsr"):
        variance = np.maximum(X.multiply(X).T @ share - μ**2, 0.0)
    else:
        variance = sum((share[rows] @ (X[rows] - μ) ** 2 for rows in pieces(X)), start=np.zeros(len(μ)))
    σ = np.sqrt(variance)
    return μ, np.where(σ > 1e-13 * np.abs(μ), σ, 0.0)
