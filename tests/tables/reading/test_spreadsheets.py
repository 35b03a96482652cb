"""Excel and OpenDocument tables."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl
import pytest

from gradatim.errors import InputError
from gradatim.tables import read_table
from gradatim.tables.reading import compression

pytest.importorskip("fastexcel")
xlsxwriter = pytest.importorskip("xlsxwriter")


@pytest.fixture
def book(write):
    """Write a workbook: sheets by name, each a list of rows."""

    def book(name="book.xlsx", **sheets):
        content = BytesIO()
        with xlsxwriter.Workbook(content, {"default_date_format": "yyyy-mm-dd hh:mm"}) as workbook:
            for sheet, rows in sheets.items():
                page = workbook.add_worksheet(sheet)
                for number, row in enumerate(rows):
                    page.write_row(number, 0, row)
        return write(content.getvalue(), name)

    return book


PRICES = [
    ["x", "n", "zip", "when", "mixed", "ok"],
    [1.5, 1, "0120", dt.datetime(2024, 2, 29, 12), "a", True],
    [None, 2, "4051", None, 7, False],
    [None] * 6,
    [2, 3, "?", dt.datetime(2024, 3, 1), "b", True],
]


def test_types_are_those_of_the_cells(book):
    table = read_table(book(prices=PRICES), "x")
    assert table.frame.rows() == [
        (1.5, 1, "0120", dt.datetime(2024, 2, 29, 12), "a", True),
        (None, 2, "4051", None, "7", False),
        (2.0, 3, None, dt.datetime(2024, 3, 1), "b", True),
    ]
    assert table.schema["n"] == pl.Int64
    assert (table.source, table.target_name) == ("book.xlsx", "x")
    assert table.notes == ("Leading zeros are kept, as texts: 'zip' ('0120').",)


def test_types_come_from_the_whole_sheet(book):
    table = read_table(book(one=[["x"], *([i] for i in range(3000)), ["oops"], [0.5]]))
    assert table.column("x").to_list()[-3:] == [2999.0, None, 0.5]
    assert table.notes == ("'x' holds numbers and 1 other text ('oops', row 3001), read as missing.",)


def test_the_first_sheet_is_read_and_said_and_another_by_its_name(book):
    path = book(prices=PRICES, streets=[["name"], ["High Street"]])
    table = read_table(path)
    assert table.names[0] == "x"
    assert table.notes[0] == "The sheet 'prices' is read, the first of 'prices', 'streets'. Another: book.xlsx#streets"
    streets = read_table(f"{path}#streets")
    assert streets.frame.rows() == [("High Street",)]
    assert (streets.source, streets.notes) == ("book.xlsx#streets", ())
    with pytest.raises(InputError, match=r"has the sheets 'prices', 'streets'. Got 'street'. Did you mean 'streets'\?"):
        read_table(f"{path}#street")


def test_names_that_stand_twice_and_names_that_are_not_there(book):
    assert read_table(book(one=[["a", "a", None], [1, 2, 3]])).frame.rows() == [(1, 2, 3)]


@pytest.mark.parametrize(("rows", "words"), [([], "Got 0 columns and no row"), ([["x", "y"]], "Got 2 columns and no")])
def test_a_sheet_without_rows_is_refused(book, rows, words):
    with pytest.raises(InputError, match=words):
        read_table(book(empty=rows))


def test_a_query_is_for_databases(book):
    with pytest.raises(InputError, match=r"query must go with a database"):
        read_table(book(prices=PRICES), query="prices")


def test_a_damaged_workbook_is_refused(book, write):
    content = book(prices=PRICES).read_bytes()
    for damaged in (content[:1000], content[:-30], content[:400] + bytes(300) + content[700:]):
        with pytest.raises(InputError, match=r"must be a spreadsheet\. Got something|must hold a table in the sheet"):
            read_table(write(damaged, "damaged.xlsx"))


def test_a_workbook_that_is_a_bomb_is_refused(write, monkeypatch):
    monkeypatch.setattr(compression, "FREE", 10**6)
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(2**25))
    with pytest.raises(InputError, match=r"must unpack to at most"):
        read_table(write(content.getvalue(), "book.xlsx"))


OPEN_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="one">
<table:table-row><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>k</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="float" office:value="1.5"><text:p>1.5</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def test_an_open_document_table_is_read(write):
    """Its smallest form, written by hand."""
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", OPEN_DOCUMENT.replace("\n", ""))
    assert read_table(write(content.getvalue(), "data.ods")).frame.rows() == [(1.5, "a")]
