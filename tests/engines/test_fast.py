"""What the fast engine promises beside its numbers: the same bytes, any threads, no copies, one machine code.

That its numbers are the textbook engine's is in `tests.agreement.test_fast_engine`.
"""

import tracemalloc
from dataclasses import replace
from itertools import pairwise
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from gradatim.engines import textbook
from gradatim.engines.contract import BlockFactors, Data, Plan, Problem
from gradatim.formulas.losses import HalfSquaredError, LogLoss
from gradatim.formulas.optimizers import Adam
from gradatim.network import Architecture, Dense, Dropout
from tests.agreement.random_trainings import Training, examples, run, trainings
from tests.engines.epochs import (
    DEEP,
    LINE,
    assert_close,
    bytes_of,
    fast,
    many_threads_and_blocks,
    needs_compiler,
    training,
)
from tests.networks import CASES, combination

descent = fast.descent


def signatures():
    """How many machine codes there are of each entry, all of which have been called for both types of numbers."""
    example = CASES["log loss"]
    for dtype in (np.float32, np.float64):
        vector = example.vector.astype(dtype)
        fast.loss_and_gradients(example.problem, vector, example.data)
        run(fast, training(dtype=dtype))
    return [len(entry.signatures) for entry in (descent.train, descent.loss_gradient)]


# --- the same bytes --------------------------------------------------------------------------------------------------


@examples(50)
@given(
    cuts=st.lists(st.integers(0, 9), max_size=5),
    dtype=st.sampled_from(["float32", "float64"]),
    threads=st.integers(1, 3),
    seconds=st.sampled_from([0.0, 0.25]),
)
def test_any_cutting_of_an_epoch_into_spans_gives_the_same_bytes(cuts, dtype, threads, seconds):
    """Spans of the caller, and the engine's own: calls of a kernel that take about so many seconds."""
    whole = training(batch_size=10, dtype=dtype)
    with many_threads_and_blocks(), patch.object(fast, "LONGEST_SPAN", seconds):
        at_once, loss_sum, _ = run(fast, whole, workspace=fast.workspace(whole.problem, threads))
        workspace, state, sums = fast.workspace(whole.problem, threads), whole.state, 0.0
        for first, last in pairwise(sorted([0, *cuts, whole.plan.steps])):
            state, part, bad = run(fast, replace(whole, state=state), first, last, workspace)
            assert bad is None
            sums += part
    assert state.step == 10
    assert bytes_of(state) == bytes_of(at_once)
    assert sums == pytest.approx(loss_sum, rel=1e-12)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_same_seed_and_threads_same_bytes(threads):
    with many_threads_and_blocks():
        runs = [run(fast, training(), workspace=fast.workspace(training().problem, threads)) for _ in range(5)]
    assert len({(*bytes_of(state), loss_sum) for state, loss_sum, _ in runs}) == 1


@pytest.mark.parametrize("engine", [fast, textbook])
def test_the_state_that_goes_in_is_not_changed(engine):
    example = training()
    before = bytes_of(example.state)
    state, *_ = run(engine, example)
    assert bytes_of(example.state) == before
    assert not np.shares_memory(state.vector, example.state.vector)
    kept = bytes_of(state)
    run(engine, replace(example, state=state), 0, 2)
    assert bytes_of(state) == kept


def test_a_workspace_that_has_seen_one_table_reads_another():
    example = training()
    other = replace(example, data=replace(example.data, X=2 * example.data.X))
    workspace = fast.workspace(example.problem, 1)
    run(fast, example, workspace=workspace)
    assert bytes_of(run(fast, other, workspace=workspace)[0]) == bytes_of(run(fast, other)[0])
    assert bytes_of(run(fast, other)[0]) != bytes_of(run(fast, example)[0])


def test_a_span_without_steps_changes_nothing():
    example = training()
    state, loss_sum, bad = run(fast, example, 2, 2)
    assert (bytes_of(state), loss_sum, bad) == (bytes_of(example.state), 0.0, None)


# --- threads and blocks ----------------------------------------------------------------------------------------------


