"""What must hold of the encoding of any table."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from gradatim.tables import Encoding, Table, TableEncoder

texts = st.none() | st.sampled_from(["a", "b", "c", "", "Ä", "NA"]) | st.text(max_size=3)
numbers = st.none() | st.floats(width=64, allow_nan=True, allow_infinity=True)


@st.composite
def tables(draw):
    m = draw(st.integers(2, 12))
    of = {
        "number": numbers,
        "whole": st.none() | st.integers(-(2**62), 2**62),
        "text": texts,
        "truth": st.none() | st.booleans(),
        "date": st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    }
    dtypes = {"number": pl.Float64, "whole": pl.Int64, "text": pl.String, "truth": pl.Boolean, "date": pl.Date}
    chosen = draw(st.lists(st.sampled_from(sorted(of)), min_size=1, max_size=5))
    return Table(
        pl.DataFrame(
            [
                pl.Series(f"{kind} {j}", draw(st.lists(of[kind], min_size=m, max_size=m)), dtype=dtypes[kind])
                for j, kind in enumerate(chosen)
            ]
        )
    )


encodings = st.builds(
    Encoding,
    numbers=st.sampled_from(["robust", "standard", "none"]),
    clip=st.sampled_from([None, 3.0]),
    max_levels=st.sampled_from([1, 2, 100]),
    embed_above=st.sampled_from([None, 0, 2]),
    dtype=st.sampled_from(["float32", "float64"]),
)


@given(table=tables(), encoding=encodings, data=st.data())
def test_nothing_infinite_comes_out_whatever_goes_in(table, encoding, data):
    rows = data.draw(st.lists(st.integers(0, table.n_rows - 1), min_size=1, max_size=6))
    encoder = TableEncoder.fit(table, rows, encoding)
    X, codes = encoder.encode(table)
    assert X.shape == (table.n_rows, encoder.n_outputs)
    assert len(encoder.outputs) == encoder.n_outputs
    assert X.dtype == encoding.dtype
    assert X.flags.c_contiguous
    assert np.isfinite(X).all()
    if encoding.numbers == "robust" and encoding.clip:
        assert np.abs(X).max(initial=0) <= encoding.clip
    if codes is not None:
        assert ((codes >= 0) & (codes < np.array(encoder.levels))).all()


@given(table=tables(), encoding=encodings)
def test_a_written_encoder_encodes_to_the_same_bytes(table, encoding):
    encoder = TableEncoder.fit(table, slice(None), encoding)
    assert all(tensor.dtype == np.float64 and tensor.flags.c_contiguous for tensor in encoder.tensors().values())
    tensors = {name: np.frombuffer(tensor.tobytes()) for name, tensor in encoder.tensors().items()}
    again = TableEncoder.from_json(json.loads(json.dumps(encoder.to_json(), allow_nan=False)), tensors)
    one, other = encoder.encode(table), again.encode(table)
    assert one.X.tobytes() == other.X.tobytes()
    assert (one.codes is None and other.codes is None) or one.codes.tobytes() == other.codes.tobytes()
    assert again.outputs == encoder.outputs
    assert again.columns == encoder.columns
    assert again.to_json() == encoder.to_json()


@given(first=tables(), encoding=encodings, seed=st.integers(0, 99))
def test_only_training_rows_have_a_say(first, encoding, seed):
    """Whatever stands in the other rows, the encoder is the same."""
    train = np.arange(first.n_rows // 2 + 1)
    shuffled = np.random.default_rng(seed).permutation(first.n_rows)
    other_rows = np.concatenate([train, shuffled])
    one = TableEncoder.fit(first, train, encoding)
    other = TableEncoder.fit(first.take(other_rows), train, encoding)
    assert one.to_json() == other.to_json()
    assert all(one.tensors()[name].tobytes() == other.tensors()[name].tobytes() for name in one.tensors())
