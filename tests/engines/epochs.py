"""Epochs that the tests of the fast engine take: of a network with everything in it, in small blocks, by threads."""

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib import import_module
from unittest.mock import patch

import numpy as np
import pytest

from gradatim.engines.contract import Plan
from gradatim.formulas.losses import CategoricalLogLoss, HalfSquaredError
from gradatim.formulas.optimizers import Adam
from gradatim.formulas.penalties import L1, L2
from gradatim.network import Architecture, CategoryEmbedding, Dense, Dropout, NumericEmbedding, Scale
from tests.agreement.random_trainings import Training
from tests.networks import case

fast = pytest.importorskip("gradatim.engines.fast", reason="Numba is not installed")
memory = import_module("gradatim.engines.fast.memory")  # `fast.workspace` is the function

needs_compiler = pytest.mark.skipif(
    not import_module("gradatim.engines.fast.compiling").COMPILES, reason="of compiled kernels only"
)


@contextmanager
def many_threads_and_blocks():
    """Every batch is worth its threads, and is cut into blocks of 5 rows."""
    with ExitStack() as stack:
        for name, value in {
            "WORTH_A_THREAD": 1,
            "ROWS_OF_A_THREAD": 1,
            "NUMBERS_OF_A_BLOCK": 1,
            "FEWEST_ROWS": 5,
        }.items():
            stack.enter_context(patch.object(memory, name, value))
        yield


def bytes_of(state):
    """All that a state holds."""
    averaged = b"" if state.averaged is None else state.averaged.tobytes()
    return state.step, state.vector.tobytes(), *(moment.tobytes() for moment in state.moments), averaged


LINE = Architecture(2, output=Dense(1, "identity"))

DEEP = Architecture(
    3,
    front=(NumericEmbedding(2, frequencies=3, width=3), CategoryEmbedding((3, 4), width=2), Scale()),
    layers=(Dense(8, "mish", learned_slope=True), Dropout(0.3), Dense(5, "tanh")),
    output=Dense(2, "softmax"),
    members=2,
)


def training(architecture=DEEP, loss=None, *, m=97, batch_size=20, dtype="float64", epochs=1, **problem):
    """An epoch of a network, in an order of its own, with dropout and decay by a schedule."""
    loss = loss or (CategoricalLogLoss(0.1) if architecture.output.activation == "softmax" else HalfSquaredError())
    example = case(architecture, loss, m=m, weights=True, penalties=(L2(0.1), L1(0.01)))
    settings_of = {"optimizer": Adam(), "clip_norm": 0.5, "averaging": 0.9} | problem
    made = replace(example.problem, **settings_of)
    rng = np.random.default_rng(0)
    order = np.concatenate([rng.permutation(m) for _ in range(epochs)])
    steps = -(-len(order) // batch_size)
    plan = Plan(
        order, len(order), batch_size, np.linspace(0.01, 0.001, steps), [0.05] * steps, np.linspace(1, 0.5, steps)
    )
    plan = replace(plan, dropout_key=12345)
    return Training(made, fast.initial_state(made, example.vector), example.data, plan).of_type(dtype)


def assert_close(got, expected, relative=1e-9):
    """Parameters and moments of two states agree to rounding."""
    for ours, theirs in zip((got.vector, *got.moments), (expected.vector, *expected.moments), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=relative, atol=relative * np.abs(theirs).max())