@examples(60)
@given(trainings(smooth=True, most_steps=5), st.integers(1, 3))
def test_threads_and_blocks_agree_to_rounding(example, threads):
    """Members, dropout, fronts, CSR: which rows a thread or a block has must show in no mask and no share."""
    serial, loss_sum, _ = run(fast, example)
    with many_threads_and_blocks():
        workspace = fast.workspace(example.problem, threads)
        parallel, parallel_sum, bad = run(fast, example, workspace=workspace)
    assert bad is None
    assert parallel_sum == pytest.approx(loss_sum, rel=1e-9, abs=1e-12)
    assert_close(parallel, serial)


@examples(60)
@given(trainings())
def test_gradients_and_predictions_in_blocks_are_those_at_once(example):
    problem, vector, data = example.problem, example.state.vector, example.data
    J, gradient = fast.loss_and_gradients(problem, vector, data)
    said = fast.predict(problem.architecture, vector, data)
    with many_threads_and_blocks():
        J_of_blocks, gradient_of_blocks = fast.loss_and_gradients(problem, vector, data)
        said_in_blocks = fast.predict(problem.architecture, vector, data)
    assert float(J_of_blocks) == pytest.approx(float(J), rel=1e-11)
    np.testing.assert_allclose(gradient_of_blocks, gradient, rtol=1e-9, atol=1e-11 * max(1e-9, np.abs(gradient).max()))
    np.testing.assert_allclose(said_in_blocks, said, rtol=1e-12, atol=1e-15)


@needs_compiler
def test_threads_without_rows():
    example = training(m=7, batch_size=3)
    with many_threads_and_blocks():
        workspace = fast.workspace(example.problem, 8)
        assert workspace.threads(3) == 3
        state, _, _ = run(fast, example, workspace=workspace)  # the last batch has one row for three threads
    assert_close(state, run(textbook, example)[0])


@needs_compiler
def test_small_steps_are_left_to_one_thread():
    """A meeting of threads costs some microseconds, twice a step."""
    small = fast.workspace(Problem(Architecture(8, layers=(Dense(32), Dense(16)), output=Dense(1)), LogLoss()), 4)
    assert small.threads(32) == 1
    large = Architecture(50, layers=(Dense(256), Dense(256)), output=Dense(1))
    many = fast.workspace(Problem(large, LogLoss()), 64)
    assert (many.threads(256), many.threads(40)) == (8, 1), "32 rows for each thread at least"


# --- memory ----------------------------------------------------------------------------------------------------------

WIDE = Architecture(50, layers=(Dense(8, "relu"),), output=Dense(1, "identity"))


def wide(m=40_000, batch_size=256):
    """A float32 table of 8 MB."""
    return training(WIDE, m=m, batch_size=batch_size, dtype="float32", clip_norm=None)


@needs_compiler
def test_the_table_is_not_copied():
    example = wide()
    workspace = fast.workspace(example.problem, 1)
    run(fast, example, 0, 2, workspace)  # all that is allocated once
    seen = workspace.table(example.data, np.float32)
    assert np.shares_memory(seen.X, example.data.X)
    assert np.shares_memory(seen.Y, example.data.Y)
    tracemalloc.start()
    try:
        run(fast, example, workspace=fast.workspace(example.problem, 1))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < example.data.X.nbytes / 10, "gradients, moments, and the blocks of one batch"


@needs_compiler
def test_a_csr_table_is_not_copied_and_not_made_dense():
    """60,000 × 2000 would be 480 MB as float32; what is there is 5 MB."""
    rng = np.random.default_rng(0)
    columns = np.sort(rng.integers(0, 2000, size=(60_000, 10)).astype(np.int32), axis=1).reshape(-1)
    values = rng.normal(size=600_000).astype(np.float32)
    X = sparse.csr_array((values, columns, np.arange(0, 600_001, 10, dtype=np.int32)), shape=(60_000, 2000))
    architecture = Architecture(2000, layers=(Dense(2, "relu"),), output=Dense(1, "identity"))
    problem = Problem(architecture, HalfSquaredError(), optimizer=Adam())
    data = Data(X, Y=np.zeros((60_000, 1), dtype=np.float32))
    start = fast.initial_state(problem, np.full(architecture.size, 0.01, dtype=np.float32))
    example = Training(problem, start, data, Plan(np.arange(60_000), 60_000, 1000, [0.01] * 60, [0.0] * 60, [1.0] * 60))
    tracemalloc.start()
    try:
        workspace = fast.workspace(problem, 1)
        run(fast, example, workspace=workspace)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.shares_memory(workspace.table(data, np.float32).X, X.data)
    assert peak < 20e6


