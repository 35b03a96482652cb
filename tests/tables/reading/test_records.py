"""JSON and JSON lines."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError
from gradatim.tables import TableEncoder, read_table
from gradatim.tables.encoding.columns import kinds_of

FRAME = pl.DataFrame(
    {
        "x": [1.5, None, 2.0],
        "n": [1, 2, 3],
        "k": ["a", None, "é\u2028x"],
        "zip": ["0120", "4051", "8000"],
        "ok": [True, None, False],
    }
)


@pytest.mark.parametrize("orient", ["records", "list", "columns", "data", "lines", "lines in .json"])
def test_every_form_of_json_is_the_same_table(write, orient):
    rows = FRAME.to_dicts()
    lines = "\n".join(json.dumps(row) for row in rows)
    as_pandas_does = {name: {str(i): value for i, value in enumerate(FRAME[name])} for name in FRAME.columns}
    content, name = {
        "records": (json.dumps(rows), "data.json"),
        "list": (json.dumps(FRAME.to_dict(as_series=False)), "data.json"),
        "columns": (json.dumps(as_pandas_does), "data.json"),
        "data": (json.dumps({"count": 3, "data": rows}), "data.json"),
        "lines": (lines + "\n\n", "data.jsonl"),
        "lines in .json": (lines, "data.json"),
    }[orient]
    table = read_table(write(content, name))
    assert table.frame.equals(FRAME)
    assert table.notes == ("Leading zeros are kept, as texts: 'zip' ('0120').",)


def test_what_other_libraries_write_is_read(tmp_path):
    frame = FRAME.drop("zip", "ok")
    frame.write_json(tmp_path / "polars.json")
    frame.write_ndjson(tmp_path / "polars.ndjson")
    pandas = pd.DataFrame({name: frame[name].to_list() for name in frame.columns})
    pandas.to_json(tmp_path / "pandas.json")
    pandas.to_json(tmp_path / "pandas.jsonl", orient="records", lines=True)
    for path in sorted(tmp_path.iterdir()):
        assert read_table(path).frame.equals(frame), path.name


def test_a_key_that_is_not_there_is_missing(write):
    table = read_table(write('{"a": 1}\n{"b": "x"}\n{"a": 3, "b": null}\n', "data.jsonl"))
    assert table.frame.equals(pl.DataFrame({"a": [1, None, 3], "b": [None, "x", None]}))


@pytest.mark.parametrize(
    "columns",
    [
        {"x": {"0": 1, "1": 2, "7": 3}, "y": {"7": 30, "0": 10}},
        {"x": {"0": 1, "1": 2, "7": 3}, "y": {"1": None, "7": 30, "0": 10}, "z": {}},
    ],
)
def test_columns_of_keys_are_joined_by_key_as_pandas_does(write, columns):
    path = write(json.dumps(columns), "data.json")
    table, pandas = read_table(path), pd.read_json(path)
    assert table.column("x").to_list() == pandas["x"].to_list() == [1, 2, 3]
    assert table.column("y").to_list() == pandas["y"].astype(object).where(pandas["y"].notna(), None).to_list()
    assert table.column("y").to_list() == [10, None, 30]


@pytest.mark.parametrize("orient", ["index", "columns"])
def test_objects_by_names_may_be_rows_or_columns_and_are_refused(tmp_path, orient):
    frame = pd.DataFrame({"x": [1, 3], "y": [2, 4]}, index=["r1", "r2"])
    frame.to_json(tmp_path / "data.json", orient=orient)
    with pytest.raises(InputError, match=r"tell rows from columns. Got .*: write it as an array of objects, .*records"):
        read_table(tmp_path / "data.json")


def test_texts_are_read_as_those_of_a_text_table(write):
    values = [*range(30), "n/a", "12.5", "oops"]
    rows = [{"x": value, "when": "2024-02-29", "both": value if value == 1 else "b"} for value in values]
    table = read_table(write(json.dumps(rows), "data.json"))
    assert table.column("x").to_list() == [*map(float, range(30)), None, 12.5, None]
    assert table.column("when").to_list() == [dt.date(2024, 2, 29)] * 33
    assert table.column("both").to_list()[:3] == ["b", "1", "b"]
    assert table.notes == ("'x' holds numbers and 1 other text ('oops', row 33), read as missing.",)
    assert table.levels_column("x")[-1] == "oops"


def test_values_within_values_are_kept_and_no_input(write):
    rows = [{"x": i, "tags": ["a", i], "where": {"city": "Rome", "at": [i]}} for i in range(3)]
    table = read_table(write(json.dumps(rows), "data.json"))
    assert table.column("tags").to_list() == [["a", "0"], ["a", "1"], ["a", "2"]]
    assert table.column("where")[1].to_list() == ['{"city": "Rome", "at": [1]}']
    assert [column.kind for column in kinds_of(table)] == ["number", "text", "text"]
    assert TableEncoder.fit(table).n_outputs == 1


def test_numbers_beyond_64_bits_do_not_stop_the_reading(write):
    table = read_table(write('[{"x": 123456789012345678901234567890}, {"x": -1e400}, {"x": NaN}, {"x": 2}]', "d.json"))
    assert table.column("x").to_list()[:2] == [123456789012345678901234567890.0, float("-inf")]
    long = read_table(write('[{"x": 1' + "0" * 400 + "}]", "d.json"))
    assert long.column("x").to_list() == [float("inf")]
    with pytest.raises(InputError, match=r"Got a number too long"):
        read_table(write('{"x": 1' + "0" * 5000 + "}\n", "d.jsonl"))


def test_half_a_character_is_a_question_mark(write):
    assert read_table(write(r'[{"a\ud800": "x\ud800y"}]', "data.json")).frame.rows(named=True) == [{"a?": "x?y"}]


def test_one_object_is_one_row(write):
    assert read_table(write('{"x": 1, "k": "a"}', "data.json")).frame.rows() == [(1, "a")]
    assert read_table(write('{"x": 1, "k": ["a"]}', "data.jsonl")).n_rows == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_of_encodings_are_understood(write, encoding):
    assert read_table(write('[{"größe": 1}]'.encode(encoding), "data.json")).names == ("größe",)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ('[{"x": 1},\n {"x": 2', "d.json", "must be JSON. Got something else, or a damaged one: .* in line 2, place"),
        ("x,y\n1,2\n", "d.json", "must be JSON. Got something else.* line 1"),
        ("[1, 2]", "d.json", "must be an array of objects, .* Got a number within the array"),
        ("[[1, 2]]", "d.json", "Got an array within the array"),
        ("3", "d.json", "must be an array of objects, .* Got a number"),
        ('"x"', "d.json", "Got a text"),
        ("[]", "d.json", "must hold rows. Got 0 columns"),
        ("[{}, {}]", "d.json", "must hold rows. Got 0 columns"),
        ('{"x": [], "y": []}', "d.json", "must hold rows. Got 2 columns and no row"),
        ('{"x": [1, 2], "y": [3]}', "d.json", "equally many values in every column. Got 2 in 'x', 1 in 'y'"),
        ('{"columns":["x","y"],"index":[0,1],"data":[[1,2],[3,4]]}', "d.json", "Got pandas' form 'split': write it as"),
        ('{"x": 1}\n{"x": 2\n', "d.jsonl", "JSON object in every line. Got something else, .*, in line 2"),
        ('{"x": 1}\n\n[2]\n', "d.jsonl", "JSON object in every line. Got an array in line 3"),
        ('[{"x": 1, "x": 2}]', "d.json", "must name each column once. Got 'x' more than once"),
        ("[" * 100_000, "d.json", "Got values nested too deeply"),
        ('{"x": ' + "[" * 100_000, "d.jsonl", "nested too deeply in line 1"),
        ("   \n", "d.json", "Got an empty file"),
        ('[{"x": "é"}]'.encode("latin-1"), "d.json", "must be JSON, in UTF-8. Got other bytes, from byte 8"),
    ],
)
def test_what_is_no_table_is_refused(write, content, name, words):
    with pytest.raises(InputError, match=words):
        read_table(write(content, name))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@given(value=JSON, ending=st.sampled_from([".json", ".jsonl"]))
def test_any_json_is_a_table_or_is_refused(value, ending, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / f"data{ending}"
    path.write_text(json.dumps(value))
    try:
        table = read_table(path)
    except InputError:
        return
    assert table.n_rows > 0
    kinds_of(table)
