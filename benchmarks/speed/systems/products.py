"""The yardstick: the matrix products that no network of this shape can do without, and nothing else.

Forward Z = A W, backward dW = Aᵀ dZ and dA = dZ Wᵀ (not for the inputs), on buffers that are there already. No rows are
gathered, no activation is computed, no step is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.speed.systems import Array, Task


def train(task: Task, epochs: int, after_epoch: Callable[[], None]) -> None:
    widths, L = task.shape.widths, len(task.shape.widths) - 1
    rng = np.random.default_rng(0)
    W = [None, *weights(task)]
    dW = [None, *map(np.empty_like, W[1:])]
    # A is never written: numbers that were handed round would soon be too small or too large, and cost more.
    A, dA, Z = ([rng.random((task.shape.batch, width), dtype=np.float32) for width in widths] for _ in range(3))
    with threadpool_limits(task.threads):
        for _ in range(epochs):
            for batch in task.batches:
                A[0], m = task.X[batch], batch.stop - batch.start
                for l in range(1, L + 1):
                    np.matmul(A[l - 1][:m], W[l], out=Z[l][:m])
                for l in range(L, 0, -1):
                    np.matmul(A[l - 1][:m].T, Z[l][:m], out=dW[l])
                    if l > 1:
                        np.matmul(Z[l][:m], W[l].T, out=dA[l - 1][:m])
            after_epoch()


def predictor(task: Task) -> Callable[[Array], Array]:
    W = weights(task)

    def products(X: Array) -> Array:
        for matrix in W:
            X = X @ matrix
        return X

    return products


def weights(task: Task) -> list[Array]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(pair, dtype=np.float32) for pair in pairwise(task.shape.widths)]
