"""Text tables: CSV and its relatives."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError
from gradatim.tables import TableEncoder, read_table


def test_types_come_from_the_whole_file(write):
    table = read_table(write("x,k,when,ok\n" + "1,a,2024-02-29,true\n" * 5000 + "2.5,b,2024-03-01,false\n"))
    assert table.n_rows == 5001
    assert table.column("x")[-1] == 2.5
    assert table.column("when")[-1] == dt.date(2024, 3, 1)
    assert table.column("ok")[-1] is False
    assert (table.notes, table.source) == ((), "data.csv")


def test_missing_has_many_spellings_but_none_is_a_text(write):
    table = read_table(write("x,k\n1,a\nNA,N/A\n?,null\nnan,NULL\n,NaN\n2,None\n"))
    assert table.column("x").to_list() == [1, None, None, None, None, 2]
    assert table.column("k").to_list() == ["a", None, None, None, None, "None"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(write, separator):
    text = separator.join("abc") + "\n" + separator.join(["1.5", '"x, y; z|w"', "3"]) + "\n"
    table = read_table(write(text))
    assert table.names == ("a", "b", "c")
    assert table.frame.rows() == [(1.5, "x, y; z|w", 3)]
    assert bool(table.notes) == (separator != ",")


def test_a_decimal_comma_is_found_and_said(write):
    table = read_table(write("a;b\n1,5;x\n-2,25;y\n"))
    assert table.column("a").to_list() == [1.5, -2.25]
    assert table.notes == ("Columns are separated by semicolons, and the decimal sign is a comma.",)


def test_semicolons_with_a_decimal_point_are_read_too(write):
    assert read_table(write("a;b\n1.5;x\n2.5;y\n")).column("a").to_list() == [1.5, 2.5]


def test_one_column_needs_no_separator(write):
    assert read_table(write("x\n1\n2\n")).column("x").to_list() == [1, 2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_letters_survive_every_encoding(write, encoding):
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    table = read_table(write(mark + "größe,y\nschön,1\n".encode(encoding)))
    assert table.names == ("größe", "y")
    assert table.column("größe").to_list() == ["schön"]
    assert [note.split(":")[0] for note in table.notes] == {
        "utf-8-sig": ["The file is UTF-8, with its mark."],
        "utf-16": ["The file is UTF-16."],
        "utf-16-be": ["The file is UTF-16."],
        "cp1252": ["The file is not UTF-8"],
    }.get(encoding, [])


def test_quotes_hold_separators_and_line_ends(write):
    table = read_table(write('a,b\n"1, 2",x\n"3\n4",y\n'))
    assert table.column("a").to_list() == ["1, 2", "3\n4"]


def test_spaces_around_fields_are_no_part_of_them(write):
    table = read_table(write("age, job, key\n39, clerk, 007\n50, ?, 012\n"))
    assert table.names == ("age", "job", "key")
    assert table.column("job").to_list() == ["clerk", None]
    assert table.column("key").to_list() == ["007", "012"]


def test_numbers_too_long_for_64_bits_do_not_stop_the_reading(write):
    table = read_table(write("a,b\n123456789012345678901234567890123456789012345,1\n2,2\n"))
    assert table.column("b").to_list() == [1, 2]
    assert table.column("a")[1] in (2, 2.0, "2")


def test_a_name_that_stands_twice_is_said(write):
    table = read_table(write("a,a,b\n1,2,3\n"))
    assert len(set(table.names)) == 3
    assert "'a' more than once" in table.notes[0]


def test_empty_lines_are_left_out(write):
    table = read_table(write("\na,b\n1,2\n\n3,4\nNA,NA\n\n"))
    assert table.frame.rows() == [(1, 2), (3, 4), (None, None)]
    assert table.notes == ("2 empty lines are left out.",)


def test_old_line_ends_are_read(write):
    for end in ("\n", "\r\n", "\r"):
        assert read_table(write(end.join(["a,b", "1,x", "2,", ""]))).frame.rows() == [(1, "x"), (2, None)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "must hold a table. Got an empty file"),
        (" \n", "Got an empty file"),
        ("a,b\n", "must hold rows. Got 2 columns and no row"),
        ("a,b\n1,2\n3,4,5\n", "equally many fields in every line. Got 3 in line 3, 2 in the header"),
        ('a,b\n1,"2"\n3\n', "equally many fields in every line. Got 1 in line 3, 2 in the header"),
        ("a,b\n1,2\n3\n", "equally many fields in every line. Got 1 in line 3, 2 in the header"),
        (bytes(range(256)) * 4, "must be text. Got binary data"),
        (b"PK\x03\x04" + bytes(100), r"what its ending says, \.csv. Got a zip archive: is it a \.npz or \.xlsx"),
        (b"PAR1" + bytes(100), r"what its ending says, \.csv. Got a Parquet file: is it a \.parquet"),
        ("\ufeffa,b\n1,2\n".encode("utf-16-le")[:-1], "UTF-16 that breaks off"),
    ],
)
def test_what_is_no_text_table_is_refused(write, content, words):
    with pytest.raises(InputError, match=words):
        read_table(write(content))


@given(text=st.text(alphabet=',;|\t"\n\r 1a.-é?', max_size=60))
def test_any_text_is_a_table_or_is_refused(text, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "data.csv"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        table = read_table(path)
    except InputError:
        return
    assert table.n_rows > 0
    assert np.isfinite(TableEncoder.fit(table).encode(table).X).all()


@given(junk=st.binary(max_size=200))
def test_any_bytes_are_a_table_or_are_refused(junk, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "data.csv"
    path.write_bytes(junk)
    try:
        table = read_table(path)
    except InputError:
        return
    assert table.n_rows > 0
    assert all(len(table.column(name)) == table.n_rows for name in table.names)
    assert np.isfinite(TableEncoder.fit(table).encode(table).X).all()
