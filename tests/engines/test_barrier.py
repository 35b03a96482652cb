"""Where the fast engine's threads wait for one another."""

import numba
import numpy as np
import pytest

from gradatim.engines import fast
from gradatim.engines.fast.barrier import barrier, meet
from gradatim.engines.fast.compiling import COMPILES

pytestmark = pytest.mark.skipif(not COMPILES, reason="ordinary Python has no threads that run at once")

ROUNDS = 300


@numba.njit(nogil=True)
def exchange(memory, seen, thread, threads, rounds):
    """Write a number, wait, read everybody's, wait: the sums are right only if nobody runs ahead or stays behind."""
    wrong = 0
    for k in range(rounds):
        seen[thread] = k
        meet(memory, threads)
        for t in range(threads):
            wrong += seen[t] != k
        meet(memory, threads)
    return wrong


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_nobody_runs_ahead(threads):
    memory, seen = barrier(), np.zeros(threads, dtype=np.int64)
    found = fast.together(lambda thread: exchange(memory, seen, thread, threads, ROUNDS), threads, memory)
    assert found == [0] * threads


def test_who_waits_for_one_that_never_comes_is_let_go():
    memory, seen = barrier(), np.zeros(2, dtype=np.int64)
    exchange(memory, seen, 0, 1, 1)  # compiled before anybody waits

    def work(thread):
        if thread == 0:
            raise KeyboardInterrupt
        return exchange(memory, seen, thread, 2, ROUNDS)

    with pytest.raises(KeyboardInterrupt):
        fast.together(work, 2, memory)
