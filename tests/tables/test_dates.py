"""Dates in texts, from any source to the network's input, and again when it predicts."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError
from gradatim.model import Settings, load, train_model
from gradatim.tables import Encoding, Table, TableEncoder, read_table
from gradatim.tables.dates import dates_in_another_order, dates_of
from gradatim.tables.encoding.columns import kinds_of, numbers_of, texts_of
from gradatim.tables.texts import read_texts

PLAIN = Encoding(numbers="none", clip=None, dtype="float64")

UTC = dt.UTC

# Around both changes of the clocks in Berlin in 2024, at the end of March and of October, and around a new year.
AROUND = [
    dt.datetime(2024, month, day, hour, 30, tzinfo=UTC) + dt.timedelta(days=days)
    for month, day in ((3, 30), (10, 26), (12, 31))
    for days in range(3)
    for hour in (0, 1, 5, 16, 23)
]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]
DAYS_OF_THE_WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

# As `datetime.fromisoformat` reads them, brought to UTC by hand.
MOMENTS = {
    "2008-12-01T00:00:00.000": dt.datetime(2008, 12, 1),
    "2008-12-01 10:30:00.25": dt.datetime(2008, 12, 1, 10, 30, 0, 250_000),
    "2008-12-01T10:30:00.123456789": dt.datetime(2008, 12, 1, 10, 30, 0, 123_456),
    "2020-01-13T10:00:00Z": dt.datetime(2020, 1, 13, 10, tzinfo=UTC),
    "2020-01-13 10:00:00+02:00": dt.datetime(2020, 1, 13, 8, tzinfo=UTC),
    "2020-01-13T10:00:00.500-0530": dt.datetime(2020, 1, 13, 15, 30, 0, 500_000, tzinfo=UTC),
    "2020-01-13 23:00-02": dt.datetime(2020, 1, 14, 1, tzinfo=UTC),
    "2020-01-13 23:00:00 +00:00": dt.datetime(2020, 1, 13, 23, tzinfo=UTC),
    "2020-01-13T23:15Z": dt.datetime(2020, 1, 13, 23, 15, tzinfo=UTC),
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
    """Those without an offset are taken as UTC beside those with one."""
    values = read_texts(pl.Series("when", ["2024-02-29", *MOMENTS, "2024-02-29T10:00"])).values
    expected = [dt.datetime(2024, 2, 29), *MOMENTS.values(), dt.datetime(2024, 2, 29, 10)]
    assert values.to_list() == [moment.replace(tzinfo=UTC) for moment in expected]


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


# Zones


def in_all_forms(moments, folder):
    """The same moments in several zones: Polars, Parquet, pandas, Python's own, and texts with offsets."""
    in_berlin = [moment.astimezone(ZoneInfo("Europe/Berlin")) for moment in moments]
    offset = dt.timezone(-dt.timedelta(hours=3, minutes=30))
    column = pl.col("when")
    frames = [pl.DataFrame({"when": moments}).with_columns(column.dt.convert_time_zone(zone)) for zone in ZONES]
    frames[1].write_parquet(folder / "rows.parquet")
    (folder / "rows.csv").write_text("when\n" + "".join(f"{moment.isoformat()}\n" for moment in in_berlin))
    return [
        *frames,
        *(pd.DataFrame({"when": pd.DatetimeIndex(moments).tz_convert(zone)}) for zone in (*ZONES, offset)),
        pd.DataFrame({"when": pd.Series(in_berlin, dtype=object)}),
        pd.DataFrame({"when": [moment.isoformat() for moment in in_berlin]}),
        {"when": in_berlin},
        {"when": [*moments[:9], *in_berlin[9:]]},
        {"when": [moment.astimezone(offset).isoformat(" ") for moment in moments]},
        read_table(folder / "rows.parquet"),
        read_table(folder / "rows.csv"),
    ]


def in_zone(zone, moments=AROUND):
    return pl.DataFrame({"when": pl.Series(moments).dt.convert_time_zone(zone)})


def without_zone(moments=AROUND):
    return {"when": [moment.replace(tzinfo=None) for moment in moments]}


def hours(encoder, table):
    return encoder.encode(table).X[:, [output.name for output in encoder.outputs].index("when (hour)")]


@pytest.mark.parametrize("zone", ZONES)
def test_the_same_moments_are_the_same_numbers_in_whatever_zone_they_come(zone, tmp_path):
    encoder = TableEncoder.fit(in_zone(zone), encoding=PLAIN)
    expected = encoder.encode(in_zone(zone)).X
    clocks = [moment.astimezone(ZoneInfo(zone)) for moment in AROUND]
    assert hours(encoder, in_zone(zone)).tolist() == [clock.hour + clock.minute / 60 for clock in clocks]
    for same in in_all_forms(AROUND, tmp_path):
        np.testing.assert_array_equal(encoder.encode(same).X, expected)


