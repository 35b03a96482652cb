"""Columns of texts that are numbers or dates but for some, from the file to the network's input."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError
from gradatim.tables import TableEncoder, read_table, task_of
from gradatim.tables.targets import rows_without
from gradatim.tables.tasks import refuse_classes_of_one_row
from gradatim.tables.texts import MISSING, MISSING_BESIDE_NUMBERS, read_texts


@pytest.fixture
def read(tmp_path):
    def read(columns, separator=","):
        path = tmp_path / "data.csv"
        lines = [
            separator.join(columns),
            *(separator.join(map(str, row)) for row in zip(*columns.values(), strict=True)),
        ]
        path.write_text("\n".join(lines) + "\n")
        return read_table(path)

    return read


NUMBERS = [f"{j}.5" for j in range(1000)]


def with_one(text, row=501):
    return [*NUMBERS[: row - 1], text, *NUMBERS[row:]]


# Types guessed from the first rows, proved on all

LONG = 6000


@pytest.mark.parametrize(
    ("common", "last", "dtype", "read_as"),
    [
        ("7", "x7", pl.Int64, None),
        ("7", "1.5", pl.Float64, 1.5),
        ("7", "NA", pl.Int64, None),
        ("7", "0120", pl.String, "0120"),
        ("7.5", "0120", pl.Float64, 120.0),
        ("7.5", "12", pl.Float64, 12.0),
        ("7.5", "?", pl.Float64, None),
        ("7.5", "NaN", pl.Float64, None),
        ("7.5", "oops", pl.Float64, None),
        ("true", "false", pl.Boolean, False),
        ("true", "NULL", pl.Boolean, None),
        ("true", "maybe", pl.String, "maybe"),
        ("", "3", pl.Int64, 3),
        ("", "true", pl.Boolean, True),
        ("a", "NA", pl.String, None),
    ],
)
def test_the_last_of_many_rows_counts_as_the_first(read, common, last, dtype, read_as):
    """The other columns, which hold no surprise, stay what they are."""
    columns = {
        "x": [common, "NA", *[common] * LONG, last],
        "y": ["2.5"] * (LONG + 3),
        "ok": ["true", "", *["false"] * (LONG + 1)],
        "k": ["u", "v", ""] * (LONG // 3 + 1),
    }
    frame = read(columns).frame
    assert frame["x"].dtype == dtype
    assert frame["x"][-1] == read_as
    assert frame["x"][1] is None
    assert frame.dtypes[1:] == [pl.Float64, pl.Boolean, pl.String]
    assert frame["ok"].null_count() == 1


# Missing


@pytest.mark.parametrize("text", [spelling for spelling in MISSING if spelling])
def test_a_spelling_of_missing_leaves_a_column_of_numbers_what_it_is(read, text):
    table = read({"x": with_one(text), "k": ["a"] * 1000})
    assert table.column("x").dtype == pl.Float64
    assert table.column("x").null_count() == 1
    assert table.column("x")[500] is None
    assert table.notes == ()
    encoder = TableEncoder.fit(table)
    assert encoder.columns[0].kind == "number"


@pytest.mark.parametrize("text", [*MISSING_BESIDE_NUMBERS, "abc"])
def test_one_other_text_counts_as_missing_and_is_said(read, text):
    table = read({"x": with_one(text), "k": ["a"] * 1000})
    assert table.column("x")[499:502].to_list() == [499.5, None, 501.5]
    assert table.notes == (f"'x' holds numbers and 1 other text ({text!r}, row 501), read as missing.",)
    assert table.to_polars()["x"][500] == text


def test_several_other_texts_are_counted_and_the_first_three_named():
    values, _, note, _ = read_texts(pl.Series("x", [*map(str, range(60)), "a", "b", "a", "c", "d"]))
    assert values.to_list() == [*range(60), *[None] * 5]
    assert note == ("'x' holds numbers and 5 other texts ('a', row 61; 'b', row 62; 'c', row 64; …), read as missing.")


@pytest.mark.parametrize(("others", "number"), [(10, True), (11, False)])
def test_nine_texts_of_ten_must_be_numbers(others, number):
    texts = [str(j) for j in range(100 - others)] + [f"text {j}" for j in range(others)]
    assert read_texts(pl.Series("x", texts)).values.dtype.is_numeric() is number


@pytest.mark.parametrize(
    "texts",
    [
        ["0", "1", "2"] * 40 + ["3+"] * 5,  # a level of its own
        ["None", "a", "b"],
        ["missing"] * 3,
        ["1", "a"] * 9,
    ],
)
def test_levels_stay_texts(texts):
    assert read_texts(pl.Series("x", texts)).values.to_list() == texts


def test_none_is_missing_where_the_rest_are_numbers_however_often_it_comes():
    assert read_texts(pl.Series("x", ["None"] * 9 + ["3"])).values.to_list() == [None] * 9 + [3]


def test_a_decimal_comma_beside_another_text_is_read(read):
    table = read({"x": [f"{j},5" for j in range(30)] + ["abc"], "k": ["a"] * 31}, separator=";")
    assert table.column("x").to_list() == [j + 0.5 for j in range(30)] + [None]


def test_predicting_reads_the_spellings_of_training(read):
    train = read({"x": with_one("abc"), "k": ["a", "b"] * 500})
    encoder = TableEncoder.fit(train)
    missing = encoder.encode(train).X[500]
    for text in ("None", "-", "missing", "#N/A"):
        few = read({"x": ["1.5", text], "k": ["a", "a"]})
        np.testing.assert_array_equal(encoder.encode(few).X[1, :2], missing[:2])
        alone = read({"x": [text], "k": ["a"]})
        np.testing.assert_array_equal(encoder.encode(alone).X[0, :2], missing[:2])
        np.testing.assert_array_equal(encoder.encode({"x": ["1.5", text], "k": ["a", "a"]}).X[1, :2], missing[:2])
    with pytest.raises(InputError, match=r"'x' must hold numbers\. Got text in row 1, 2 .*such as 'abc'"):
        encoder.encode(read({"x": ["abc", "def"], "k": ["a", "a"]}))


def test_a_level_that_looks_like_a_slip_in_the_rows_to_predict_is_still_that_level(read):
    """Few rows may hold it once: then their column reads as numbers, and the category still finds its level."""
    train = read({"rooms": ["0", "1", "2", "3+"] * 25})
    encoder = TableEncoder.fit(train)
    few = read({"rooms": ["0", "1"] * 10 + ["3+"]})
    assert few.column("rooms").dtype == pl.Int64
    np.testing.assert_array_equal(encoder.encode(few).X[20], encoder.encode(train).X[3])
    np.testing.assert_array_equal(encoder.encode(few.take([20])).X[0], encoder.encode(train).X[3])


@given(st.lists(st.one_of(st.integers(-(10**6), 10**6).map(str), st.sampled_from(MISSING), st.text(max_size=3))))
def test_numbers_are_never_changed_by_reading(texts):
    series = pl.Series("x", texts, dtype=pl.String)
    values = read_texts(series).values
    assert len(values) == len(texts)
    if values.dtype == pl.Int64:
        for value, text in zip(values.to_list(), texts, strict=True):
            assert value is None or value == int(text.strip())


# Leading zeros


def test_leading_zeros_are_kept_and_said(read):
    zips = ["0120", "4051", "NA", "8001"] * 5
    table = read({"zip": zips, "x": range(20), "share": ["0.5", "01.5"] * 10})
    assert table.column("zip").to_list() == ["0120", "4051", None, "8001"] * 5
    assert table.column("x").dtype == pl.Int64
    assert table.column("share").dtype == pl.Float64
    assert table.notes == ("Leading zeros are kept, as texts: 'zip' ('0120').",)
    assert table.to_polars()["zip"][0] == "0120"
    encoder = TableEncoder.fit(table)
    assert "zip=0120" in [output.name for output in encoder.outputs]
    without = read({"zip": ["4051"], "x": [1], "share": [0.5]})  # here no zero tells that these are codes
    np.testing.assert_array_equal(encoder.encode(without).X[0, -3:], encoder.encode(table).X[1, -3:])


def test_leading_zeros_survive_quotes_spaces_and_names_that_stand_twice(tmp_path):
    (tmp_path / "data.csv").write_text('a,a,b,c\n"007",1, 08,+01\n"012",2, 10,+12\n')
    table = read_table(tmp_path / "data.csv")
    assert table.frame.rows() == [("007", 1, "08", "+01"), ("012", 2, "10", "+12")]


def test_a_time_or_a_zero_is_no_leading_zero(read):
    table = read({"x": ["0", "10"], "y": ["0.5", "-0.5"], "when": ["2020-01-01 01:02", "2020-01-02 00:00"]})
    assert [str(dtype) for dtype in table.frame.dtypes[:2]] == ["Int64", "Float64"]
    assert table.notes == ()


# What is left out


def test_the_reason_is_said_for_three_columns_and_the_others_are_counted():
    names = ("cost", "share", "name", "more")
    encoder = TableEncoder.fit({**{name: [f"{name[0]}${j}" for j in range(30)] for name in names}, "x": range(30)})
    assert encoder.notes == (
        "Left out 'cost' (it names the rows: 30 of 30 texts differ, such as 'c$0'), "
        "'share' (it names the rows: 30 of 30 texts differ, such as 's$0'), "
        "'name' (it names the rows: 30 of 30 texts differ, such as 'n$0') and 1 more.",
    )


def test_columns_left_out_for_one_reason_are_said_together():
    zeros = {f"word{j}": [0] * 30 for j in range(1, 1201)}
    x = {"x": range(30)}
    many = "Left out 'word1', 'word2', 'word3', … (1,200 columns). Each is 0 in every training row."
    assert TableEncoder.fit({**zeros, **x}).notes == (many,)
    both = TableEncoder.fit({"seven": [7] * 30, **zeros, **x}).notes[0]
    assert both == (
        "Left out 'seven' (it is 7 in every training row) and 'word1', 'word2', 'word3', … (1,200 columns: each is 0 "
        "in every training row)."
    )
    two = TableEncoder.fit({"a": [0] * 30, "b": [0] * 30, **x}).notes
    assert two == ("Left out 'a' and 'b'. Each is 0 in every training row.",)


def test_missing_categories_are_said():
    lacking = {"city": ["Rome", None, "Oslo"] * 10, "ok": [True, None, False] * 10, "full": ["a", "b", "c"] * 10}
    encoder = TableEncoder.fit({**lacking, "x": range(30)})
    assert encoder.notes == ("Missing categories count as none of the levels, as unknown ones will: 'city', 'ok'.",)
    X = encoder.encode({"city": [None, "Bern"], "ok": [None, None], "full": ["a", "a"], "x": [1, 1]}).X
    np.testing.assert_array_equal(X[0], X[1])


# Targets


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([3, 4, 5, 6, 7, 8, 9] * 99, "7 different whole numbers, and they begin at 3, not at 0 or 1"),
        ([-1, 0, 1] * 99, "3 different whole numbers, and they begin at -1, not at 0 or 1"),
        ([0, 1, 2000] * 99, "3 different whole numbers, and the largest, 2,000, is above 20"),
        (list(range(1, 1301)), "1,300 different whole numbers, and the largest, 1,300, is above 20"),
        ([0, 1, 2] * 9 + [5], "4 different whole numbers, and 5 stands in one row only"),
        ([0, 1, 2] * 9 + [8, 6, 7, 5], "7 different whole numbers, and 5, 6, 7, … stand in one row each"),
        ([0, 1, 2] * 3, "3 different whole numbers, and 9 rows are fewer than 5 for each"),
    ],
)
def test_why_whole_numbers_are_amounts_is_said(values, why):
    assert task_of(values) == (
        "regression",
        f'The target holds {why}. If they are classes, say task="classification".',
    )


def test_counts_with_a_value_of_one_row_are_amounts():
    counts = [0, 1, 2, 3, 4, 5] * 50 + [7, 9]
    assert task_of(counts)[0] == "regression"
    found, why = task_of([*counts, 7, 9])
    assert found == "classification"
    assert 'each in several rows. If they are amounts, say task="regression".' in why


@pytest.mark.parametrize("refuse", [lambda y: refuse_classes_of_one_row(y, "y"), lambda y: task_of(y, "regression")])
def test_a_target_of_numbers_with_a_text_is_refused_by_that_text(refuse):
    y = pl.Series("y", [f"{j}.5" for j in range(16)] + ["missing"] + [f"{j}.25" for j in range(16)])
    with pytest.raises(InputError, match=r"The target 'y' holds numbers but for 'missing' \(row 17\)"):
        refuse(y)


def test_rows_without_a_target_and_rows_of_an_infinite_one_are_told_apart():
    there, notes = rows_without(["y"], [[1.0, None, float("inf"), float("nan"), float("-inf"), float("inf")]])
    assert there.tolist() == [True, False, False, False, False, False]
    assert notes == ["2 rows without y are left out.", "3 rows whose y is infinite are left out."]
