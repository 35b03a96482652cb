"""Lines of text tables: empty ones, ones that break off, and which line or row is said."""

from __future__ import annotations

import csv

import pytest

from gradatim.errors import InputError
from gradatim.tables import read_table


@pytest.mark.parametrize("first", ["x", '"x"', '"x, y"', '"x\ny"', '"x ""y"""'])
def test_a_row_of_empty_fields_stays_whatever_is_quoted(write, first):
    table = read_table(write(f"k,a,b\n{first},1,2\n, , \n,,\nz,5,6\n"))
    assert table.n_rows == 4
    assert table.column("b").to_list() == [2, None, None, 6]
    assert table.notes == ()


@pytest.mark.parametrize("first", ["x", '"x"', '"x\ny"'])
def test_empty_lines_are_left_out_whatever_is_quoted(write, first):
    table = read_table(write(f"k,a\r\n{first},1\r\n\r\n,\r\n   \r\nz,2\r\n"))
    assert table.column("a").to_list() == [1, None, 2]
    assert table.notes == ("2 empty lines are left out.",)
    assert read_table(write(f"k,a\n{first},1\n\nz,2\n")).notes == ("1 empty line is left out.",)


def test_a_text_longer_than_csv_allows_is_read(write):
    long = "w" * 200_000
    table = read_table(write(f'k,a\n"{long}",\n"z",2\n'))
    assert table.column("a").to_list() == [None, 2]
    assert table.column("k")[0] == long
    assert csv.field_size_limit() == 131_072


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("\n\na,b\n1,2\n3\n", "Got 1 in line 5, 2 in the header"),
        ("\n\na,b\n1,2\n3,4,5\n", "Got 3 in line 5, 2 in the header"),
        ("\r\ra,b\r1,2\r3\r", "Got 1 in line 5, 2 in the header"),
        ('\r\n"a",b\r\n"1\r\n1",2\r\n"3"\r\n', "Got 1 in line 5, 2 in the header"),
        ('a,b\n"1",2\n"3, 4"\n', "Got 1 in line 3, 2 in the header"),
        ('\na,b\n"1\n1",2\n"3\n3",4,5\n', "Got 3 in line 5, 2 in the header"),
    ],
)
def test_the_line_that_breaks_off_is_the_one_an_editor_shows(write, content, said):
    with pytest.raises(InputError, match=said):
        read_table(write(content))


@pytest.mark.parametrize("quoted", ["0.5", '"0.5"'])
def test_the_row_that_is_said_is_the_row_of_the_table(write, quoted):
    lines = [quoted, *(f"{j}.5" for j in range(1, 50)), "oops", "51.5"]
    table = read_table(write("x,k\n\n" + "".join(f"{line},a\n" for line in lines)))
    assert table.notes == (
        "1 empty line is left out.",
        "'x' holds numbers and 1 other text ('oops', row 51), read as missing.",
    )
    assert table.levels_column("x")[50] == "oops"
