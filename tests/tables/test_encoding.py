"""Tables as numbers: by hand, by other libraries, and by properties that must hold for any table."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from gradatim.errors import InputError, ShapeError
from gradatim.tables import Encoding, Table, TableEncoder, read_table
from gradatim.tables.levels import spread_of_counts
from gradatim.tables.scaling import Spread

PLAIN = Encoding(numbers="none", clip=None, dtype="float64")
EXACT = Encoding(dtype="float64")


def encoded(columns, encoding=EXACT, rows=slice(None)):
    table = Table.from_any(columns)
    return TableEncoder.fit(table, rows, encoding).encode(table).X


# By hand


def test_the_robust_scale_with_a_smooth_clip():
    """Quartiles and median are 0, so q = (10 - 0) / 2 = 5, z = 2, and 2 / √(1 + 4/9) = 1.664101."""
    X = encoded({"x": [0, 0, 0, 0, 10]})
    np.testing.assert_allclose(X.ravel(), [0, 0, 0, 0, 2 / np.sqrt(13 / 9)], rtol=1e-15)
    assert X[4, 0].round(6) == 1.664101


def test_the_robust_scale_without_a_clip():
    """Of 1 … 9 the quartiles are 3 and 7, the median 5: (x - 5) / 4."""
    X = encoded({"x": range(1, 10)}, Encoding(clip=None, dtype="float64"))
    np.testing.assert_allclose(X.ravel(), (np.arange(1, 10) - 5) / 4, rtol=1e-15)


def test_two_levels_are_one_column_of_plus_and_minus_one():
    X = encoded({"sex": ["m", "f", None, "m"]}, PLAIN)
    assert X.ravel().tolist() == [-1, 1, 0, -1]


def test_true_is_plus_one():
    assert encoded({"ok": [True, False, None]}, PLAIN).ravel().tolist() == [1, -1, 0]


def test_three_levels_are_three_columns_in_sorted_order_and_missing_is_zero_in_all():
    X = encoded({"city": ["Rome", "Bern", None, "Oslo", "Rome"]}, PLAIN)
    np.testing.assert_array_equal(X, [[0, 0, 1], [1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 1]])


def test_one_hot_columns_are_scaled_and_clipped_as_numbers_are():
    """One of five is "a": median 0, quartiles 0, 0, half the range ½, z = 2. Two are "b": quartiles 0, 1, z = 1."""
    X = encoded({"k": ["a", "b", "b", "c", "c"]})
    a, b = 2 / np.sqrt(13 / 9), 1 / np.sqrt(10 / 9)
    np.testing.assert_allclose(X, [[a, 0, 0], [0, b, 0], [0, b, 0], [0, 0, b], [0, 0, b]], rtol=1e-15)


def test_a_missing_number_takes_the_mean_and_is_marked():
    X = encoded({"x": [1.0, None, 3.0, float("nan")]}, PLAIN)
    np.testing.assert_array_equal(X, [[1, 0], [2, 1], [3, 0], [2, 1]])


def test_centre_and_scale_ignore_what_is_missing():
    """Of 0, 4, 8 the median is 4, the quartiles 2 and 6, the mean 4: the same with gaps as without."""
    X = encoded({"x": [0.0, None, 4.0, None, 8.0]}, Encoding(clip=None, dtype="float64"))
    np.testing.assert_allclose(X[:, 0], [-1, 0, 0, 0, 1], rtol=1e-15)


def test_infinity_and_what_lies_beyond_1e30_count_as_missing():
    table = Table.from_any({"x": [1.0, np.inf, -np.inf, 2e30, 3.0]})
    encoder = TableEncoder.fit(table, slice(None), PLAIN)
    np.testing.assert_array_equal(encoder.encode(table).X, [[1, 0], [2, 1], [2, 1], [2, 1], [3, 0]])
    assert encoder.notes[0].startswith("3 numbers in the training rows are infinite or beyond 1e30")


def test_standard_scaling_uses_the_population_deviation():
    X = encoded({"x": [1.0, 3.0]}, Encoding(numbers="standard", clip=None, dtype="float64"))
    assert X.ravel().tolist() == [-1, 1]


def test_pixels_are_divided_by_255_and_nothing_else():
    pictures = np.arange(2 * 2 * 2 * 3, dtype=np.uint8).reshape(2, 12) * 11
    table = Table(pl.DataFrame(), pictures, tuple(f"p{j}" for j in range(12)), image_shape=(2, 2, 3))
    encoder = TableEncoder.fit(table, slice(None), EXACT)
    np.testing.assert_array_equal(encoder.encode(table).X, pictures / 255)
    assert encoder.outputs[5].name == "pixel_0_1_2"


@pytest.mark.parametrize(("largest", "divisor"), [(1, 1), (16, 16), (17, 255), (255, 255), (4095, 4095)])
def test_the_divisor_of_pixels_follows_the_largest_one(largest, divisor):
    table = Table(pl.DataFrame(), np.array([[0, largest]]), ("p", "q"), image_shape=(1, 2, 1))
    assert TableEncoder.fit(table, slice(None), EXACT).encode(table).X.max() == largest / divisor


def pictures(values, dtype=np.float64):
    """Pictures of one line and two places."""
    return Table(pl.DataFrame(), np.array(values, dtype=dtype), ("p", "q"), image_shape=(1, 2, 1))


BYTES = pictures([[0, 255]], np.uint8)
FRACTIONS = pictures([[0.0, 0.9]])
DIGITS = pictures([[0, 15]], np.uint8)
DEEP = pictures([[0, 65535]], np.uint16)
SIGNED = pictures([[-1.0, 1.0]])


@pytest.mark.parametrize(
    ("trained", "given", "words"),
    [
        (BYTES, FRACTIONS, r"0 to 255\. Got 0 to 0\.9: multiply them by 255, if their white is 1"),
        (BYTES, pictures([[0, 5], [0, 300]], np.uint16), r"Got 0 to 300: divide them by 16\.0588, if .* is 4095"),
        (BYTES, DEEP, "divide them by 257, if their white is 65535"),
        (BYTES, pictures([[-128, 127]], np.int16), r"Got -128 to 127: bring them to that scale"),
        (FRACTIONS, BYTES, r"0 to 0\.9\. Got 0 to 255: divide them by 255, if their white is 255"),
        (FRACTIONS, pictures([[0, 12]], np.uint8), "divide them by 255, if their white is 255"),
        (FRACTIONS, SIGNED, "Got -1 to 1: bring them to that scale"),
        (DIGITS, BYTES, r"divide them by 15\.9375, if their white is 255"),
        (DIGITS, FRACTIONS, "multiply them by 16, if their white is 1"),
        (DEEP, BYTES, "multiply them by 257, if their white is 255"),
    ],
)
def test_pictures_on_another_scale_are_refused(trained, given, words):
    encoder = TableEncoder.fit(trained, slice(None), EXACT)
    with pytest.raises(InputError, match=words):
        encoder.encode(given)


@pytest.mark.parametrize(
    ("trained", "given"),
    [
        (BYTES, pictures([[0, 0]], np.uint8)),
        (BYTES, pictures([[0, 1]], np.uint8)),  # nearly black
        (BYTES, pictures([[0.0, 1.0]])),
        (BYTES, pictures([[0.4, 255.3]])),
        (BYTES, pictures([[np.nan, 300.5]])),  # resizing overshoots
        (FRACTIONS, pictures([[-0.1, 1.3]])),
        (FRACTIONS, pictures([[0, 1]], np.uint8)),
        (DIGITS, pictures([[0, 16]], np.uint8)),
        (DEEP, pictures([[0, 255]], np.uint16)),
        (SIGNED, pictures([[0.1, 0.2]])),
    ],
)
def test_pictures_that_may_be_on_the_scale_of_training_are_encoded(trained, given):
    encoder = TableEncoder.fit(trained, slice(None), EXACT)
    divisor = {id(BYTES): 255, id(DIGITS): 15, id(DEEP): 65535}.get(id(trained), 1)
    np.testing.assert_allclose(encoder.encode(given).X, np.nan_to_num(given.block / divisor), rtol=1e-15)


def test_the_scale_of_pictures_is_kept_in_the_file():
    encoder = TableEncoder.fit(BYTES, slice(None), EXACT)
    again = TableEncoder.from_json(json.loads(json.dumps(encoder.to_json())), encoder.tensors())
    with pytest.raises(InputError, match="multiply them by 255"):
        again.encode(FRACTIONS)


def test_an_encoder_without_columns_takes_any_table_and_says_that_it_reads_none():
    encoder = TableEncoder.fit({"one": [7, 7]})
    assert not encoder.reads_columns
    assert encoder.encode({"other": ["a", "b", "c"]}).X.shape == (3, 0)
    assert TableEncoder.fit({"k": ["a", "b", "c"]}, encoding=Encoding(embed_above=0)).reads_columns


def test_a_date_becomes_year_month_and_weekday():
    """The first of July of a common year is day 182 of 365; 2023-07-01 was a Saturday."""
    table = Table.from_any({"when": [dt.date(2023, 7, 1), dt.date(2024, 1, 1), None]})
    encoder = TableEncoder.fit(table, slice(None), PLAIN)
    names = ["when (year)", "when (year) is missing", "when (month)=01/07", "when (weekday)=Mon/Sat"]
    assert [output.name for output in encoder.outputs] == names
    year = 2023 + 181 / 365
    expected = [[year, 0, -1, -1], [2024, 0, 1, 1], [(year + 2024) / 2, 1, 0, 0]]
    np.testing.assert_allclose(encoder.encode(table).X, expected, rtol=1e-15)


def test_a_time_of_day_becomes_its_hour_and_texts_may_be_dates():
    columns = {"when": ["2024-01-01 06:30:00", "2024-01-01 18:00:00"]}
    table = Table.from_any(columns)
    encoder = TableEncoder.fit(table, slice(None), PLAIN)
    assert encoder.columns[0].kind == "date"
    hours = encoder.encode(table).X[:, [output.name for output in encoder.outputs].index("when (hour)")]
    assert hours.tolist() == [6.5, 18]


# By other libraries


def test_quartiles_mean_and_deviation_are_numpys():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(37, 8))
    X[rng.random(X.shape) < 0.3] = np.nan
    spread = Spread.of(X)
    for name, share in (("low", 0), ("quartile_1", 0.25), ("median", 0.5), ("quartile_3", 0.75), ("high", 1)):
        np.testing.assert_allclose(getattr(spread, name), np.nanquantile(X, share, axis=0), rtol=1e-14)
    np.testing.assert_allclose(spread.mean, np.nanmean(X, axis=0), rtol=1e-13)
    np.testing.assert_allclose(spread.std, np.nanstd(X, axis=0), rtol=1e-13)


@given(counts=st.tuples(*[st.integers(0, 20)] * 3).filter(any))
def test_the_spread_of_counts_is_that_of_the_values_written_out(counts):
    values = np.repeat([-1.0, 0.0, 1.0], counts)
    median, scale = spread_of_counts(np.array(counts)[:, None])
    first, third = np.quantile(values, [0.25, 0.75])
    q = third - first or (values.max() - values.min()) / 2
    assert median[0] == np.median(values)
    np.testing.assert_allclose(scale[0], 1 / q if q else 0, rtol=1e-12)


def test_a_standard_scale_is_scikit_learns():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    X = np.random.default_rng(1).normal(3, 7, size=(50, 4))
    ours = encoded(X, Encoding(numbers="standard", clip=None, dtype="float64"))
    np.testing.assert_allclose(ours, preprocessing.StandardScaler().fit_transform(X), rtol=1e-12, atol=1e-12)


# Categories: many, unknown, embedded


def test_unseen_categories_are_zero_everywhere():
    encoder = TableEncoder.fit({"k": ["a", "b", "c"], "two": ["y", "n", "y"]}, slice(None), PLAIN)
    assert encoder.encode({"k": ["z"], "two": ["maybe"]}).X.tolist() == [[0, 0, 0, 0]]


def test_of_many_levels_the_most_frequent_stay():
    texts = ["common"] * 5 + ["often"] * 3 + ["b", "a", "c"]
    encoder = TableEncoder.fit({"k": texts}, slice(None), Encoding(max_levels=3))
    assert encoder.categories[0].levels == ("a", "common", "often")
    assert "5 levels: the 3 most frequent are kept" in encoder.notes[0]


def test_large_categories_become_codes_where_asked():
    table = Table.from_any({"k": ["c", "a", None, "b"], "x": [1, 2, 3, 4]})
    encoder = TableEncoder.fit(table, slice(None), Encoding(embed_above=2))
    X, codes = encoder.encode(table)
    assert (X.shape, encoder.levels, codes.dtype) == ((4, 1), (4,), np.int32)
    assert codes.ravel().tolist() == [3, 1, 0, 2]
    assert encoder.encode({"k": ["new"], "x": [1]}).codes.tolist() == [[0]]


def test_whole_numbers_are_the_same_level_in_every_type():
    encoder = TableEncoder.fit({"zip": [1, 2, 3]}, slice(None), PLAIN, kinds={"zip": "category"})
    for column in ([2], [2.0], ["2"], np.array([2], dtype=np.int8)):
        assert encoder.encode({"zip": column}).X.tolist() == [[0, 1, 0]]
    assert encoder.encode({"zip": [None]}).X.tolist() == [[0, 0, 0]]


# Columns left out, and refusals


def test_columns_without_use_are_left_out_and_said():
    m = 40
    table = Table.from_any(
        {
            "one": [7] * m,
            "none": [None] * m,
            "id": range(m),
            "key": [f"k{j}" for j in range(m)],
            "said": [f"a sentence number {j}" for j in range(m)],
            "x": np.arange(m) ** 2,
        }
    )
    encoder = TableEncoder.fit(table)
    kinds = {column.name: column.kind for column in encoder.columns}
    assert kinds == {
        "one": "constant",
        "none": "constant",
        "id": "identifier",
        "key": "identifier",
        "said": "text",
        "x": "number",
    }
    assert [output.raw for output in encoder.outputs] == ["x"]
    assert all(any(repr(name) in note for note in encoder.notes) for name in ("one", "none", "id", "key", "said"))


def test_a_table_may_lose_every_column():
    encoder = TableEncoder.fit({"one": [1, 1]})
    assert encoder.encode({"one": [1, 5, 6]}).X.shape == (3, 0)


def test_plain_numbers_keep_a_constant_column():
    """Without any encoding the columns are the caller's own business."""
    assert encoded({"one": [4.0, 4.0]}, PLAIN).ravel().tolist() == [4, 4]


