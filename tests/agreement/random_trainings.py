"""Random trainings: any network, data, rule of a step and epoch that the estimators can be asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from scipy import sparse

from gradatim.engines import textbook
from gradatim.engines.contract import BlockFactors, Data, DropoutDraw, Plan, Problem, State
from gradatim.formulas.losses import (
    AbsoluteError,
    CategoricalLogLoss,
    HalfSquaredError,
    Huber,
    LogLoss,
    Poisson,
    Quantile,
)
from gradatim.formulas.optimizers import Adam, AdamW, GradientDescent, Momentum, Nesterov
from gradatim.formulas.penalties import L1, L2
from gradatim.network import Architecture, CategoryEmbedding, Dense, Dropout, NumericEmbedding, Scale
from tests.networks import HIDDEN, targets

SMOOTH = ["identity", "sigmoid", "tanh", "exp", "softplus", "gelu", "mish"]
"""Hidden activations whose slope has no jump."""

POSITIVE = ["sigmoid", "softmax", "softplus", "exp"]
OUTPUTS = [
    *((LogLoss(s), "sigmoid") for s in (0.0, 0.1)),
    *((CategoricalLogLoss(s), "softmax") for s in (0.0, 0.1)),
    (LogLoss(), "softmax"),
    (CategoricalLogLoss(0.1), "sigmoid"),
    *((Poisson(), g) for g in POSITIVE),
    *((HalfSquaredError(), g) for g in (*POSITIVE, *HIDDEN, "leaky_relu(0.2)", "elu(0.5)")),
    *((loss, g) for loss in (AbsoluteError(), Quantile(0.8), Huber(0.7)) for g in ("identity", "tanh", "softplus")),
]
"""Losses and outputs, paired and unpaired.

Not absolute errors behind softmax: where all have one sign dZ is 0, and what is computed is rounding."""

SMOOTH_OUTPUTS = [
    (loss, g)
    for loss, g in OUTPUTS
    if not isinstance(loss, AbsoluteError | Quantile) and g in (*SMOOTH, *POSITIVE) and g != "exp"
]

OPTIMIZERS = st.one_of(
    st.just(GradientDescent()),
    st.builds(Momentum, st.floats(0, 0.99)),
    st.builds(Nesterov, st.floats(0, 0.99)),
    st.builds(Adam, st.floats(0, 0.99), st.floats(0.5, 0.9999), st.floats(1e-8, 1e-3)),
    st.builds(AdamW, st.floats(0, 0.99), st.floats(0.5, 0.9999), st.floats(1e-8, 1e-3)),
)


@dataclass(frozen=True)
class Training:
    """What an engine's `train` takes."""

    problem: Problem
    state: State
    data: Data
    plan: Plan

    def of_type(self, dtype):
        """The same with numbers of this type."""
        d, s = self.data, self.state
        cast = lambda array: None if array is None else array.astype(dtype)  # noqa: E731
        data = Data(cast(d.X), d.codes, cast(d.Y), cast(d.weights))
        state = replace(s, vector=cast(s.vector), moments=tuple(map(cast, s.moments)), averaged=cast(s.averaged))
        return replace(self, state=state, data=data)


