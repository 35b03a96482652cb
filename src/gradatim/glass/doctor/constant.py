"""How small a loss can be made without looking at a single column."""

from __future__ import annotations

import numpy as np

from gradatim.engines.contract import Problem
from gradatim.engines.textbook import loss_slopes, loss_values
from gradatim.engines.textbook.objective import Batch
from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array

FAR_OUT = 50.0
"""Scores of a sigmoid or softmax beyond are probabilities of 0 and 1 to the last digit."""


def constant_loss(problem: Problem, batch: Batch) -> float:
    """J of the best scores that are the same for all examples: the entropy of the shares, half of the variance.

    Args:
        problem: the loss, and the activation at the output.
        batch: targets, and how much each example counts.
    """
    from scipy.optimize import minimize, minimize_scalar  # here, as predicting passes by this package

    g, loss = activation(problem.architecture.output.activation), problem.loss
    Y, share = batch.Y, batch.share

    def J(z: Array, rows: slice = slice(None)) -> float:
        Z = np.broadcast_to(z, Y[rows].shape)
        return float(np.sum(share * loss_values(loss, g, Z, Y[rows])))

    if g.chain is not None:  # softmax mixes the units of a column: all scores together, from the shares on

        def slope(z: Array) -> Array:
            Z = np.broadcast_to(z[:, None], Y.shape)
            return np.asarray(np.sum(share * loss_slopes(loss, g, Z, g.value(Z), Y), axis=1))

        start = np.log(np.maximum(np.sum(share * Y, axis=1), np.exp(-FAR_OUT)))
        return float(minimize(lambda z: J(z[:, None]), start, jac=slope, method="L-BFGS-B").fun)
    total = 0.0
    for k in range(len(Y)):
        own = slice(k, k + 1)
        low, high = (min(-FAR_OUT, Y[k].min()), max(FAR_OUT, Y[k].max()))
        if g.name == "identity":
            low, high = Y[k].min(), Y[k].max()
        if low == high:
            total += J(low, own)
        else:
            total += float(minimize_scalar(J, args=(own,), bounds=(low, high), method="bounded").fun)
    return total
