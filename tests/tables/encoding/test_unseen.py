"""Levels that training never saw are named, counted, and guessed at."""

from __future__ import annotations

import datetime

import pytest

from gradatim.tables import Encoding, Table, TableEncoder
from gradatim.tables.encoding.unseen import unseen_levels

CITIES = ["Rome", "Oslo", "Bern"] * 3


def said(trained, seen, **settings):
    encoder = TableEncoder.fit(Table.from_any(trained), encoding=Encoding(**settings))
    return unseen_levels(encoder, Table.from_any(seen))


@pytest.mark.parametrize(
    ("cities", "sentence"),
    [
        (["Roma"], "1 row holds 'Roma', which training never saw: read as missing. Did you mean 'Rome'?"),
        (
            ["Milano", "Roma", "Milano", "Rome"],
            "3 rows hold 'Milano' or 'Roma', which training never saw: read as missing. Did you mean 'Rome' by 'Roma'?",
        ),
        (["P", "Q", "S", "T", "U"], "5 rows hold 'P', 'Q', 'S' or one of 2 other levels, which training never saw"),
        (["x" * 50], f"1 row holds '{'x' * 29}…', which training never saw"),
    ],
)
def test_new_levels(cities, sentence):
    (found,) = said({"city": CITIES}, {"city": cities})
    assert found.startswith(f"'city': {sentence}")


def test_nothing_is_said_of_levels_that_are_known_or_missing():
    assert said({"city": CITIES}, {"city": ["Rome", None]}) == ()
    assert said({"city": CITIES}, {"city": [None, None]}) == ()
    assert said({"city": CITIES}, {"town": ["Roma"]}) == ()
    assert said({"x": [1.0, 2.0, 3.0]}, {"x": [7.0]}) == ()


def test_embedded_categories_are_looked_at_too():
    (found,) = said({"city": CITIES}, {"city": ["Roma"]}, embed_above=2)
    assert found.startswith("'city': 1 row holds 'Roma'")


def test_rare_levels_that_were_cut_were_seen():
    """Of three levels two are kept: the third was there, and counts as unknown all the same."""
    (found,) = said({"city": [*CITIES, "Rome", "Oslo"]}, {"city": ["Bern"]}, max_levels=2)
    assert found == "'city': 1 row holds 'Bern', none of the 2 levels that are kept: read as missing."


def test_months_that_were_never_there():
    days = [datetime.date(2024, month, 15) for month in (1, 2, 3, 4)]
    found = said({"when": days * 3}, {"when": [datetime.date(2024, 7, 15)]})
    assert found == ("'when (month)': 1 row holds '07', which training never saw: read as missing.",)
