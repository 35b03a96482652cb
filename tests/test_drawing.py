"""What drawings are made of: numbers for readers, estimates of widths, files."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.drawing import array_text, drawn, escaped, line, number_text, text_at, width_of
from gradatim.errors import InputError


@given(st.floats(-1e300, 1e300))
def test_a_number_is_read_back_to_four_digits(x):
    assert float(number_text(x).replace("−", "-")) == pytest.approx(x, rel=5.1e-4, abs=0)


def test_numbers_are_short():
    assert [number_text(x) for x in (0.1 + 0.2, -0.0, 12345, 1e-10, 2 - 3j, np.float32(0.1), np.inf, True)] == [
        "0.3", "0", "12345", "1e−10", "2 − 3i", "0.1", "∞", "True",
    ]  # fmt: skip


def test_arrays_are_shape_and_first_numbers():
    assert array_text(np.zeros((2, 0))) == "(2, 0): empty"
    assert array_text(np.arange(4.0), most=2) == "(4,): 0, 1, …"
    assert array_text(np.array(1.23456), digits=3) == "1.23"


@given(st.text())
def test_any_text_can_be_drawn(words):
    drawing = drawn([text_at(0, 0, words, tip=words)], 10, 10, words, words)
    ElementTree.fromstring(drawing.svg)
    assert width_of(words) >= 0


def test_a_level_line_is_straight_and_others_bend():
    assert 'd="M0 5H10"' in line([(0, 5), (10, 5)], "forward")
    assert 'd="M0 5C5 5 5 8 10 8"' in line([(0, 5), (10, 8)], "back")


def test_saved_whole_as_picture_or_page(tmp_path):
    drawing = drawn([text_at(0, 10, "x")], 20, 20, "A < B", "Words.", "<details></details>")
    drawing.save(tmp_path / "a.svg")
    drawing.save(str(tmp_path / "a.html"))
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == drawing.svg + "\n"
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<title>A &lt; B</title>" in page
    assert drawing.html in page
    with pytest.raises(InputError, match=r"must end in .svg or .html. Got 'a.png'"):
        drawing.save(tmp_path / "a.png")


def test_escaping():
    assert escaped("<&\x00>") == "&lt;&amp;\N{REPLACEMENT CHARACTER}&gt;"
