"""Steps down the gradient, many in one call: the entries of this engine.

Conventions
-----------
* Every thread runs the same function. Of each batch it takes a slice of rows, of each update a share of the parameters.
  Twice a step they wait for one another: when the gradients are there, and when the parameters are new.
* The gradients of the slices are added in the order of the threads, so that the same number of threads gives the same
  bytes.
* Nothing is allocated and nothing of Python is touched between the first step and the last.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gradatim.engines.fast.barrier import meet
from gradatim.engines.fast.compiling import MARK, entry, kernel
from gradatim.engines.fast.data import Draw, Rows, Table, row_of
from gradatim.engines.fast.layout import Layout
from gradatim.engines.fast.matrices import Array
from gradatim.engines.fast.passes import gradient_of_rows
from gradatim.engines.fast.program import ADAM, GRADIENT_DESCENT, MOMENTUM, Program, Rule

J_OF, NORM_OF, FAULT_OF, SUMS = 0, 1, 2, 8
"""What threads tell one another, a column each of (threads, SUMS): a line of the cache for each thread."""


class Span(NamedTuple):
    """The steps to take.

    Attributes:
        rows: of the epoch, in its order.
        batch_size: rows of a step.
        start: the first step, counted in the epoch.
        stop: one behind the last.
        step: steps taken since the training began.
        key: of dropout.
        rates: (steps,) of the epoch.
        decays: the same.
        dropouts: the same.
    """

    rows: Rows
    batch_size: int
    start: int
    stop: int
    step: int
    key: int
    rates: Array
    decays: Array
    dropouts: Array


class Walk(NamedTuple):
    """What the steps change.

    Attributes:
        θ: (P,) parameters.
        moments: (moments, P) what the optimizer remembers.
        averaged: (P,) the running mean, or nothing.
        gradients: (threads, P) of each thread's rows.
        memories: (threads, …) for each thread's blocks.
        sums: (threads, SUMS) what threads tell one another.
        meeting: where they wait.
    """

    θ: Array
    moments: Array
    averaged: Array
    gradients: Array
    memories: Array
    sums: Array
    meeting: Array


@kernel
def weight_of(table: Table, rows: Rows) -> float:
    """Σ w of these rows."""
    if table.weights.shape[0] == 0:
        return float(rows.m)
    total = 0.0
    for i in range(rows.m):
        total += table.weights[row_of(rows, i)]
    return total


@kernel
def combine(p: Program, rule: Rule, walk: Walk, low: int, high: int) -> None:
    """The gradients of all threads and of the penalties into that of the first, for parameters low … high - 1."""
    θ, g = walk.θ, walk.gradients[0]
    for t in range(1, walk.gradients.shape[0]):
        other = walk.gradients[t]
        for i in range(low, high):
            g[i] += other[i]
    if rule.l1 == 0 and rule.l2 == 0:
        return
    zero, l1, l2 = θ.dtype.type(0), θ.dtype.type(rule.l1), θ.dtype.type(rule.l2)
    for k in range(p.is_weight.shape[0]):
        if p.is_weight[k] != 0:
            for i in range(max(low, p.starts[k]), min(high, p.starts[k + 1])):
                g[i] += (l1 if θ[i] > zero else (-l1 if θ[i] < zero else zero)) + l2 * θ[i]


@kernel
def squared_norm(g: Array, low: int, high: int) -> float:
    """Of g[low:high], in float64."""
    total = 0.0
    for i in range(low, high):
        total += float(g[i]) * float(g[i])
    return total


@kernel
def update(
    p: Program, rule: Rule, walk: Walk, low: int, high: int, shrink: float, t: int, rate: float, decay: float
) -> bool:
    """The step of parameters low … high - 1; returns whether one of them is not finite any more."""
    θ, number = walk.θ, walk.θ.dtype.type
    largest, fault = number(np.finfo(θ.dtype).max), False
    for k in range(rule.rate.shape[0]):
        a, b = max(low, p.starts[k]), min(high, p.starts[k + 1])
        kept, η = number(1 - rate * decay * rule.decay[k]), rate * rule.rate[k]
        if rule.kind == ADAM:
            c1, c2 = 1 - rule.β1**t, 1 - rule.β2**t
            ε = number(rule.ε * rule.epsilon[k])
            adam(rule, walk, a, b, number(shrink), kept, number(η / c1), number(1 / np.sqrt(c2)), ε)
        else:
            follow(rule, walk, a, b, number(shrink), kept, number(η))
        for i in range(a, b):
            fault |= not -largest <= θ[i] <= largest
        if rule.averaging >= 0:
            β, rest = number(rule.averaging), number(1 - rule.averaging)
            for i in range(a, b):
                walk.averaged[i] = β * walk.averaged[i] + rest * θ[i]
    return fault


@kernel
def follow(rule: Rule, walk: Walk, a: int, b: int, shrink: float, kept: float, η: float) -> None:
    """Gradient descent, momentum and Nesterov's: θ ← kept θ - η g, or a mean of the g in its place."""
    θ, gradient, mean = walk.θ, walk.gradients[0], walk.moments[0] if rule.kind != GRADIENT_DESCENT else walk.θ
    β, rest = θ.dtype.type(rule.β1), θ.dtype.type(1 - rule.β1)
    for i in range(a, b):
        g = shrink * gradient[i]
        if rule.kind != GRADIENT_DESCENT:
            v = β * mean[i] + rest * g
            mean[i] = v
            g = v if rule.kind == MOMENTUM else β * v + rest * g
        θ[i] = kept * θ[i] - η * g