def test_the_clock_is_that_of_the_zone_that_training_rows_are_in(tmp_path):
    """As the forms above stand: a zone's name is kept, and an offset alone is UTC."""
    berlin, utc = "Europe/Berlin", "UTC"
    expected = [*ZONES, *ZONES, utc, berlin, utc, berlin, utc, utc, berlin, utc]
    for table, zone in zip(in_all_forms(AROUND, tmp_path), expected, strict=True):
        encoder = TableEncoder.fit(table, encoding=PLAIN)
        np.testing.assert_array_equal(encoder.encode(table).X, encode_as_trained_in(zone))
        assert encoder.columns[0].reason.endswith(f", read by the clock of {zone}.")


def encode_as_trained_in(zone):
    return TableEncoder.fit(in_zone(zone), encoding=PLAIN).encode(in_zone(zone)).X


def test_an_hour_of_the_clock_is_the_same_in_summer_and_in_winter():
    """Half past six in Berlin is 5:30 UTC before the last Sunday of March, and 4:30 from then on."""
    texts = ["2024-03-30T05:30:00Z", "2024-03-31T04:30:00Z", "2024-10-26T04:30:00Z", "2024-10-27T05:30:00Z"]
    assert hours(TableEncoder.fit(in_zone("Europe/Berlin"), encoding=PLAIN), {"when": texts}).tolist() == [6.5] * 4


@given(
    st.lists(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2023, 12, 31), timezones=st.just(UTC)), min_size=1),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
)
def test_year_month_weekday_and_hour_are_those_of_the_clock(moments, trained, asked):
    """As `zoneinfo` has them."""
    encoder = TableEncoder.fit(in_zone(trained), encoding=PLAIN)
    series = in_zone(asked, moments)["when"]
    numbers = {feature.part: numbers_of(series, *feature) for feature in encoder.numbers.features}
    levels = {c.feature.part: texts_of(series, *c.feature).to_list() for c in encoder.categories}
    clocks = [moment.astimezone(ZoneInfo(trained)).replace(tzinfo=None) for moment in moments]
    for j, clock in enumerate(clocks):
        begin, end = dt.datetime(clock.year, 1, 1), dt.datetime(clock.year + 1, 1, 1)
        whole_seconds = clock.replace(microsecond=0)
        assert numbers["year"][j] == pytest.approx(clock.year + (whole_seconds - begin) / (end - begin), rel=1e-14)
        assert numbers["hour"][j] == pytest.approx(clock.hour + clock.minute / 60 + clock.second / 3600, rel=1e-14)
        assert (levels["month"][j], levels["weekday"][j]) == (f"{clock.month:02}", DAYS_OF_THE_WEEK[clock.weekday()])


@pytest.mark.parametrize("zone", ZONES)
def test_later_times_without_a_zone_are_what_the_clock_of_training_shows(zone):
    encoder = TableEncoder.fit(in_zone(zone), encoding=PLAIN)
    shown = [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in AROUND]
    expected = encoder.encode(in_zone(zone)).X
    for naive in ({"when": shown}, pd.DataFrame({"when": shown}), {"when": [str(moment) for moment in shown]}):
        np.testing.assert_array_equal(encoder.encode(naive).X, expected)


def test_later_moments_in_a_zone_are_refused_where_training_had_none(tmp_path):
    for naive in (without_zone(), {"when": [str(moment) for moment in without_zone()["when"]]}):
        encoder = TableEncoder.fit(naive)
        assert encoder.columns[0].reason in ("It holds dates or times.", "Its texts are dates.")
        for zoned in in_all_forms(AROUND, tmp_path):
            with pytest.raises(InputError, match="'when' must hold times without a zone, as the training rows did"):
                encoder.encode(zoned)


def test_a_moment_behind_times_without_a_zone_does_not_lose_its_own():
    """Those beside it are taken as UTC, as in texts, whichever of them is first."""
    berlin = dt.datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    moments = [dt.datetime(2024, 7, 1, 12), berlin, None]
    series = Table.from_any({"when": moments}).column("when")
    assert series.to_list() == [dt.datetime(2024, 7, 1, 12, tzinfo=UTC), dt.datetime(2024, 7, 1, 10, tzinfo=UTC), None]


def test_a_saved_model_keeps_the_zone(tmp_path):
    settings = Settings(preset="plain", hidden_widths=(3,), max_epochs=3, random_state=0, engine="textbook")
    y = [float(j % 5) for j in range(len(AROUND))]
    model = train_model(settings, Table.from_any(in_zone("Europe/Berlin")), y)
    model.save(tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    expected = model.predict(in_zone("Europe/Berlin"))
    assert len(np.unique(expected)) > 1
    for same in in_all_forms(AROUND, tmp_path):
        np.testing.assert_array_equal(again.predict(same), expected)
    again.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == (tmp_path / "model.safetensors").read_bytes()


def test_a_model_from_before_zones_were_kept_reads_all_moments_in_utc(tmp_path):
    encoder = TableEncoder.fit(without_zone(), encoding=PLAIN)
    facts = json.loads(json.dumps(encoder.to_json()))
    del facts["zones"]
    old = TableEncoder.from_json(facts, encoder.tensors())
    expected = encoder.encode(without_zone()).X
    for same in (without_zone(), *in_all_forms(AROUND, tmp_path)):
        np.testing.assert_array_equal(old.encode(same).X, expected)


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
