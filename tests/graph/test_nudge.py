"""Slopes by nudging, as the notes introduce them."""

from __future__ import annotations

import pytest

from gradatim.errors import InputError, ShapeError
from gradatim.graph import concatenate, log, nudged


@pytest.mark.parametrize(
    ("f", "a", "moved", "exact"),
    [
        (lambda a: 3 * a, 2.0, 0.003, 3),
        (lambda a: 3 * a, 5.0, 0.003, 3),
        (lambda a: a**2, 2.0, 0.004001, 4),
        (lambda a: a**2, 5.0, 0.010001, 10),
        (lambda a: a**3, 2.0, 0.012006001, 12),
        (log, 2.0, 0.000499875, 0.5),
    ],
)
def test_the_notes_slopes(f, a, moved, exact):
    """(a + h)² − a² = 2ah + h²; (a + h)³ − a³ = 3a²h + 3ah² + h³; log(1 + h/a) = h/a − h²/2a² + … here."""
    told = nudged(f, a)
    assert told.moved == pytest.approx(moved, rel=1e-6)
    assert told.slope == pytest.approx(1000 * moved, rel=1e-6)
    assert told.exact == pytest.approx(exact, rel=1e-14)


def test_it_reads_like_the_notes():
    assert str(nudged(lambda a: 3 * a, 2.0)) == (
        "a from 2 to 2.001 moves f(a) from 6 to 6.003: by 0.003, which is 3 times as much.\nThe exact slope is 3."
    )


def test_a_smaller_nudge_comes_nearer():
    """The slope of a² by a nudge h is 2a + h."""
    assert nudged(lambda a: a**2, 5.0, by=0.1).slope == pytest.approx(10.1)
    assert nudged(lambda a: a**2, 5.0, by=-0.1).slope == pytest.approx(9.9)


def test_one_number_may_have_any_shape():
    assert nudged(lambda a: a.reshape(1, 1) ** 2, 3.0).exact == 6


def test_refusals():
    with pytest.raises(InputError, match=r"a must be a single number, and by a nudge other than 0. Got a=\[1, 2\]"):
        nudged(lambda a: a, [1, 2])
    with pytest.raises(InputError, match="a=1j"):
        nudged(lambda a: a, 1j)
    with pytest.raises(InputError, match="by=0"):
        nudged(lambda a: a, 1.0, by=0)
    with pytest.raises(InputError, match=r"f must be made of the operations of gradatim.graph. Got float"):
        nudged(lambda a: 2.0, 1.0)
    with pytest.raises(ShapeError, match=r"f must give one number. Got shape \(2,\)"):
        nudged(lambda a: concatenate([a.reshape(1), a.reshape(1)]), 1.0)
