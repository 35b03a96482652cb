"""What is tried."""

import pytest

from gradatim.errors import InputError
from gradatim.settings import Settings
from gradatim.trials.grid import LEARNING_RATES, Candidate, Values


def test_every_combination_is_a_candidate_and_the_linear_model_is_one():
    values = Values.of([0.1, 0.01], [(20,), (20, 7), ()], ["relu", "tanh"], 50)
    candidates = values.candidates((9, 9))
    assert len(candidates) == 2 * 2 * 2 + 1
    assert sum(not candidate.hidden for candidate in candidates) == 1
    assert Candidate((20, 7), 0.01, "tanh", 50) in candidates


def test_what_is_given_twice_is_tried_once():
    assert Values.of([0.1, 0.1], [[5], (5,), 5], None, None).candidates((1,)) == (Candidate((5,), 0.1),)


@pytest.mark.parametrize("hidden", [(20, 7), [20, 7], [(20, 7)], [[20, 7]]])
def test_widths_alone_are_one_candidate_as_for_fit(hidden):
    assert Values.of(None, hidden, None, None).hidden == ((20, 7),)


def test_learning_rates_are_tried_where_nothing_is_named():
    assert [candidate.learning_rate for candidate in Values.of(None, None, None, None).candidates((9,))] == list(
        LEARNING_RATES
    )
    assert Values.of(None, None, "relu", None).candidates((9,)) == (Candidate((9,), activation="relu"),)


def test_settings_that_are_not_named_are_left_to_the_preset():
    settings = Candidate((5,), epochs=7).settings(Settings(random_state=3))
    assert (settings.hidden_widths, settings.max_epochs, settings.random_state) == ((5,), 7, 3)
    assert (settings.learning_rate, settings.activation) == ("preset", "preset")


def test_arguments_keep_the_rung_that_the_widths_stand_on():
    assert Candidate(()).arguments == {"rungs": "constant,linear", "choose": "linear"}
    assert Candidate((5,)).arguments["choose"] == "shallow"
    assert Candidate((5, 4, 3)).arguments["choose"] == "deep"


def test_no_values_are_refused():
    with pytest.raises(InputError, match=r"learning_rate must be one value or more\. Got none\."):
        Values.of([], None, None, None)
