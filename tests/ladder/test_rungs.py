"""The rungs: their order, and which of them widths can build."""

from __future__ import annotations

import pytest

from gradatim.errors import InputError
from gradatim.ladder.rungs import RUNGS, rungs_for, rungs_named


def test_rungs_climb_whatever_the_order_of_their_names():
    assert [rung.name for rung in rungs_named("deep, constant")] == ["constant", "deep"]
    assert [rung.name for rung in rungs_named(RUNGS)] == ["constant", "linear", "shallow", "deep"]


def test_unknown_rung_is_refused_with_a_guess():
    with pytest.raises(InputError, match=r"Got 'linaer'\. Did you mean 'linear'\?"):
        rungs_named("constant,linaer")


def test_one_hidden_layer_leaves_the_deep_rung_out():
    rungs, notes = rungs_for((20,), rungs_named(RUNGS))
    assert [rung.name for rung in rungs] == ["constant", "linear", "shallow"]
    assert notes == ("The deep network is left out: it needs 2 hidden layers or more, and there is 1 hidden layer.",)


def test_widths_that_no_rung_can_be_built_with_are_refused():
    with pytest.raises(InputError, match="rungs must hold one that 1 hidden layer can build"):
        rungs_for((20,), rungs_named("deep"))
