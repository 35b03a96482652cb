"""Several labels, of which any number may be true of a row."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from gradatim.errors import InputError, ShapeError
from gradatim.tables import LabelTarget
from gradatim.tables.targets import target_from_json

INDICATOR = np.array([[0, 1, 1], [1, 1, 0], [0, 0, 1], [1, 0, 1]])
FRAME = pl.DataFrame({"sport": ["yes", "no", "no"], "old": [True, False, True], "stars": [5, 3, 3]})


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.bool_, np.float64])
def test_an_indicator_array_comes_back(dtype):
    """As scikit-learn has it: (m, k) of 0 and 1; whole numbers come back as int64."""
    Y = INDICATOR.astype(dtype)
    target = LabelTarget.fit(Y, names=("a", "b", "c"))
    A = target.encode(Y)
    assert A.dtype == np.float64
    np.testing.assert_array_equal(A, INDICATOR)
    again = target.decode(A)
    np.testing.assert_array_equal(again, INDICATOR)
    assert again.dtype == (np.int64 if np.issubdtype(dtype, np.integer) else dtype)
    assert (target.outputs, target.output, target.names) == (3, "sigmoid", ("a", "b", "c"))


def test_columns_of_a_frame_keep_their_names_and_types():
    target = LabelTarget.fit(FRAME)
    assert target.names == ("sport", "old", "stars")
    assert target.classes == (("no", "yes"), (False, True), (3, 5))
    assert target.positive == ("yes", True, 5)
    assert target.encode(FRAME).tolist() == [[1, 1, 1], [0, 0, 0], [0, 1, 0]]
    decoded = target.decode([[0.6, 0.1, 0.5]])
    assert decoded.tolist() == [["yes", False, 3]]
    assert [type(value) for value in decoded[0]] == [str, bool, int]


@pytest.mark.parametrize("values", [pd.DataFrame(FRAME.to_dict(as_series=False)), [list(row) for row in FRAME.rows()]])
def test_any_frame_will_do(values):
    target = LabelTarget.fit(values, names=FRAME.columns)
    assert target.encode(values).tolist() == [[1, 1, 1], [0, 0, 0], [0, 1, 0]]


def test_a_sparse_indicator_is_read_as_a_dense_one():
    target = LabelTarget.fit(sparse.csr_array(INDICATOR))
    np.testing.assert_array_equal(target.encode(sparse.csr_matrix(INDICATOR)), INDICATOR)


def test_names_of_an_array_are_numbered():
    assert LabelTarget.fit(INDICATOR, names=["topic"]).names == ("topic_1", "topic_2", "topic_3")
    assert LabelTarget.fit(pd.DataFrame(INDICATOR, columns=["x", "y", "z"])).names == ("x", "y", "z")
    with pytest.raises(ShapeError, match=r"2 columns: a, b\. Got 3"):
        LabelTarget.fit(INDICATOR, names=["a", "b"])


def test_the_positive_class_can_be_named_for_all_columns():
    texts = np.where(INDICATOR == 1, "yes", "no")
    target = LabelTarget.fit(texts, positive="no")
    np.testing.assert_array_equal(target.encode(texts), 1 - INDICATOR)
    np.testing.assert_array_equal(target.decode(1.0 - INDICATOR), texts)
    np.testing.assert_array_equal(target.codes(texts), INDICATOR)  # codes are places among the classes
    assert LabelTarget.fit(INDICATOR, positive="0").positive == (0, 0, 0)
    with pytest.raises(InputError, match=r"positive, in 'old', must be one of the classes False, True\. Got 'yes'"):
        LabelTarget.fit(FRAME, positive="yes")


def test_probabilities_are_those_of_the_positive_class():
    """As scikit-learn's MLPClassifier gives them: a column a label, rows that need not sum to 1."""
    target = LabelTarget.fit(INDICATOR)
    A = np.array([[0.9, 0.8, 0.1]], dtype=np.float32)
    np.testing.assert_array_equal(target.probabilities(A), A)
    assert target.probabilities(A).dtype == np.float64
    assert target.decode(A, threshold=0.85).tolist() == [[1, 0, 0]]
    with pytest.raises(ShapeError, match=r"\(m, 3\)\. Got \(1, 2\)"):
        target.probabilities(A[:, :2])


def test_classes_stand_in_a_list_of_arrays():
    labels = LabelTarget.fit(FRAME).labels
    assert [array.tolist() for array in labels] == [["no", "yes"], [False, True], [3, 5]]
    assert [array.dtype for array in labels] == [object, bool, np.int64]


def test_a_column_without_two_classes_is_refused_by_name():
    with pytest.raises(InputError, match=r"'b' must hold two classes or more\. Got one class, 1"):
        LabelTarget.fit(np.array([[0, 1], [1, 1]]), names=["a", "b"])
    with pytest.raises(InputError, match=r"must hold two classes\. Got 3 in 'target_2': 0, 1, 2\."):
        LabelTarget.fit(np.array([[0, 1], [1, 0], [1, 2]]))
    with pytest.raises(InputError, match=r"two columns or more, of two classes each\. Got one, 'a'"):
        LabelTarget.fit([0, 1], names=["a"])


def test_unknown_and_missing_labels_are_refused_by_name():
    target = LabelTarget.fit(FRAME)
    with pytest.raises(InputError, match=r"'sport' must hold one of 'no', 'yes'\. Got 'perhaps'"):
        target.encode(FRAME.with_columns(sport=pl.lit("perhaps")))
    with pytest.raises(InputError, match=r"'old' must hold one of False, True\. Got None"):
        target.encode(FRAME.with_columns(old=pl.lit(None, dtype=pl.Boolean)))
    with pytest.raises(ShapeError, match=r"3 columns: sport, old, stars\. Got 2"):
        target.encode(FRAME[:, :2])


two_labels = st.sampled_from([("no", "yes"), (0, 1), (False, True), (-3, 8), ("", "a")])


@given(st.lists(two_labels, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_labels_come_back_also_from_a_file(pairs, random):
    rows = [[low for low, _ in pairs], [high for _, high in pairs]]
    rows += [[random.choice(pair) for pair in pairs] for _ in range(5)]
    frame = pl.DataFrame(rows, schema=[f"y{j}" for j in range(len(pairs))], orient="row")
    target = LabelTarget.fit(frame)
    assert target.decode(target.encode(frame)).tolist() == rows
    again = target_from_json(json.loads(json.dumps(target.to_json())))
    assert again == target
    assert [list(map(type, column)) for column in again.classes] == [list(map(type, pair)) for pair in pairs]


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint8, np.bool_, np.float32])
@pytest.mark.parametrize("value", [0, 1])
def test_a_constant_column_of_0_and_1_is_taken_where_it_may_be(dtype, value):
    Y = np.array([[0, value], [1, value]]).astype(dtype)
    target = LabelTarget.fit(Y, constants=True)
    assert target.classes == ((0, 1), (0, 1))
    assert target.encode(Y).tolist() == [[0, value], [1, value]]
    np.testing.assert_array_equal(target.decode(target.encode(Y)), Y)
    for other in (Y.astype(object) * 2, np.where(Y, "yes", "no")):  # 0 and 2 alone: which would the other be?
        with pytest.raises(InputError, match="Got one class"):
            LabelTarget.fit(
                np.column_stack([other[:, 0], np.full(2, "no" if other.dtype.kind == "U" else 2)]), constants=True
            )
