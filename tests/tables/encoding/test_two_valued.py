"""Columns of two values: every function of them is a line, so that an embedding of waves has nothing to bend.

They stand behind the other numbers, where networks that embed numbers leave them as they are.
"""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradatim.model import Settings, load, train_model
from gradatim.network import NumericEmbedding
from gradatim.tables import Encoding, Table, TableEncoder
from gradatim.tables.encoding.scaling import Spread

EXACT = Encoding(numbers="robust", dtype="float64")
TABLE = pl.DataFrame(
    {
        "flag": [0, 1, 0, 1, 1, 0],
        "size": [1.5, 2.0, 0.5, 3.0, 2.5, 1.0],
        "ends": [-7.0, 20.0, 20.0, 20.0, -7.0, 20.0],
        "age": [1, 2, 3, 3, 2, 1],
        "answer": [1.0, None, 2.0, 1.0, 2.0, 2.0],
    }
)
MOVED = ["size", "age", "answer", "flag", "ends"]


def test_they_stand_behind_the_others():
    """The one with a gap has a third value: the mean that fills it."""
    encoder = TableEncoder.fit(Table.from_any(TABLE), slice(None), EXACT)
    assert [output.name for output in encoder.outputs] == [*MOVED, "answer is missing"]
    assert encoder.numbers.varied == 3


def test_each_has_the_numbers_that_it_had():
    """(x - median) / q, and q is half the range where the quartiles are equal: by hand."""
    encoder = TableEncoder.fit(Table.from_any(TABLE), slice(None), EXACT)
    X = encoder.encode(Table.from_any(TABLE)).X
    flag, ends = (np.array(z) / np.sqrt(1 + (np.array(z) / 3) ** 2) for z in ([-0.5, 0.5] * 2, [-27 / 20.25, 0.0]))
    np.testing.assert_allclose(X[:4, 3], flag, rtol=1e-14)
    np.testing.assert_allclose(X[:2, 4], ends, rtol=1e-14)


@pytest.mark.parametrize("numbers", ["standard", "none"])
def test_without_the_robust_scale_columns_stay_in_their_order(numbers):
    encoder = TableEncoder.fit(Table.from_any(TABLE), slice(None), Encoding(numbers=numbers, dtype="float64"))
    assert [output.name for output in encoder.outputs][:5] == TABLE.columns
    assert encoder.numbers.varied == 5


def test_a_few_rows_of_an_array_are_encoded_as_its_table_is():
    X = TABLE.drop("answer").to_numpy().astype(float)
    encoder = TableEncoder.fit(Table.from_any(X), slice(None), EXACT)
    np.testing.assert_array_equal(encoder.encode_few(X).X, encoder.encode(Table.from_any(X)).X)


@given(arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=st.floats(-1e6, 1e6).map(np.rint)))
def test_two_values_are_known_by_the_variance(X):
    known = Spread.of(X).is_two_valued
    assert known.tolist() == [len(np.unique(column)) <= 2 for column in X.T]


def test_networks_embed_the_others_only(tmp_path):
    settings = Settings(hidden_widths=(4,), max_epochs=2, random_state=0)
    table = pl.concat([TABLE] * 10)
    y = np.tile([1.0, 2.0, 1.5, 3.0, 2.5, 1.0], 10)
    model = train_model(settings, table, y)
    assert model.architecture.front[0] == NumericEmbedding(3)
    W1 = model.network_.parameters()["W1"]
    assert W1.shape == (4, 3 * 4 + 3)  # three of width 4; then flag, ends and the mark as they are
    model.save(tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert again.encoder.numbers.varied == 3
    np.testing.assert_array_equal(again.predict(table), model.predict(table))
