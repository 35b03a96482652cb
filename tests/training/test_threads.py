"""BLAS's pools are the whole process's: who limits them gives them back, in whatever order threads come and go."""

from contextlib import ExitStack

import pytest

from gradatim.training.threads import allowed_threads, blas_threads


def test_none_is_one_thread():
    with blas_threads(None):
        assert allowed_threads() == 1


@pytest.mark.parametrize("first_to_leave", [0, 1])
def test_the_last_to_leave_gives_back_what_the_first_one_found(first_to_leave):
    """Threads leave in any order. If each put back what it had found, the second would leave the first one's limit."""
    with blas_threads(3):
        found = allowed_threads()
        if found != 3:
            pytest.skip("This BLAS has a number of threads that nobody can set.")
    before = allowed_threads()
    holders = [ExitStack(), ExitStack()]
    for holder, limit in zip(holders, (1, 2), strict=True):
        holder.enter_context(blas_threads(limit))
    assert allowed_threads() == 2
    holders.pop(first_to_leave).close()
    assert allowed_threads() == (2 if first_to_leave == 0 else 1)
    holders[0].close()
    assert allowed_threads() == before


def test_a_fault_gives_them_back_as_well():
    before = allowed_threads()
    with pytest.raises(KeyError), blas_threads(before + 1):
        raise KeyError
    assert allowed_threads() == before
