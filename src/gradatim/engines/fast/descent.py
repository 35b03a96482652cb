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
from gradatim.engines.fast.matrices import Array, piece
from gradatim.engines.fast.passes import gradient_of_rows
from gradatim.engines.fast.program import ADAM, GRADIENT_DESCENT, MOMENTUM, Program, Rule

J_OF, NORM_OF, FAULT_OF, SUMS = 0, 1, 2, 8
"""What threads tell one another, a column each of (threads, SUMS): a line of the cache for each thread."""

AT_ONCE = 4096
"""Parameters of which gradients are combined and the step is taken, while both are in the processor's nearest cache."""


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
    g = piece(walk.gradients[0], low, high - low)
    for t in range(1, walk.gradients.shape[0]):
        other = piece(walk.gradients[t], low, high - low)
        for i in range(g.shape[0]):
            g[i] += other[i]
    if rule.l1 == 0 and rule.l2 == 0:
        return
    number = walk.θ.dtype.type
    zero, l1, l2 = number(0), number(rule.l1), number(rule.l2)
    for k in range(p.is_weight.shape[0]):
        a, b = max(low, p.starts[k]), min(high, p.starts[k + 1])
        if p.is_weight[k] != 0 and a < b:
            g, θ = piece(walk.gradients[0], a, b - a), piece(walk.θ, a, b - a)
            for i in range(g.shape[0]):
                g[i] += (l1 if θ[i] > zero else (-l1 if θ[i] < zero else zero)) + l2 * θ[i]


@kernel
def squared_norm(g: Array) -> float:
    """Of these numbers, in float64."""
    total = 0.0
    for i in range(g.shape[0]):
        total += float(g[i]) * float(g[i])
    return total


@kernel
def update(
    p: Program, rule: Rule, walk: Walk, low: int, high: int, shrink: float, t: int, rate: float, decay: float
) -> bool:
    """The step of parameters low … high - 1; returns whether one of them is not finite any more."""
    number = walk.θ.dtype.type
    largest, fault = number(np.finfo(walk.θ.dtype).max), False
    for k in range(rule.rate.shape[0]):
        a, b = max(low, p.starts[k]), min(high, p.starts[k + 1])
        if a >= b:
            continue
        θ, g = piece(walk.θ, a, b - a), piece(walk.gradients[0], a, b - a)
        kept, η = number(1 - rate * decay * rule.decay[k]), rate * rule.rate[k]
        if rule.kind == ADAM:
            c1, c2 = 1 - rule.β1**t, 1 - rule.β2**t
            m, v = piece(walk.moments[0], a, b - a), piece(walk.moments[1], a, b - a)
            ε = number(rule.ε * rule.epsilon[k])
            adam(rule, θ, g, m, v, number(shrink), kept, number(η / c1), number(1 / np.sqrt(c2)), ε)
        elif rule.kind == GRADIENT_DESCENT:
            descend(θ, g, number(shrink), kept, number(η))
        elif rule.kind == MOMENTUM:
            momentum(rule, θ, g, piece(walk.moments[0], a, b - a), number(shrink), kept, number(η))
        else:
            nesterov(rule, θ, g, piece(walk.moments[0], a, b - a), number(shrink), kept, number(η))
        for i in range(θ.shape[0]):
            fault |= not -largest <= θ[i] <= largest
        if rule.averaging >= 0:
            mean = piece(walk.averaged, a, b - a)
            β, rest = number(rule.averaging), number(1 - rule.averaging)
            for i in range(θ.shape[0]):
                mean[i] = β * mean[i] + rest * θ[i]
    return fault


@kernel
def descend(θ: Array, g: Array, shrink: float, kept: float, η: float) -> None:
    """Gradient descent: θ ← kept θ - η g."""
    for i in range(θ.shape[0]):
        θ[i] = kept * θ[i] - η * (shrink * g[i])


@kernel
def momentum(rule: Rule, θ: Array, g: Array, v: Array, shrink: float, kept: float, η: float) -> None:
    """One step along a running mean: v ← β v + (1-β) g; θ ← kept θ - η v."""
    β, rest = θ.dtype.type(rule.β1), θ.dtype.type(1 - rule.β1)
    for i in range(θ.shape[0]):
        v[i] = β * v[i] + rest * (shrink * g[i])
        θ[i] = kept * θ[i] - η * v[i]


@kernel
def nesterov(rule: Rule, θ: Array, g: Array, v: Array, shrink: float, kept: float, η: float) -> None:
    """The same with the newest gradient once more: v ← β v + (1-β) g; θ ← kept θ - η (β v + (1-β) g)."""
    β, rest = θ.dtype.type(rule.β1), θ.dtype.type(1 - rule.β1)
    for i in range(θ.shape[0]):
        v[i] = β * v[i] + rest * (shrink * g[i])
        θ[i] = kept * θ[i] - η * (β * v[i] + rest * (shrink * g[i]))


@kernel
def adam(
    rule: Rule,
    θ: Array,
    g: Array,
    m: Array,
    v: Array,
    shrink: float,
    kept: float,
    η: float,
    root: float,
    ε: float,
) -> None:
    """One step of Adam: m ← β1 m + (1-β1) g; v ← β2 v + (1-β2) g²; θ ← kept θ - η m / (√v · root + ε)."""
    number = θ.dtype.type
    β1, β2, rest1, rest2 = number(rule.β1), number(rule.β2), number(1 - rule.β1), number(1 - rule.β2)
    for i in range(θ.shape[0]):
        d = shrink * g[i]
        m[i] = β1 * m[i] + rest1 * d
        v[i] = β2 * v[i] + rest2 * d * d
        θ[i] = kept * θ[i] - η * m[i] / (np.sqrt(v[i]) * root + ε)


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
            begin, stop = m * thread // threads, m * (thread + 1) // threads
            rows = Rows(span.rows.order, first + begin, stop - begin)
            draw = Draw(span.key, step, span.dropouts[s], begin, m)
            mine[J_OF] = gradient_of_rows(
                p, a, walk.θ, walk.memories[thread], table, rows, draw, total, walk.gradients[thread]
            )
            meet(walk.meeting, threads)
            J = 0.0
            for t in range(threads):
                J += walk.sums[t, J_OF]
            if rule.clip_norm < np.inf:
                combine(p, rule, walk, low, high)
                mine[NORM_OF] = squared_norm(piece(walk.gradients[0], low, high - low))
                meet(walk.meeting, threads)
                norm = 0.0
                for t in range(threads):
                    norm += walk.sums[t, NORM_OF]
                norm = np.sqrt(norm)
                shrink = 1.0 if norm <= rule.clip_norm else rule.clip_norm / norm
            mine[FAULT_OF] = 0
            for at in range(low, high, AT_ONCE):
                end = min(at + AT_ONCE, high)
                if not rule.clip_norm < np.inf:
                    combine(p, rule, walk, at, end)
                if update(p, rule, walk, at, end, shrink, step + 1, span.rates[s], span.decays[s]):
                    mine[FAULT_OF] = 1
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
