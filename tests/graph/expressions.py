"""Every operation in an expression: what the tests of second derivatives and of other array libraries loop over."""

from __future__ import annotations

import numpy as np

from gradatim import graph
from gradatim.graph import OPERATIONS

A = (3, 4)
EXPRESSIONS = {
    "add": (lambda a, b: a + b, (A, (3, 1))),
    "subtract": (lambda a, b: a - b, (A, (4,))),
    "negative": (lambda a: -a, (A,)),
    "multiply": (lambda a, b: a * b, (A, (3, 1))),
    "divide": (lambda a, b: a / b, (A, ())),
    "power": (lambda a, b: a**b, (A, (4,))),
    "exp": (graph.exp, (A,)),
    "log": (graph.log, (A,)),
    "sin": (graph.sin, (A,)),
    "cos": (graph.cos, (A,)),
    "tanh": (graph.tanh, (A,)),
    "sigmoid": (lambda a: graph.sigmoid(a - 1), (A,)),
    "softplus": (lambda a: graph.softplus(a - 1), (A,)),
    "relu": (lambda a: graph.relu(a - 1), (A,)),
    "maximum": (lambda a, b: graph.maximum(a, b), (A, (3, 1))),
    "where": (lambda a, b: graph.where(a > b, a * a, b), (A, (4,))),
    "matmul": (lambda a, b: a @ b, (A, (4, 2))),
    "transpose": (lambda a, b: a.T * b, (A, (4, 3))),
    "sum": (lambda a: a.sum(axis=1, keepdims=True) * a, (A,)),
    "mean": (lambda a: a.mean(axis=0) ** 3, (A,)),
    "max": (lambda a: a.max(axis=1) ** 3 + a.max(), (A,)),
    "logsumexp": (lambda a: graph.logsumexp(a, axis=0, keepdims=True) * a, (A,)),
    "broadcast": (lambda a: OPERATIONS["broadcast"](a, shape=(2, 3, 4)) ** 3, (A,)),
    "reshape": (lambda a, b: a.reshape(2, -1) * b, (A, (2, 6))),
    "index": (lambda a: a[::-1, 1:] * a[np.array([0, 2, 2])][:, np.array([True, False, True, True])], (A,)),
    "scatter": (lambda a: OPERATIONS["scatter"](a, index=np.array([4, 1, 4]), shape=(5, 4)) ** 3, (A,)),
    "concatenate": (lambda a, b: graph.concatenate([a, b, a]) ** 3, (A, (1, 4))),
}
"""By the name of the operation: an expression in which it is, and the shapes of its inputs."""


def values_of(shapes, seed=5):
    """Inputs in (0.3, 1.8), where every operation is smooth."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(0.3, 1.8, shape) for shape in shapes]
