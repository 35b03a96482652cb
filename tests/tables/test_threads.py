"""Work in threads: the same results, in the same order, and errors are heard."""

from time import sleep

import polars as pl
import pytest

from gradatim.tables.threads import each


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_parts(monkeypatch, threads):
    monkeypatch.setattr(pl, "thread_pool_size", lambda: threads)

    def late(part):
        sleep(0.02 if part == 0 else 0)
        return part * part

    assert each(late, range(8)) == [part * part for part in range(8)]
    assert each(late, []) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_in_a_thread_is_raised(monkeypatch, threads):
    monkeypatch.setattr(pl, "thread_pool_size", lambda: threads)
    with pytest.raises(ZeroDivisionError):
        each(lambda part: 1 // part, [1, 0, 1])