@kernel
def adam(
    rule: Rule,
    walk: Walk,
    a: int,
    b: int,
    shrink: float,
    kept: float,
    η: float,
    root: float,
    ε: float,
) -> None:
    """M ← β1 m + (1-β1) g; v ← β2 v + (1-β2) g²; θ ← kept θ - η m / (√v · root + ε)."""
    θ, gradient, mean, mean_square = walk.θ, walk.gradients[0], walk.moments[0], walk.moments[1]
    number = θ.dtype.type
    β1, β2, rest1, rest2 = number(rule.β1), number(rule.β2), number(1 - rule.β1), number(1 - rule.β2)
    for i in range(a, b):
        g = shrink * gradient[i]
        m = β1 * mean[i] + rest1 * g
        v = β2 * mean_square[i] + rest2 * g * g
        mean[i], mean_square[i] = m, v
        θ[i] = kept * θ[i] - η * m / (np.sqrt(v) * root + ε)


def _train(mark: str) -> Any:
    def train(  # of thread `thread`; see the package
        p: Program, a: Layout, rule: Rule, table: Table, span: Span, walk: Walk, loss_sum: float, thread: int
    ) -> tuple[float, int]:
        mark  # noqa: B018  closed over, so that it is part of the key on disk
        threads, P = walk.gradients.shape[0], walk.θ.shape[0]
        low, high = P * thread // threads, P * (thread + 1) // threads
        mine, shrink = walk.sums[thread], 1.0
        for s in range(span.start, span.stop):
            step = span.step + s - span.start
            first = span.rows.first + s * span.batch_size
            m = min(span.batch_size, span.rows.m - s * span.batch_size)
            total = weight_of(table, Rows(span.rows.order, first, m))
            begin, end = m * thread // threads, m * (thread + 1) // threads
            rows = Rows(span.rows.order, first + begin, end - begin)
            draw = Draw(span.key, step, span.dropouts[s], begin, m)
            mine[J_OF] = gradient_of_rows(
                p, a, walk.θ, walk.memories[thread], table, rows, draw, total, walk.gradients[thread]
            )
            meet(walk.meeting, threads)
            J = 0.0
            for t in range(threads):
                J += walk.sums[t, J_OF]
            combine(p, rule, walk, low, high)
            if rule.clip_norm < np.inf:
                mine[NORM_OF] = squared_norm(walk.gradients[0], low, high)
                meet(walk.meeting, threads)
                norm = 0.0
                for t in range(threads):
                    norm += walk.sums[t, NORM_OF]
                norm = np.sqrt(norm)
                shrink = 1.0 if norm <= rule.clip_norm else rule.clip_norm / norm
            mine[FAULT_OF] = update(p, rule, walk, low, high, shrink, step + 1, span.rates[s], span.decays[s])
            meet(walk.meeting, threads)
            fault = not np.isfinite(J)
            for t in range(threads):
                fault |= walk.sums[t, FAULT_OF] != 0
            if fault:
                return loss_sum, s
            loss_sum += total * J
        return loss_sum, -1

    return entry(train)


def _loss_gradient(mark: str) -> Any:
    def loss_gradient(
        p: Program, a: Layout, table: Table, rows: Rows, draw: Draw, θ: Array, memory: Array, G: Array
    ) -> float:
        mark  # noqa: B018
        return gradient_of_rows(p, a, θ, memory, table, rows, draw, weight_of(table, rows), G)

    return entry(loss_gradient)


train = _train(MARK)
"""(program, layout, rule, table, span, walk, loss_sum, thread): the steps of a span. Returns Σ w·L over its batches,
added to `loss_sum`, and the first step whose loss or parameters were not finite, or -1."""

loss_gradient = _loss_gradient(MARK)
"""(program, layout, table, rows, draw, θ, memory, G): J of these rows, and its gradient without penalties into G."""
