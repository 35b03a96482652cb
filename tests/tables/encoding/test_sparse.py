"""Sparse tables: a factor a column, and zeros stay zeros."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from gradatim.errors import InputError
from gradatim.tables import Encoding, TableEncoder

EXACT = Encoding(dtype="float64")


def test_sparse_stays_sparse_and_keeps_its_zeros():
    X = sparse.csr_array(np.array([[0, 2.0, 0, 0], [0, -4, 0, 5], [1, 0, 0, 0]]))
    encoder = TableEncoder.fit(X, slice(None), EXACT)
    out = encoder.encode(X).X
    assert sparse.issparse(out)
    assert out.format == "csr"
    # The third column is constant; every other one is divided by its largest size: 1, 4, 5.
    np.testing.assert_array_equal(out.toarray(), [[0, 0.5, 0], [0, -1, 1], [1, 0, 0]])
    np.testing.assert_array_equal(encoder.encode(X.toarray()).X.toarray(), out.toarray())
    assert encoder.encode(X, [2]).X.toarray().tolist() == [[1, 0, 0]]


def test_sparse_with_holes_is_refused():
    X = sparse.csr_array(np.array([[0, 2.0], [np.nan, 1]]))
    with pytest.raises(InputError, match="finite numbers only"):
        TableEncoder.fit(X)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, bool, np.float32])
def test_the_deviation_of_small_whole_numbers_is_that_of_the_dense_table(dtype):
    """Squares and sums of bytes do not fit into bytes."""
    dense = np.array([[0, 100, 1], [0, 120, 0], [90, 0, 1], [7, 127, 0]]).astype(dtype)
    dense[0, :2] = 0
    encoder = TableEncoder.fit(sparse.csr_array(dense), encoding=Encoding(numbers="standard", dtype="float64"))
    np.testing.assert_allclose(encoder.numbers.scale, 1 / dense.astype(np.float64).std(axis=0), rtol=1e-6)


def test_the_largest_size_of_int8_is_128():
    """-(-128) is -128 in int8."""
    X = sparse.csr_array(np.array([[-128, 3], [5, 0]], dtype=np.int8))
    encoder = TableEncoder.fit(X, encoding=EXACT)
    np.testing.assert_array_equal(encoder.encode(X).X.toarray(), [[-1, 1], [5 / 128, 0]])
