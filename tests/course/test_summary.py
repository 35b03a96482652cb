"""A network in words: the same rows as text and as HTML, whatever its layers and the names in it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradatim as gd
from gradatim.course.summary import Description, Row, describe, layer_rows
from gradatim.network import Architecture, CategoryEmbedding, Dense, Dropout
from tests.networks import CASES

VOID = {"br", "hr", "img"}


class Page(HTMLParser):
    """What a browser makes of it: the cells of each table row, the elements, and whether each one was closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.title = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open += [] if tag in VOID else [tag]
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        elif self.open[-1] == "div":
            self.title += data


def test_the_text_of_a_network():
    net = gd.Network([3, 4, 1], activations=["leaky_relu(0.2)", "sigmoid"])
    assert str(net).splitlines() == [
        "Network 3 → 4 → 1",
        "loss        log_loss",
        "parameters  21, float64",
        "",
        "layer  what      W       b       activation       parameters",
        "input  3 inputs",
        "1      4 units   (4, 3)  (4, 1)  leaky_relu(0.2)          16",
        "2      1 unit    (1, 4)  (1, 1)  sigmoid                   5",
    ]


def test_the_html_says_what_the_text_says():
    net = gd.Network([3, 4, 1])
    page = Page(net._repr_html_())
    assert page.title == "Network 3 → 4 → 1"
    assert page.open == []
    assert page.rows[:2] == [["loss", "log_loss"], ["parameters", "21, float64"]]
    assert page.rows[2:] == [
        ["layer", "what", "W", "b", "activation", "parameters"],
        ["input", "3 inputs", "", "", "", ""],
        ["1", "4 units", "(4, 3)", "(4, 1)", "relu", "16"],
        ["2", "1 unit", "(1, 4)", "(1, 1)", "sigmoid", "5"],
    ]


def test_the_html_needs_nothing_from_outside():
    html = gd.Network([3, 4, 1])._repr_html_()
    assert Page(html).elements == {"div", "style", "table", "thead", "tbody", "tr", "th", "td"}
    assert Page(html).attributes == {"class", "scope"}
    assert not re.search(r"url\(|@import|https?:", html)


@pytest.mark.parametrize("name", CASES)
def test_the_rows_hold_every_parameter_once(name):
    """Fronts, slopes and members as well: the rows add up to the length of the vector."""
    architecture = CASES[name].problem.architecture
    rows = layer_rows(architecture)
    assert sum(int(row.parameters.replace(",", "") or 0) for row in rows) == architecture.size
    assert [row.layer for row in rows if row.layer.isdigit()] == [str(l) for l in range(1, architecture.L + 1)]


def test_everything_that_can_stand_beside_layers_is_named():
    rows = layer_rows(CASES["everything at once"].problem.architecture)
    # 3 inputs; 2 of them widened by 2 each; 2 categories of width 2: 3 → 7 → 11.
    assert [(row.layer, row.what) for row in rows[:5]] == [
        ("input", "3 inputs, 2 category codes"),
        ("front", "2 numbers embedded → 7: frequency (2, 3), phase (2, 3), V (2, 2, 3), c (2, 2)"),
        ("front", "2 categories embedded → 11: E1 (3, 2), E2 (4, 2)"),
        ("front", "a scale for each input → 11: scale (11, 1)"),
        ("members", "a scale each on A[0]: r (2, 11)"),
    ]
    first, last = rows[5], rows[-1]
    assert (first.what, first.dropout, first.W, last.W) == (
        "4 units, a learned slope each",
        "0.4",
        "(4, 11)",
        "(2, 3, 3)",
    )


def test_of_many_blocks_three_are_named():
    fifty = Architecture(0, front=(CategoryEmbedding((3,) * 50, width=2),), output=Dense(1, "sigmoid"))
    assert layer_rows(fifty)[1].what == "50 categories embedded → 100: E1 (3, 2), E2 (3, 2), E3 (3, 2) and 47 more"


def test_members_are_a_fact_and_dropout_a_column_only_where_there_is_any():
    layers = (Dense(4), Dropout(0.25))
    header, *_ = describe(Architecture(3, layers=layers, output=Dense(1, "sigmoid")), "log_loss").table()
    assert header == ("layer", "what", "W", "b", "activation", "dropout", "parameters")
    three = describe(Architecture(3, output=Dense(1, "sigmoid"), members=3), "log_loss", "float32")
    assert [name for name, _ in three.facts] == ["loss", "members", "parameters"]
    assert "dropout" not in three.table()[0]
    assert dict(three.facts)["members"].startswith("3 networks")
    assert dict(three.facts)["parameters"] == "21, float32", "3 scales of 3, 3 outputs of 3 weights and a bias"


@given(st.text(), st.text(), st.text())
def test_whatever_the_names_hold_the_page_stays_whole(title, name, said):
    """Markup in a name is shown, and does nothing."""
    usual = Page(Description("", (("", ""),), (Row("1", "", "(1, 1)"),)).html())
    page = Page(Description(title, ((name, said),), (Row(name, said, "(1, 1)"),)).html())
    assert page.open == []
    assert (page.elements, page.attributes) == (usual.elements, usual.attributes)
    assert page.title == title
    assert page.rows[0] == [name, said]