def test_a_missing_column_is_named():
    encoder = TableEncoder.fit({"age": [1, 2], "height": [3, 4]})
    with pytest.raises(InputError, match=r"Got 'age', 'weight'\. Missing: 'height'"):
        encoder.encode({"age": [1], "weight": [2]})


def test_text_in_place_of_numbers_is_refused_with_its_rows():
    encoder = TableEncoder.fit({"age": [1, 2]})
    with pytest.raises(InputError, match=r"'age' must hold numbers\. Got text in row 2, 4 .*such as 'old'"):
        encoder.encode({"age": ["1", "old", None, "young"]})
    assert encoder.encode({"age": [" 1", "2"]}).X.ravel().tolist() == encoder.encode({"age": [1, 2]}).X.ravel().tolist()


def test_further_columns_and_their_order_do_not_matter():
    encoder = TableEncoder.fit({"a": [1, 2, 4], "k": ["p", "q", "r"]})
    one = encoder.encode({"a": [3], "k": ["q"]}).X
    other = encoder.encode({"target": [0], "k": ["q"], "a": [3.0]}).X
    assert one.tobytes() == other.tobytes()


def test_pictures_of_another_size_are_refused():
    encoder = TableEncoder.fit(read_table("sample:digits").drop(["digit"]))
    small = Table(pl.DataFrame(), np.zeros((1, 4)), ("a", "b", "c", "d"), image_shape=(2, 2, 1))
    with pytest.raises(ShapeError, match=r"must be 8×8×1 .*Got 2×2×1"):
        encoder.encode(small)
    with pytest.raises(ShapeError, match="Got no pictures"):
        encoder.encode(np.zeros((1, 64)))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"numbers": "quantile"}, "robust.*Got 'quantile'"),
        ({"clip": 0}, "clip must be"),
        ({"max_levels": 0}, "max_levels must be"),
        ({"dtype": "float16"}, "dtype must be"),
    ],
)
def test_settings_out_of_range_are_refused(settings, words):
    with pytest.raises(InputError, match=words):
        Encoding(**settings)


