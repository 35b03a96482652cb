"""Training on the computation graph, for lessons on networks that `gd.Network` does not have.

The graph gives the derivatives, Adam (`gradatim.formulas.optimizers`) the step. What the network computes, and how
wrong it is, stands in the lesson.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gradatim.formulas.arrays import Array
from gradatim.formulas.optimizers import Adam
from gradatim.graph import Variable, variable
from gradatim.training.threads import blas_threads


def learn(
    cost: Callable[[list[Variable]], Variable], parameters: Sequence[Array], steps: int, rate: float
) -> tuple[list[Array], list[float]]:
    """Walk downhill, with Adam.

    Args:
        cost: J, one number, as a graph of the parameters. It is asked anew at each step and may draw a batch.
        parameters: where to begin; these arrays stay as they are.
        steps: how many.
        rate: the learning rate.

    Returns:
        The parameters after the last step, and J before each.

    Example:
        >>> (a,), costs = learn(lambda p: ((p[0] - 3.0) ** 2).sum(), [np.zeros(2)], steps=200, rate=0.1)
        >>> a.round(2)
        array([3., 3.])
    """
    values = list(parameters)
    moments: list[tuple[Array, ...]] = [(np.zeros_like(value), np.zeros_like(value)) for value in values]
    costs = []
    with blas_threads(1):  # for matrices as small as these, more threads only wait for one another
        for t in range(1, steps + 1):
            p = [variable(value) for value in values]
            J = cost(p)
            J.backward()
            for i, a in enumerate(p):
                values[i], moments[i] = Adam().step(a.value, a.grad, moments[i], t, rate)
            costs.append(float(J.value))
    return values, costs


def draw(random: np.random.Generator, *shapes: tuple[int, int]) -> list[Array]:
    """For each (units, inputs) a matrix of weights from N(0, 1/inputs), and a column of biases at 0.

    Example:
        >>> [block.shape for block in draw(np.random.default_rng(1), (4, 9), (10, 36))]
        [(4, 9), (4, 1), (10, 36), (10, 1)]
    """
    blocks = []
    for units, inputs in shapes:
        blocks += [random.normal(size=(units, inputs)) / np.sqrt(inputs), np.zeros((units, 1))]
    return blocks
