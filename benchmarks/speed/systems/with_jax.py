"""JAX: an epoch is one compiled scan over its batches, with the state in donated buffers.

Adam is written out: the same formulas as everybody's, and nothing that the compiler could not see through. The order of
the rows comes from NumPy, whose permutation of a million takes a fraction of the time of JAX's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.speed.systems import LEARNING_RATE, Array, Task

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def parameters(task: Task) -> Any:
    rng = np.random.default_rng(0)
    drawn = [
        (rng.uniform(-1, 1, (inputs, units)) / np.sqrt(inputs), np.zeros(units))
        for inputs, units in pairwise(task.shape.widths)
    ]
    return jax.tree.map(lambda values: jnp.asarray(values, jnp.float32), drawn)


def scores(layers: Any, A: Any) -> Any:
    for W, b in layers[:-1]:
        A = jax.nn.relu(A @ W + b)
    W, b = layers[-1]
    return A @ W + b


def loss(layers: Any, A: Any, classes: Any) -> Any:
    Z = scores(layers, A)
    if Z.shape[1] == 1:
        return jnp.mean(jax.nn.softplus(Z[:, 0]) - classes * Z[:, 0])
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(Z), classes[:, None], axis=1))


def adam(state: Any, gradients: Any) -> Any:
    layers, means, squares, t = state
    t = t + 1
    means = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, means, gradients)
    squares = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, squares, gradients)
    first, second = 1 - BETA1**t, 1 - BETA2**t
    layers = jax.tree.map(
        lambda w, m, v: w - LEARNING_RATE * (m / first) / (jnp.sqrt(v / second) + EPSILON), layers, means, squares
    )
    return layers, means, squares, t


@partial(jax.jit, donate_argnums=0, static_argnums=4)
def epoch(state: Any, X: Any, Y: Any, order: Any, batch: int) -> tuple[Any, Any]:
    def step(state: Any, rows: Any) -> tuple[Any, Any]:
        value, gradients = jax.value_and_grad(loss)(state[0], X[rows], Y[rows])
        return adam(state, gradients), value

    whole = len(order) // batch * batch
    state, values = jax.lax.scan(step, state, order[:whole].reshape(-1, batch))
    if whole < len(order):
        state, value = step(state, order[whole:])
        values = jnp.append(values, value)
    return state, values


@partial(jax.jit, donate_argnums=0)
def step_on_all(state: Any, X: Any, Y: Any) -> tuple[Any, Any]:
    value, gradients = jax.value_and_grad(loss)(state[0], X, Y)
    return adam(state, gradients), value


def train(task: Task, epochs: int, after_epoch: Callable[[], None]) -> None:
    rng = np.random.default_rng(0)
    layers = parameters(task)
    zeros = [jax.tree.map(jnp.zeros_like, layers) for _ in range(2)]
    state: Any = (layers, *zeros, jnp.float32(0))
    classes = task.classes.astype(np.float32 if task.shape.outputs == 1 else np.int32)
    X, Y = jnp.asarray(task.X), jnp.asarray(classes)
    for _ in range(epochs):
        if len(task.batches) == 1:
            state, values = step_on_all(state, X, Y)
        else:
            order = rng.permutation(len(X)).astype(np.int32)
            state, values = epoch(state, X, Y, order, task.shape.batch)
        jax.block_until_ready((state, values))
        after_epoch()


def predictor(task: Task) -> Callable[[Array], Array]:
    layers = parameters(task)
    last = jax.nn.sigmoid if task.shape.outputs == 1 else jax.nn.softmax
    compiled = jax.jit(lambda layers, X: last(scores(layers, X)))
    return lambda X: np.asarray(compiled(layers, X))