def test_kinds_can_be_overruled_but_not_against_reason():
    table = Table.from_any({"zip": [1, 2, 3], "name": ["a", "b", "c"]})
    assert TableEncoder.fit(table, kinds={"zip": "category", "name": "identifier"}).n_outputs == 3
    with pytest.raises(InputError, match="'name' must hold numbers"):
        TableEncoder.fit(table, kinds={"name": "number"})
    with pytest.raises(InputError, match="Did you mean 'category'"):
        TableEncoder.fit(table, kinds={"zip": "categorie"})
    with pytest.raises(InputError, match="Did you mean 'zip'"):
        TableEncoder.fit(table, kinds={"zipp": "category"})


def test_no_training_rows_are_refused():
    with pytest.raises(InputError, match="training rows"):
        TableEncoder.fit({"a": [1, 2]}, [])


# Sparse


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


# Properties

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


def test_chunks_do_not_show(monkeypatch):
    table = Table.from_any({"x": np.arange(100.0), "k": [f"k{j % 7}" for j in range(100)]})
    encoder = TableEncoder.fit(table)
    whole = encoder.encode(table).X.tobytes()
    monkeypatch.setattr("gradatim.tables.encoding.CELLS_AT_ONCE", 50)
    assert encoder.encode(table).X.tobytes() == whole


def test_a_picture_encoder_is_written_without_its_names():
    table = read_table("sample:digits").drop(["digit"])
    encoder = TableEncoder.fit(table, slice(0, 1000), EXACT)
    facts = json.loads(json.dumps(encoder.to_json()))
    again = TableEncoder.from_json(facts, encoder.tensors())
    assert again.encode(table).X.tobytes() == encoder.encode(table).X.tobytes()
    assert len(json.dumps(facts)) < 1000
