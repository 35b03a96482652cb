"""Dates in texts, from any source to the network's input, and again when it predicts."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gradatim.errors import InputError
from gradatim.tables import Encoding, Table, TableEncoder, read_table
from gradatim.tables.dates import dates_in_another_order, dates_of
from gradatim.tables.encoding.columns import kinds_of
from gradatim.tables.texts import read_texts

PLAIN = Encoding(numbers="none", clip=None, dtype="float64")

# As `datetime.fromisoformat` reads them, brought to UTC by hand.
MOMENTS = {
    "2008-12-01T00:00:00.000": dt.datetime(2008, 12, 1),
    "2008-12-01 10:30:00.25": dt.datetime(2008, 12, 1, 10, 30, 0, 250_000),
    "2008-12-01T10:30:00.123456789": dt.datetime(2008, 12, 1, 10, 30, 0, 123_456),
    "2020-01-13T10:00:00Z": dt.datetime(2020, 1, 13, 10),
    "2020-01-13 10:00:00+02:00": dt.datetime(2020, 1, 13, 8),
    "2020-01-13T10:00:00.500-0530": dt.datetime(2020, 1, 13, 15, 30, 0, 500_000),
    "2020-01-13 23:00-02": dt.datetime(2020, 1, 14, 1),
    "2020-01-13 23:00:00 +00:00": dt.datetime(2020, 1, 13, 23),
    "2020-01-13T23:15Z": dt.datetime(2020, 1, 13, 23, 15),
}
OTHERS = ["2020-01-13T10:00:00.", "2020-01-13T10:00:00ZZ", "2020-01-13T10Z", "2020-01-13Z", "2020-01-13T25:00:00.000"]

DAYS = [f"{day:02}-{month:02}-{year}" for year in (2012, 2013) for month in range(1, 13) for day in range(1, 29)]
DATES = [dt.date(int(text[6:]), int(text[3:5]), int(text[:2])) for text in DAYS]


def sources(columns, folder):
    """The same columns from a text table, JSON, Parquet, Arrow, pandas, Polars and a dictionary."""
    frame = pl.DataFrame(columns)
    frame.write_csv(folder / "rows.csv")
    frame.write_parquet(folder / "rows.parquet")
    frame.write_ipc(folder / "rows.arrow")
    (folder / "rows.json").write_text(json.dumps(frame.to_dicts()))
    tables = [read_table(folder / f"rows.{ending}") for ending in ("csv", "json", "parquet", "arrow")]
    return [*tables, pd.DataFrame(columns), pd.DataFrame(columns).astype({"when": "category"}), frame, columns]


# Year first


@pytest.mark.parametrize("text", MOMENTS)
def test_fractions_of_a_second_and_offsets_are_moments(text):
    assert read_texts(pl.Series("when", [text, None])).values.to_list() == [MOMENTS[text], None]


def test_moments_of_all_forms_may_stand_in_one_column():
    values = read_texts(pl.Series("when", ["2024-02-29", *MOMENTS, "2024-02-29T10:00"])).values
    assert values.to_list() == [dt.datetime(2024, 2, 29), *MOMENTS.values(), dt.datetime(2024, 2, 29, 10)]


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_nearly_a_moment_stays_text(text):
    assert read_texts(pl.Series("when", [text])).values.to_list() == [text]


def test_moments_are_dates_from_every_source_and_when_it_predicts(tmp_path):
    columns = {"when": [f"2020-01-{day:02}T{day:02}:30:00.000Z" for day in range(1, 24)] * 2, "x": list(range(46))}
    found = [TableEncoder.fit(source, encoding=PLAIN) for source in sources(columns, tmp_path)]
    row = {"when": ["2020-01-05T23:30:00.000-02:00"], "x": [0]}  # half past one on the next day, a Monday
    for encoder in found:
        assert encoder.columns[0].kind == "date"
        encoded = dict(zip((output.name for output in encoder.outputs), encoder.encode(row).X[0], strict=True))
        assert encoded["when (hour)"] == 1.5
        assert encoded["when (year)"] == pytest.approx(2020 + (5 + 1.5 / 24) / 366, rel=1e-15)
        assert [level for level, there in encoded.items() if "weekday" in level and there] == ["when (weekday)=Mon"]


def test_a_kind_that_is_said_reads_the_same_texts(tmp_path):
    texts = ["2008-12-01T00:00:00.000", "2020-01-13T10:00:00Z"] * 20 + ["soon"]
    columns = kinds_of(read_table(_csv(tmp_path, texts)), {"Date": "date"})
    assert columns[0].kind == "date"
    assert columns[0].reason == "You said so."


def test_times_that_are_always_midnight_give_no_hour():
    when = [f"2008-12-{day:02}T00:00:00.000" for day in range(1, 29)]
    encoder = TableEncoder.fit({"when": when, "x": range(28)})
    assert not any("hour" in output.name for output in encoder.outputs)


# Year last


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["25/12/2020", "04/09/2012"], "day"),
        (["25.12.2020", "4.9.2012"], "day"),
        (["12-25-2020", "09-04-2012"], "month"),
    ],
)
def test_one_day_above_twelve_tells_the_order(texts, first):
    dates, found = dates_in_another_order(pl.Series("when", texts))
    assert dates.to_list() == [dt.date(2020, 12, 25), dt.date(2012, 9, 4)]
    assert found == first


def test_a_time_of_day_may_follow():
    dates, _ = dates_in_another_order(pl.Series(["25/12/2020 14:30", None, "04/09/2012 00:00", "4/9/2012 10:00:00.5"]))
    half = dt.datetime(2012, 9, 4, 10, 0, 0, 500_000)
    assert dates.to_list() == [dt.datetime(2020, 12, 25, 14, 30), None, dt.datetime(2012, 9, 4), half]
    dates, _ = dates_in_another_order(pl.Series(["12/13/2010 8:05", "1/2/2011 0:30:59"]))
    assert dates.to_list() == [dt.datetime(2010, 12, 13, 8, 5), dt.datetime(2011, 1, 2, 0, 30, 59)]


@pytest.mark.parametrize("texts", [["04/09/2012"], ["25/12/2020", "12/25/2020"], ["31/02/2020"], ["25/12/20"]])
def test_dates_whose_order_cannot_be_told_stay_texts(texts):
    assert dates_in_another_order(pl.Series(texts)) is None
    assert read_texts(pl.Series("when", texts)).values.to_list() == texts


def test_dates_in_another_order_are_read_alike_from_every_source(tmp_path):
    """672 different texts would be a category otherwise; as dates they encode like dates proper."""
    proper = TableEncoder.fit({"when": DATES, "x": range(672)}, encoding=PLAIN)
    X = proper.encode({"when": DATES, "x": range(672)}).X
    for source in sources({"when": DAYS, "x": list(range(672))}, tmp_path):
        encoder = TableEncoder.fit(source, encoding=PLAIN)
        assert encoder.columns[0].first == "day"
        assert encoder.columns[0].reason == "Its texts are dates, the day first."
        assert encoder.notes == ("'when' holds dates, the day first.",)
        np.testing.assert_array_equal(encoder.encode(source).X, X)


def test_the_order_of_the_training_rows_reads_later_ones(tmp_path):
    encoder = TableEncoder.fit({"when": DAYS, "x": range(672)}, encoding=PLAIN)
    again = TableEncoder.from_json(json.loads(json.dumps(encoder.to_json())), encoder.tensors())
    proper = {"when": [dt.date(2012, 9, 4), dt.date(2013, 2, 1)], "x": [1, 2]}
    expected = encoder.encode(proper).X
    for read in (encoder, again):
        for source in sources({"when": ["04-09-2012", "01-02-2013"], "x": [1, 2]}, tmp_path):
            np.testing.assert_array_equal(read.encode(source).X, expected)
        for year_first in sources({"when": ["2012-09-04", "2013-02-01"], "x": [1, 2]}, tmp_path):
            np.testing.assert_array_equal(read.encode(year_first).X, expected)


def test_what_is_no_date_in_a_later_row_is_missing():
    dates = dates_of(pl.Series("when", ["04-09-2012", "31-02-2012", "soon", None]), "when", "day")
    assert dates.to_list() == [dt.date(2012, 9, 4), None, None, None]


def test_later_rows_in_the_opposite_order_are_refused_with_the_row():
    encoder = TableEncoder.fit({"when": DAYS, "x": range(672)})
    message = r"'when' must hold dates, the day first, as the training rows did\. Got '09-25-2012' in row 2 "
    with pytest.raises(InputError, match=message):
        encoder.encode({"when": ["04-09-2012", "09-25-2012"], "x": [1, 2]})


def test_ambiguous_dates_are_left_out_with_the_way_to_mend_them(tmp_path):
    when = [f"{day:02}/{month:02}/2020" for day in range(1, 13) for month in range(1, 13)]
    for source in sources({"when": when, "x": list(range(144))}, tmp_path):
        notes = TableEncoder.fit(source).notes
        assert notes == ("Left out 'when'. It looks like dates, such as '01/01/2020'; write them year first.",)


def test_a_category_of_ambiguous_dates_says_so():
    (column,) = kinds_of(Table.from_any({"when": ["04/09/2012", "05/09/2012", "05/09/2012"]}))
    assert column.kind == "category"
    assert column.reason == "It holds 2 different texts; '04/09/2012' looks like a date: write dates year first."


def test_ambiguous_dates_to_predict_are_refused_where_training_had_dates_proper():
    encoder = TableEncoder.fit({"when": DATES, "x": range(672)})
    with pytest.raises(InputError, match=r"'when' must hold dates, the year first\. Got '04/09/2012'"):
        encoder.encode({"when": ["04/09/2012"], "x": [1]})
    encoder.encode({"when": ["04/09/2012", "25/09/2012"], "x": [1, 2]})  # here the second tells


def _csv(folder, texts):
    (folder / "data.csv").write_text("Date,x\n" + "".join(f"{text},{j}\n" for j, text in enumerate(texts)))
    return folder / "data.csv"
