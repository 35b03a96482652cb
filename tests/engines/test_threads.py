"""The fast engine among others: threads that train at once, forks, workers of joblib, Ctrl-C."""

import _thread
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from time import perf_counter, sleep
from unittest.mock import patch

import numpy as np
import pytest

from gradatim.engines.contract import Data, Plan, Problem
from gradatim.formulas.losses import HalfSquaredError
from gradatim.formulas.optimizers import Adam
from gradatim.network import Architecture, Dense, Dropout

fast = pytest.importorskip("gradatim.engines.fast", reason="Numba is not installed")
memory = import_module("gradatim.engines.fast.memory")  # `fast.workspace` is the function

pytestmark = pytest.mark.skipif(
    not import_module("gradatim.engines.fast.compiling").COMPILES, reason="ordinary Python has one thread"
)

NETWORK = Architecture(20, layers=(Dense(64, "relu"), Dropout(0.2), Dense(64, "tanh")), output=Dense(1, "identity"))
PROBLEM = Problem(NETWORK, HalfSquaredError(), optimizer=Adam())


def table(m=4000, seed=0):
    """A random float32 table."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(m, 20)).astype(np.float32)
    return Data(X, Y=X[:, :1] - X[:, 1:2] * X[:, 2:3])


def epoch(m=4000, batch_size=200, seed=0):
    """One epoch in random order."""
    steps = -(-m // batch_size)
    order = np.random.default_rng(seed).permutation(m)
    return Plan(order, m, batch_size, [0.01] * steps, [0.0] * steps, [1.0] * steps, dropout_key=seed)


def trained(seed, threads, epochs=3):
    """The parameters after some epochs, as bytes."""
    with patch.object(memory, "WORTH_A_THREAD", 1):
        return _trained(seed, threads, epochs)


def _trained(seed, threads, epochs):
    data, workspace = table(seed=seed), fast.workspace(PROBLEM, threads)
    assert workspace.threads(200) == threads
    vector = np.random.default_rng(seed).normal(scale=0.1, size=NETWORK.size).astype(np.float32)
    state = fast.initial_state(PROBLEM, vector)
    for k in range(epochs):
        plan = epoch(seed=seed + k)
        state, _, bad = fast.train(PROBLEM, state, data, plan, 0, plan.steps, workspace)
        assert bad is None
    return state.vector.tobytes()


def test_two_trainings_at_once_are_two_trainings_one_after_the_other():
    with patch.object(memory, "WORTH_A_THREAD", 1):
        one_after_the_other = [_trained(seed, 2, 4) for seed in range(4)]
        with ThreadPoolExecutor(2) as pool:
            at_once = list(pool.map(lambda seed: _trained(seed, 2, 4), range(4)))
    assert at_once == one_after_the_other
    assert len(set(at_once)) == 4


def run_script(script, **environment):
    """The script's output, as a process of its own that hangs for no longer than a minute and a half."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


FORK = """
import os, threading
from tests.engines.test_threads import trained

expected = [trained(1, threads) for threads in (1, 2)]
{around}
child = os.fork()
if child == 0:
    same = [trained(1, threads) for threads in (1, 2)] == expected
    os._exit(0 if same else 1)
_, status = os.waitpid(child, 0)
print(os.waitstatus_to_exitcode(status), [trained(1, threads) for threads in (1, 2)] == expected)
{behind}
"""
"""A process that has trained with one thread and with two forks; the child trains the same."""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


@needs_fork
def test_a_child_trains_after_its_parent_trained_with_threads():
    assert run_script(FORK.format(around="", behind="")) == ["0", "True"]


@needs_fork
def test_a_child_trains_while_its_parent_trains_in_another_thread():
    """Of the parent's threads the child has only the one that forked."""
    around = """
going_on = threading.Event()
def train_on():
    while not going_on.is_set():
        trained(2, 2)
other = threading.Thread(target=train_on)
other.start()
"""
    assert run_script(FORK.format(around=around, behind="going_on.set(); other.join()")) == ["0", "True"]


def usable(limit=None, most=10**6):
    """`usable_cpus` under that limit of the environment."""
    with patch.dict(os.environ, {} if limit is None else {"OMP_NUM_THREADS": limit}):
        if limit is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        return memory.usable_cpus()


def test_threads_are_no_more_than_the_process_may_use():
    processors = usable()
    assert 1 <= processors <= os.cpu_count()
    assert usable("1") == 1
    assert usable("100000") == processors
    for nothing in ("", "0", "many", "-1", "2,1"):
        assert usable(nothing) == processors
    assert fast.workspace(PROBLEM, 3).n_threads == 3


def test_workers_of_joblib_share_the_processors():
    """Two workers at a time have half the processors each, and find the numbers that one process finds."""
    from joblib import Parallel, cpu_count, delayed
    from sklearn.model_selection import cross_val_score

    from gradatim.estimators import NetworkRegressor

    data = table(300)
    X, y = data.X, data.Y[:, 0]
    model = NetworkRegressor(hidden_widths=(8,), max_epochs=2, random_state=0, engine="fast", verbose=False)
    limited = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    with patch.dict(os.environ, limited, clear=True):
        workers = Parallel(2)(delayed(fast.workspace)(PROBLEM, None) for _ in range(4))
        assert {worker.n_threads for worker in workers} == {max(1, cpu_count() // 2)}
        with_workers = cross_val_score(model, X, y, cv=2, n_jobs=2)
    np.testing.assert_array_equal(with_workers, cross_val_score(model, X, y, cv=2))


def assert_only(threads):
    """No more threads are left, or will be when the span is over: Ctrl-C may come while they are waited for."""
    until = perf_counter() + 3.0
    while threading.active_count() > threads and perf_counter() < until:
        sleep(0.01)
    assert threading.active_count() == threads


@pytest.mark.parametrize("threads", [1, 2])
def test_control_c_ends_a_long_epoch(threads):
    """An epoch of minutes, interrupted after a second: the kernels hand back after a quarter of one."""
    m = 4_000_000
    network = Architecture(1, layers=(Dense(256, "tanh"), Dense(256, "tanh")), output=Dense(1, "identity"))
    problem = Problem(network, HalfSquaredError(), optimizer=Adam())
    column = np.zeros((m, 1), dtype=np.float32)
    steps = m // 256
    plan = Plan(slice(None), m, 256, [1e-3] * steps, [0.0] * steps, [1.0] * steps)
    workspace = fast.workspace(problem, threads)
    assert workspace.threads(256) == threads
    state = fast.initial_state(problem, np.full(network.size, 0.01, dtype=np.float32))
    running = threading.active_count()
    timer = threading.Timer(1.0, _thread.interrupt_main)
    began = perf_counter()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        fast.train(problem, state, Data(column, Y=column), plan, 0, steps, workspace)
    assert perf_counter() - began < 1.0 + 3.0, "a quarter of a second, on machines that stall a little more"
    timer.join()
    assert_only(running)


def test_control_c_before_a_kernel_has_begun_leaves_nobody_waiting():
    """The other thread stands at the barrier already, and the first never comes."""
    real = fast.descent.train

    def late(*arguments):
        if arguments[-1] == 0 and arguments[4].start > 0:
            raise KeyboardInterrupt
        return real(*arguments)

    late.stats = real.stats
    running = threading.active_count()
    with patch.object(fast.descent, "train", late), pytest.raises(KeyboardInterrupt):
        trained(1, 2)
    assert_only(running)