@needs_compiler
def test_read_only_tables_need_no_other_machine_code_and_stay_as_they_are():
    example = training(dtype="float32")
    expected, *_ = run(fast, example)
    said = fast.predict(DEEP, example.state.vector, example.data)
    before = signatures()
    d = example.data
    arrays = [array.copy() for array in (d.X, d.codes, d.Y, d.weights, example.state.vector)]
    for array in arrays:
        array.flags.writeable = False
    X, codes, Y, weights, vector = arrays
    kept = [array.tobytes() for array in arrays]
    locked = replace(
        example, data=Data(X, codes, Y, weights), state=replace(example.state, vector=vector, averaged=vector)
    )
    state, *_ = run(fast, locked)
    assert bytes_of(state) == bytes_of(expected)
    assert fast.predict(DEEP, vector, locked.data).tobytes() == said.tobytes()
    fast.loss_and_gradients(example.problem, vector, locked.data)
    assert signatures() == before
    assert [array.tobytes() for array in arrays] == kept
    assert state.vector.flags.writeable


@pytest.mark.parametrize("made", ["Fortran order", "every second row", "every second column", "float64", "big-endian"])
def test_tables_of_another_make_give_the_same_numbers(made):
    example = training(dtype="float32")
    expected, *_ = run(fast, example)
    X = example.data.X
    others = {
        "Fortran order": np.asfortranarray(X),
        "every second row": np.repeat(X, 2, axis=0)[::2],
        "every second column": np.repeat(X, 2, axis=1)[:, ::2],
        "float64": X.astype(np.float64),
        "big-endian": X.astype(">f4"),
    }
    state, *_ = run(fast, replace(example, data=replace(example.data, X=others[made])))
    assert bytes_of(state) == bytes_of(expected)


@pytest.mark.parametrize("made", [sparse.csr_matrix, sparse.csr_array, sparse.csc_array])
def test_sparse_tables_give_the_numbers_of_dense_ones(made):
    architecture = Architecture(7, layers=(Dense(4, "tanh"), Dropout(0.3)), output=Dense(1, "sigmoid"))
    example = training(architecture, LogLoss())
    dense = example.data.X * (np.random.default_rng(1).uniform(size=example.data.X.shape) < 0.3)
    state, *_ = run(fast, replace(example, data=replace(example.data, X=made(dense))))
    assert_close(state, run(textbook, replace(example, data=replace(example.data, X=dense)))[0])


# --- machine code ----------------------------------------------------------------------------------------------------


@needs_compiler
def test_nothing_is_compiled_for_another_network_table_or_rule():
    """One machine code for each type of numbers, whatever the widths, and whether settings are written 1 or 1.0."""
    before = signatures()
    for kind in ("dense", "everything at once", "members"):
        example = combination("gelu", "log loss", kind)
        fast.loss_and_gradients(example.problem, example.vector, example.data, np.array([1, 0], dtype=np.int32))
        fast.predict(example.problem.architecture, example.vector, example.data, slice(1, 3))
    for widths, batch_size in (((), 1), ((17,), 64), ((3, 4, 5, 6), 200)):
        network = Architecture(5, layers=tuple(Dense(n, "selu") for n in widths), output=Dense(2, "identity"))
        run(fast, training(network, batch_size=batch_size))
    example = training(LINE, optimizer=Adam(beta1=0), clip_norm=1, averaging=0)
    factors = (BlockFactors(1, 1, 1), BlockFactors(2, 1, 0))
    run(fast, replace(example, plan=replace(example.plan, factors=factors, order=slice(None), dropout_key=7)))
    rows = sparse.csr_array(example.data.X)
    run(fast, replace(example, data=replace(example.data, X=rows, weights=None)))
    assert signatures() == before
