"""Targets as numbers and back."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradatim.errors import InputError, ShapeError
from gradatim.tables import ClassTarget, NumberTarget, task_of
from gradatim.tables.targets import present, target_from_json
from gradatim.tables.tasks import refuse_classes_of_one_row


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"], "classification"),
        ([True, False, None], "classification"),
        (np.array([0.5, 1.0]), "regression"),
        ([0, 1, 1, 0], "classification"),
        ([-1.0, 1.0, float("nan")], "classification"),
        ([0, 1, 2] * 5, "classification"),
        ([1, 2, 3, 4, 5, 7] * 5, "classification"),
        ([0, 1, 2] * 2, "regression"),  # too rare
        ([3, 4, 5, 6, 7, 8, 9] * 99, "regression"),  # marks of wine begin at 3
        ([0, 10, 20, 30] * 99, "regression"),  # steps of ten are amounts
        (list(range(25)) * 99, "regression"),
        (pl.Series(["a", "b"], dtype=pl.Categorical), "classification"),
    ],
)
def test_the_task_follows_the_values(values, task):
    found, reason = task_of(values)
    assert found == task
    assert reason.startswith("The target holds")
    assert reason.endswith(".")


def test_the_task_can_be_said():
    assert task_of([3, 4, 5], "classification") == ("classification", "You asked for classification.")
    with pytest.raises(InputError, match=r"must be classification where the target holds texts. Got regression"):
        task_of(["a", "b"], "regression")
    with pytest.raises(InputError, match="Did you mean 'regression'"):
        task_of([1.5], "regresion")


def test_rows_without_a_target_are_found():
    assert present(["a", None, "b"]).tolist() == [True, False, True]
    assert present(np.array([1.0, np.nan, np.inf])).tolist() == [True, False, False]
    assert present([1, None]).tolist() == [True, False]


# Classes


def test_two_classes_are_one_column_whose_one_is_the_last_class():
    target = ClassTarget.fit(["yes", "no", "no"])
    assert (target.classes, target.positive, target.outputs) == (("no", "yes"), "yes", 1)
    assert target.encode(["yes", "no"]).tolist() == [[1], [0]]
    assert target.probabilities([[0.25]]).tolist() == [[0.75, 0.25]]
    assert target.decode([[0.5], [0.51]]).tolist() == ["no", "yes"]
    assert target.decode([[0.5], [0.51]], threshold=0.4).tolist() == ["yes", "yes"]


def test_the_positive_class_can_be_chosen_and_probabilities_keep_the_order_of_classes():
    target = ClassTarget.fit(["yes", "no"], positive="no")
    assert target.encode(["yes", "no"]).tolist() == [[0], [1]]
    assert target.probabilities([[0.25]]).tolist() == [[0.25, 0.75]]
    assert target.decode([[0.9], [0.1]]).tolist() == ["no", "yes"]
    assert ClassTarget.fit([0, 1], positive="0").positive == 0
    with pytest.raises(InputError, match=r"one of the classes 'no', 'yes'\. Got 'yess'\. Did you mean 'yes'"):
        ClassTarget.fit(["yes", "no"], positive="yess")
    with pytest.raises(InputError, match="left out with more than two"):
        ClassTarget.fit([0, 1, 2], positive=1)


def test_more_classes_are_one_column_each():
    target = ClassTarget.fit([2, 0, 1, 0])
    assert target.classes == (0, 1, 2)
    assert target.encode([2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert target.decode([[0.2, 0.3, 0.5], [0.4, 0.4, 0.2]]).tolist() == [2, 0]


@pytest.mark.parametrize("values", [[False, True], [3, 7], ["b", "a", "c"], [0.0, 1.0], ["true", "1"]])
def test_classes_keep_their_type(values):
    target = ClassTarget.fit(values)
    assert set(map(type, target.classes)) == {type(values[0])}
    assert target.decode(target.encode(values)).tolist() == values


def test_a_column_with_an_order_of_its_own_keeps_it():
    cats = pl.Series(["cat", "non-cat"], dtype=pl.Enum(["non-cat", "cat"]))
    target = ClassTarget.fit(cats)
    assert (target.classes, target.positive) == (("non-cat", "cat"), "cat")
    assert target.encode(["cat"]).tolist() == [[1]]


def test_labels_match_across_types():
    """A file that is read again may hold the same labels as texts."""
    assert ClassTarget.fit([0, 1, 2]).codes(["2", "0", "9", None]).tolist() == [2, 0, -1, -1]
    assert ClassTarget.fit(["0", "1"]).codes([1, 0]).tolist() == [1, 0]
    assert ClassTarget.fit([False, True]).codes(["true", "false"]).tolist() == [1, 0]


def test_an_unknown_label_is_refused():
    target = ClassTarget.fit(["a", "b"])
    with pytest.raises(InputError, match=r"one of 'a', 'b'\. Got 'c', None"):
        target.encode(["a", "c", None])


def test_one_class_is_refused():
    with pytest.raises(InputError, match=r"two classes or more. Got one class, 'a'"):
        ClassTarget.fit(["a", "a"])


def test_predictions_of_another_shape_are_refused():
    with pytest.raises(ShapeError, match=r"\(m, 3\)\. Got \(2, 2\)"):
        ClassTarget.fit([0, 1, 2]).decode(np.zeros((2, 2)))


# Numbers


def test_numbers_are_standardized_by_the_population_deviation():
    target = NumberTarget.fit([1.0, 3.0])
    assert (target.mean, target.std, target.low, target.high) == ((2.0,), (1.0,), (1.0,), (3.0,))
    assert target.encode([5.0]).tolist() == [[3]]


def test_predictions_stay_within_the_range_of_training_where_wanted():
    assert NumberTarget.fit([1.0, 3.0], clip=True).decode([[3.0], [-3.0], [0.5]]).ravel().tolist() == [3, 1, 2.5]
    assert NumberTarget.fit([1.0, 3.0]).decode([[3.0]]).tolist() == [[5]]


def test_several_targets_are_standardized_each():
    Y = np.array([[1.0, 10], [3, 30]])
    target = NumberTarget.fit(Y, names=("a", "b"))
    assert target.encode(Y).tolist() == [[-1, -1], [1, 1]]
    assert target.names == ("a", "b")
    with pytest.raises(ShapeError, match="2 columns"):
        target.encode([1.0, 2.0])


def test_a_constant_target_is_left_at_its_value():
    target = NumberTarget.fit([0.1] * 3)
    assert target.decode(target.encode([0.1])).tolist() == [[0.1]]
    assert target.std == (1.0,)


def test_targets_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match=r"must hold numbers for regression. Got texts"):
        NumberTarget.fit(["a", "b"])
    with pytest.raises(InputError, match=r"Got a missing value in row 2 \(1 row in all\)"):
        NumberTarget.fit([1.0, np.nan])


@given(Y=arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 3)), elements=st.floats(-1e9, 1e9)))
def test_numbers_come_back(Y):
    target = NumberTarget.fit(Y)
    size = np.abs(Y).max(initial=1)
    np.testing.assert_allclose(target.decode(target.encode(Y)), Y, atol=1e-12 * size)
    assert target_from_json(json.loads(json.dumps(target.to_json()))) == target


labels = (
    st.lists(st.text(max_size=3), min_size=2)
    | st.lists(st.integers(-9, 9), min_size=2)
    | st.lists(st.booleans(), min_size=2)
)


@given(values=labels.filter(lambda values: len(set(values)) > 1))
def test_labels_come_back(values):
    target = ClassTarget.fit(values)
    assert target.decode(target.encode(values)).tolist() == values
    again = target_from_json(json.loads(json.dumps(target.to_json())))
    assert again == target
    assert [type(label) for label in again.classes] == [type(label) for label in target.classes]
    P = target.probabilities(target.encode(values))
    assert P.shape == (len(values), len(target.classes))
    np.testing.assert_array_equal(P.sum(axis=1), 1)


def test_codes_where_classes_have_names_are_refused_with_the_way_to_name_them():
    target = ClassTarget.fit(["cat", "dog"])
    with pytest.raises(InputError, match=r"one of 'cat', 'dog'\. Got 0, 1\. .*array class_names"):
        target.encode([0, 1, 1])
    with pytest.raises(InputError, match=r"Got 'cow'\.$"):
        target.encode(["cat", "cow"])


def test_classes_of_one_row_each_are_refused():
    with pytest.raises(InputError, match=r'\'y\' must .*Got 30 different values in 40 rows.*task="regression"'):
        refuse_classes_of_one_row(np.arange(40) % 30 + 0.5, "y")
    with pytest.raises(InputError, match="Choose a column whose values come again"):
        refuse_classes_of_one_row([f"name {i}" for i in range(30)], "y")
    refuse_classes_of_one_row(np.arange(60) % 30, "y")
    refuse_classes_of_one_row(np.arange(20), "y")  # a table as small as that may have them
