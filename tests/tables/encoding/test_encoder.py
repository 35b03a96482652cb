"""Tables as numbers: by hand, by other libraries, and by properties that must hold for any table."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError
from gradatim.tables import Encoding, Table, TableEncoder
from gradatim.tables.encoding.scaling import Spread, spread_of_counts

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
    encoder = TableEncoder.fit({"zip": [1, 2, 3]}, encoding=replace(PLAIN, kinds={"zip": "category"}))
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


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"numbers": "quantile"}, "robust.*Got 'quantile'"),
        ({"clip": 0}, "clip must be"),
        ({"clip": "none"}, "clip must be"),
        ({"max_levels": 0}, "max_levels must be"),
        ({"max_levels": 4097}, "max_levels must be 1 to 4,096.*Got 4097.*square.*embed_above"),
        ({"dtype": "float16"}, "dtype must be"),
    ],
)
def test_settings_out_of_range_are_refused(settings, words):
    with pytest.raises(InputError, match=words):
        Encoding(**settings)


def test_kinds_can_be_overruled_but_not_against_reason():
    table = Table.from_any({"zip": [1, 2, 3], "name": ["a", "b", "c"]})

    def fit(**kinds):
        return TableEncoder.fit(table, encoding=Encoding(kinds=kinds))

    assert fit(zip="category", name="identifier").n_outputs == 3
    with pytest.raises(InputError, match="'name' must hold numbers"):
        fit(name="number")
    with pytest.raises(InputError, match="Did you mean 'category'"):
        fit(zip="categorie")
    with pytest.raises(InputError, match="Did you mean 'zip'"):
        fit(zipp="category")
    with pytest.raises(InputError, match="kinds must be a dictionary"):
        Encoding(kinds=["zip"])


def test_kinds_are_part_of_the_settings_and_no_one_changes_them_later():
    kinds = {"zip": "category"}
    encoding = Encoding(kinds=kinds)
    kinds["zip"] = "number"
    assert encoding == Encoding(kinds={"zip": "category"})
    encoder = TableEncoder.fit({"zip": [1, 2, 3]}, encoding=encoding)
    again = TableEncoder.from_json(json.loads(json.dumps(encoder.to_json())), encoder.tensors())
    assert again.encoding == encoder.encoding
    assert again.encoding.kinds == {"zip": "category"}


def test_a_clip_by_itself_is_3_but_none_for_a_straight_line():
    assert [Encoding.of(given).clip for given in ("auto", Encoding(), Encoding(clip=None))] == [3.0, 3.0, None]
    assert [Encoding.of(given, linear=True).clip for given in ("auto", Encoding(), Encoding(clip=2.0))] == [
        None,
        None,
        2,
    ]
    assert Encoding.of(None).clip is None
    assert TableEncoder.fit({"x": [1, 2]}, encoding=Encoding()).encoding.clip == 3.0


def test_no_training_rows_are_refused():
    with pytest.raises(InputError, match="training rows"):
        TableEncoder.fit({"a": [1, 2]}, [])


def test_names_that_hardly_come_back_are_unknown_and_others_are_not():
    """Of 60 rows 48 have a name of their own: more than half. The ship has 12 levels of 5 rows, and keeps them all."""
    names = [f"name {i}" for i in range(48)] + ["Ann"] * 12
    table = Table.from_any({"name": names, "ship": [f"ship {i % 12}" for i in range(60)]})
    encoder = TableEncoder.fit(table, encoding=Encoding(embed_above=8))
    assert encoder.levels == (2, 13)
    codes = encoder.encode(table).codes
    assert codes[:, 0].tolist() == [0] * 48 + [1] * 12
    assert sorted(set(codes[:, 1])) == list(range(1, 13))
    assert [note for note in encoder.notes if "mostly rare" in note] == [
        "Column 'name' has 49 levels, mostly rare: 48 of them, which fewer than 5 training rows have, count as unknown."
    ]


def test_a_column_of_nothing_but_names_is_left_out():
    table = Table.from_any({"name": [f"name {i}" for i in range(40)], "x": list(range(40))})
    encoder = TableEncoder.fit(table, encoding=Encoding(embed_above=8, kinds={"name": "category"}))
    assert encoder.levels == ()
    assert encoder.n_outputs == 1
