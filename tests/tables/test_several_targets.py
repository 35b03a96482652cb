"""Several targets at once: numbers, their names, and the task that they ask for."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gradatim.errors import InputError, ShapeError
from gradatim.tables import ClassTarget, NumberTarget, task_of
from gradatim.tables.targets import present, target_from_json
from gradatim.tables.tasks import refuse_classes_of_one_row

TWO = [0, 1, 1, 0]
NUMBERS = [1.5, 2.5, 3.0, 4.0]


def test_targets_of_two_values_are_labels():
    frame = pl.DataFrame({"a": TWO, "b": ["x", "y", None, "x"], "c": [True, False, True, True]})
    assert task_of(frame) == ("classification", "All 3 targets hold two different values.")
    assert task_of(np.eye(2)) == ("classification", "Both targets hold two different values.")
    assert task_of(pd.DataFrame(frame.to_dict(as_series=False)))[0] == "classification"


def test_targets_of_numbers_are_amounts():
    assert task_of(np.array([NUMBERS, [1, 2, 3, 3]]).T) == (
        "regression",
        "Both targets hold numbers, none of them just two whole ones.",
    )
    assert task_of(np.array([[0.5, 1.5, 0.5], [2.25, 0, 0]]).T)[0] == "regression"  # two values, with fractions
    assert task_of(np.array([TWO, NUMBERS]).T, "regression") == ("regression", "You asked for regression.")


def test_a_mixture_is_refused_with_names():
    with pytest.raises(InputError, match=r"Got 'a' of two values, 'b' of numbers\. .*say task=.regression"):
        task_of(pl.DataFrame({"a": TWO, "b": NUMBERS}))
    with pytest.raises(InputError, match=r"Got 'a' of two values, 'b' of 3 texts\. .*models of their own\.$"):
        task_of(pl.DataFrame({"a": TWO, "b": ["x", "y", "z", "z"]}))
    with pytest.raises(InputError, match=r"all hold numbers for regression\. Got 'a' of two values, 'b' of 3 texts"):
        task_of(pl.DataFrame({"a": TWO, "b": ["x", "y", "z", "z"]}), "regression")


def test_one_column_of_a_frame_is_one_target():
    assert task_of(pl.DataFrame({"a": NUMBERS})) == task_of(NUMBERS)
    assert task_of(np.array(TWO)[:, None]) == task_of(TWO)


def test_classes_of_one_row_each_are_refused_by_the_name_of_their_column():
    refuse_classes_of_one_row(pl.DataFrame({"a": TWO, "b": TWO}), "y")
    with pytest.raises(InputError, match=r"'y_2' must hold classes.*Got 40 different values"):
        refuse_classes_of_one_row(np.array([TWO * 10, range(40)]).T, "y")


def test_a_row_lacks_its_targets_where_one_is_missing():
    assert present(pl.DataFrame({"a": [1, None, 3], "b": [1.0, 2.0, np.nan]})).tolist() == [True, False, False]
    assert present(np.array([[1, np.inf], [2, 0]])).tolist() == [False, True]


def test_numbers_of_a_frame_keep_its_names():
    frame = pl.DataFrame({"a": NUMBERS, "b": [1, 2, 3, 4]})
    target = NumberTarget.fit(frame)
    assert target.names == NumberTarget.fit(pd.DataFrame(frame.to_dict(as_series=False))).names == ("a", "b")
    assert NumberTarget.fit(frame.to_numpy(), names=["y"]).names == ("y_1", "y_2")
    np.testing.assert_allclose(target.encode(frame).mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(target.encode(frame).std(axis=0), 1)
    with pytest.raises(ShapeError, match=r"2 columns: a, b\. Got 1"):
        target.encode(NUMBERS)
    with pytest.raises(ShapeError, match=r"one column, 'target'\. Got 2"):
        NumberTarget.fit(NUMBERS).encode(frame)
    with pytest.raises(InputError, match=r"'b' must hold finite numbers .* Got inf in row 3 \(2 rows in all\)"):
        NumberTarget.fit(pl.DataFrame({"a": NUMBERS, "b": [0.0, 1.0, np.inf, np.nan]}))


def test_an_amount_that_cannot_be_negative_is_divided_by_its_mean():
    """0 stays 0, and the scaled target has mean 1; the file tells it by its mean of 0."""
    counts = np.array([[0, 10], [2, 30], [4, 20]])
    target = NumberTarget.fit(counts, clip=True, centred=False)
    assert (target.mean, target.std) == ((0.0, 0.0), (2.0, 20.0))
    assert target.encode(counts).tolist() == [[0, 0.5], [1, 1.5], [2, 1]]
    assert target.decode([[1.5, 0.75], [9, 9]]).tolist() == [[3, 15], [4, 30]]
    assert target_from_json(json.loads(json.dumps(target.to_json()))) == target
    assert NumberTarget.fit([0, 0], centred=False).std == (1.0,)


def test_negative_amounts_are_refused_where_the_output_cannot_be_negative():
    message = r"'b' must hold numbers of 0 or more where the network's output cannot be negative\. Got -1\.5 in row 2"
    with pytest.raises(InputError, match=message + r" \(1 row in all\)\."):
        NumberTarget.fit(pl.DataFrame({"a": [1, 2], "b": [0.0, -1.5]}), centred=False)


def test_every_target_names_the_activation_of_the_last_layer():
    assert ClassTarget.fit(["a", "b"]).output == "sigmoid"
    assert ClassTarget.fit(["a", "b", "c"]).output == "softmax"
    assert NumberTarget.fit([1.0, 2.0]).output == "identity"