def examples(number):
    """So many examples of Hypothesis, and a quarter of them where kernels run as ordinary Python."""
    return settings(max_examples=number // 4 if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0" else number)


def run(engine, training, start=0, stop=None, workspace=None):
    """Steps start … stop - 1, all of them unless told."""
    t = training
    stop = t.plan.steps if stop is None else stop
    return engine.train(t.problem, t.state, t.data, t.plan, start, stop, workspace)


def draw_of(training):
    """The dropout of the first step."""
    return DropoutDraw(training.plan.dropout_key, training.state.step, training.plan.dropout[0])


@st.composite
def architectures(draw, *, smooth=False):
    """A network and a loss, and whether its table is to be sparse."""
    loss, output = draw(st.sampled_from(SMOOTH_OUTPUTS if smooth else OUTPUTS))
    inputs = draw(st.integers(1, 12))
    members = draw(st.sampled_from([1, 1, 2, 3, 4]))
    front = []
    if draw(st.booleans()):
        front = [
            *draw(st.sampled_from([[], [NumericEmbedding(draw(st.integers(0, inputs)), 3, draw(st.integers(1, 4)))]])),
            *draw(st.sampled_from([[], [CategoryEmbedding((3, 5), draw(st.integers(1, 3)))]])),
            *draw(st.sampled_from([[], [Scale()]])),
        ]
    layers = []
    for _ in range(draw(st.integers(0, 4))):
        kinds = SMOOTH if smooth else [*HIDDEN, "leaky_relu(0.2)", "elu(0.5)", "relu(0)"]
        layers.append(Dense(draw(st.integers(1, 40)), draw(st.sampled_from(kinds)), draw(st.booleans())))
        if draw(st.integers(0, 3)) == 0:
            layers.append(Dropout(draw(st.floats(0.05, 0.8))))
    # A softmax of one unit is 1 whatever comes in: its gradients are rounding and nothing else.
    units = draw(st.integers(2 if output == "softmax" else 1, 4))
    architecture = Architecture(inputs, tuple(front), tuple(layers), Dense(units, output), members)
    return architecture, loss, not front and members == 1 and draw(st.booleans())


def parameters(architecture, rng):
    """Of a size that keeps scores about 1, and small behind exponentials."""
    explosive = any(layer.activation == "exp" for layer in architecture.dense)
    vector = np.empty(architecture.size)
    for block in architecture.blocks:
        size = {"weight": 1 / np.sqrt(max(block.fan_in, 1)), "slope": 1.0, "scale": 1.0}.get(block.role, 0.5)
        vector[block.start : block.stop] = rng.normal(scale=size / (3 if explosive else 1), size=block.size)
    return vector


def table(architecture, loss, m, rng, *, is_sparse, weights):
    """A random table of m rows."""
    X = rng.normal(size=(m, architecture.inputs))
    if is_sparse:
        X = sparse.csr_array(X * (rng.uniform(size=X.shape) < 0.4))
    levels = [part.levels for part in architecture.front if isinstance(part, CategoryEmbedding)]
    codes = np.stack([rng.integers(0, k, size=m) for k in levels[0]], axis=1).astype(np.int32) if levels else None
    Y = targets(loss, m, architecture.output.units, rng)
    return Data(X, codes, Y, rng.uniform(0.2, 3, size=m) if weights else None)


@st.composite
def trainings(draw, *, smooth=False, most_steps=1):
    """A training at some moment of its course, whose next steps are no longer than its parameters.

    Its optimizer remembers gradients of about the size of those to come. From zero moments Adam divides a gradient by
    its own size, and one that is nothing but rounding becomes a whole step.
    """
    architecture, loss, is_sparse = draw(architectures(smooth=smooth))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows = draw(st.integers(1, 60))
    batch_size = draw(st.one_of(st.integers(max(1, -(-rows // most_steps)), rows + 5), st.just(rows)))
    data = table(architecture, loss, rows + 3, rng, is_sparse=is_sparse, weights=draw(st.booleans()))
    strengths = st.floats(0, 0.1)
    problem = Problem(
        architecture,
        loss,
        penalties=draw(st.sampled_from([(), (L1(draw(strengths)),), (L2(draw(strengths)), L1(draw(strengths)))])),
        optimizer=draw(OPTIMIZERS),
        clip_norm=draw(st.sampled_from([None, 1e-3, 0.5, 100.0])),
        averaging=draw(st.sampled_from([None, 0.0, 0.9, 0.999])),
    )
    order = draw(
        st.sampled_from(
            [slice(None), slice(2, 2 + rows), rng.permutation(rows + 3)[:rows], rng.integers(0, rows, rows)]
        )
    )
    factors = tuple(BlockFactors(*rng.uniform(0.1, 1.5, size=2), rng.uniform(0, 1)) for _ in architecture.blocks)
    steps = -(-rows // batch_size)
    plan = Plan(
        order,
        rows,
        batch_size,
        learning_rate=rng.uniform(0.1, 1, size=steps),
        decay=rng.uniform(0, 0.3, size=steps) * draw(st.integers(0, 1)),
        dropout=rng.uniform(0, 1, size=steps),
        factors=draw(st.sampled_from([None, factors])),
        dropout_key=draw(st.integers(0, 2**64 - 1)),
    )
    vector = parameters(architecture, rng)
    step = draw(st.integers(0, 1000))
    _, gradient = textbook.loss_and_gradients(
        problem, vector, data, plan.batch(0), DropoutDraw(plan.dropout_key, step, plan.dropout[0])
    )
    size = np.abs(gradient).max() + 1e-3
    moments = {
        "mean_square": size**2 * rng.uniform(0.3, 2, size=vector.size),
        "mean": size * rng.normal(size=vector.size),
    }
    kept = tuple(moments[name] for name in problem.optimizer.moments)
    smallest = min(np.abs(vector[block.start : block.stop]).max() for block in architecture.blocks if block.size)
    scale = 0.05 * smallest / (1 if isinstance(problem.optimizer, Adam | AdamW) else size)
    plan = replace(plan, learning_rate=plan.learning_rate * scale / steps)
    averaged = None if problem.averaging is None else vector + rng.normal(scale=0.1, size=vector.size)
    return Training(problem, State(vector, kept, step, averaged), data, plan)


JUMPS = {"relu", "relu(0)", "leaky_relu", "leaky_relu(0.2)", "elu(0.5)", "selu"}


def distance_from_kinks(training):
    """How far from 0 is the nearest score, or error of an output, where a slope jumps; in the first step."""
    problem, batch = training.problem, training.plan.batch(0)
    data = textbook.objective.batch_of(problem, training.state.vector, training.data, batch)
    p = textbook.forward(problem.architecture, training.state.vector, data.X, data.codes, draw_of(training))
    kinks = [Z for layer, Z in zip(problem.architecture.dense, p.Z[1:], strict=True) if layer.activation in JUMPS]
    if isinstance(problem.loss, AbsoluteError | Quantile):
        kinks.append(p.A[-1] - data.Y)
    if any(isinstance(penalty, L1) for penalty in problem.penalties):
        kinks.append(training.state.vector)
    return min((np.abs(numbers).min() for numbers in kinks if numbers.size), default=np.inf)
