"""What is printed and what a notebook shows are the same cells."""

from __future__ import annotations

from gradatim.glass.listing import MOST_SHOWN, Listing, written


def test_names_from_strangers_are_escaped():
    html = Listing("<b>", ("column",), [("<script>",)], remarks=("a & b",)).html()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;b&gt;" in html
    assert "a &amp; b" in html


def test_of_many_rows_the_rest_is_counted():
    listing = Listing("title", ("n",), [(str(n),) for n in range(MOST_SHOWN + 1234)])
    assert listing.text().splitlines()[-1] == "… and 1,234 more"
    assert listing.html().count("<td>") == MOST_SHOWN
    assert "… and 1,234 more" in listing.html()


def test_cells():
    assert [written(value) for value in (None, float("nan"), 0.123456, 3, "Rome")] == [
        "missing",
        "missing",
        "0.1235",
        "3",
        "Rome",
    ]
    assert written("a" * 50) == "a" * 39 + "…"
