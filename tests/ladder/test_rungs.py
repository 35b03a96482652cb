"""The rungs: their order, and which of them widths can build."""

from __future__ import annotations

import pytest

from gradatim.errors import InputError
from gradatim.ladder.rungs import RUNGS, UNASKED, climbed_with, rungs_for, rungs_named
from gradatim.settings import Settings


def test_rungs_climb_whatever_the_order_of_their_names():
    assert [rung.name for rung in rungs_named("deep, constant")] == ["constant", "deep"]
    assert [rung.name for rung in rungs_named(RUNGS)] == ["constant", "linear", "shallow", "deep", "ensemble"]


@pytest.mark.parametrize(
    ("preset", "names", "networks", "rungs"),
    [
        ("best", UNASKED, "strong", ["constant", "linear", "shallow", "deep", "ensemble"]),
        ("best", "ensemble,linear", "strong", ["linear", "ensemble"]),
        ("plain", "deep,ensemble", "plain", ["deep", "ensemble"]),
        ("strong", UNASKED, "strong", ["constant", "linear", "shallow", "deep"]),
    ],
)
def test_best_is_strong_with_the_ensemble_above(preset, names, networks, rungs):
    of_networks, climbed = climbed_with(preset, names)
    assert (of_networks, [rung.name for rung in climbed]) == (networks, rungs)


def test_an_ensemble_has_all_hidden_layers_and_the_shallow_network_the_first():
    found = {name: RUNGS[name].candidates(Settings("plain"), (7, 5), 100)[0].hidden_widths for name in RUNGS}
    assert found == {"constant": (), "linear": (), "shallow": (7,), "deep": (7, 5), "ensemble": (7, 5)}


def test_unknown_rung_is_refused_with_a_guess():
    with pytest.raises(InputError, match=r"Got 'linaer'\. Did you mean 'linear'\?"):
        rungs_named("constant,linaer")


def test_one_hidden_layer_leaves_the_deep_rung_out():
    rungs, notes = rungs_for((20,), rungs_named(RUNGS))
    assert [rung.name for rung in rungs] == ["constant", "linear", "shallow", "ensemble"]
    assert notes == ("The deep network is left out: it needs 2 hidden layers or more, and there is 1 hidden layer.",)


def test_widths_that_no_rung_can_be_built_with_are_refused():
    with pytest.raises(InputError, match="rungs must hold one that 1 hidden layer can build"):
        rungs_for((20,), rungs_named("deep"))
