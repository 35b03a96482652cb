"""All trainings, several at a time, each in a process of its own, until all are done or the time is used up."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from math import inf
from threading import current_thread, main_thread
from time import monotonic
from typing import Any

from gradatim.errors import InputError
from gradatim.trials.training import FoldResult, Task, train_on_fold

Finished = tuple[tuple[int, int], FoldResult]
"""Numbers of candidate and fold, and what came of them."""


def jobs_for(jobs: int | None, trainings: int) -> int:
    """How many trainings at a time: as many as there are cores, or as was asked.

    Raises:
        InputError: for what is no whole number of 1 or more.
    """
    import joblib

    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1):
        raise InputError(f"jobs must be a whole number of 1 or more, or None for all cores. Got {jobs!r}.")
    return min(joblib.cpu_count() if jobs is None else jobs, trainings)


def train_all(tasks: Iterator[Task], jobs: int, seconds: float | None) -> Generator[Finished, None, None]:
    """Train, and hand over each result as it comes.

    What a training gives depends on its task alone, and never on how many others run beside it.

    Args:
        tasks: in the order in which they begin; each is asked for when its turn comes, and dropped when it is done.
        jobs: how many at a time; 1 stays in this process.
        seconds: after which no further one begins; those that have begun are finished. The first always begins.
    """
    import joblib

    deadline = inf if seconds is None else monotonic() + seconds

    def beginning() -> Iterator[Any]:
        first = True
        while first or monotonic() < deadline:
            first = False
            try:
                yield joblib.delayed(_trained)(next(tasks))
            except StopIteration:
                return
            except Exception as fault:  # joblib asks from a thread of its own, in which it would be lost
                yield joblib.delayed(_failed)(fault)
                return

    # One task at a time to each worker: the next one begins, or does not, when one has ended, and not before.
    with joblib.parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1):
        parallel = joblib.Parallel(return_as="generator_unordered", pre_dispatch=jobs, batch_size=1)
        with nullcontext() if jobs == 1 else _deaf_to_ctrl_c():
            finished = parallel(beginning())
        yield from finished


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes that start here do not hear Ctrl-C, or each would print a traceback; this one does, and ends them.

    A Ctrl-C in this tenth of a second is lost. A blocked signal would wait, but joblib unblocks it while it starts.
    """
    if current_thread() is not main_thread():  # only there can signals be set
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _trained(task: Task) -> Finished:
    return task.key, train_on_fold(task)


def _failed(fault: Exception) -> Finished:
    raise fault
