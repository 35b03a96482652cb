"""Drawings: well-formed, complete, without boxes that overlap; and what Jupyter is given."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from gradatim.errors import InputError
from gradatim.graph import constant, exp, log, softplus, tanh, variable

SVG = "{http://www.w3.org/2000/svg}"


def course():
    a, b, c = variable(5, "a"), variable(3, "b"), variable(2, "c")
    return 3 * (a + b * c)


def network():
    rng = np.random.default_rng(1)
    X, Y = constant(rng.normal(size=(3, 4)), "X"), constant([[1, 0, 1, 1]], "Y")
    W1, b1 = variable(rng.normal(size=(2, 3)), "W1"), variable(np.zeros((2, 1)), "b1")
    W2, b2 = variable(rng.normal(size=(1, 2)), "W2"), variable(np.zeros((1, 1)), "b2")
    Z2 = (W2 @ tanh(W1 @ X + b1).named("A1") + b2).named("Z2")
    return (softplus(Z2) - Y * Z2).mean().named("J")


def tangled():
    a, b = variable(1.5, "a"), variable(2.0, "b")
    u = exp(a) / b
    return log(u + a * b) * u + (a - b) ** 2 / (u + 1)


def texts(root, colour=None):
    return [
        "".join(t for t in one.itertext())
        for one in root.iter(f"{SVG}text")
        if one.get("class") == (colour or one.get("class"))
    ]


def test_the_slide():
    """Values and derivatives of J = 3(a + bc), each once, in its colour."""
    root = ElementTree.fromstring(course().draw().svg)
    assert sorted(texts(root, "ink")) == ["J = 3 v", "a", "b", "c", "u = b c", "v = a + u"]
    assert sorted(texts(root, "forward")) == ["11", "2", "3", "33", "5", "6"]
    assert sorted(texts(root, "back")) == ["dJ/dJ = 1", "dJ/da = 3", "dJ/db = 6", "dJ/dc = 9", "dJ/du = 3", "dJ/dv = 3"]


def test_whoever_does_not_see_it_is_told():
    root = ElementTree.fromstring(course().draw().svg)
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
    assert title.text == "Computation graph of J"
    assert "v = a + u is 11" in description.text
    assert "dJ/db is 6" in description.text


@pytest.mark.parametrize("make", [course, network, tangled])
def test_boxes_lie_inside_apart_and_from_left_to_right(make):
    root = ElementTree.fromstring(make().draw().svg)
    width, height = (float(side) for side in root.get("viewBox").split()[2:])
    boxes = [tuple(float(one.get(key)) for key in ("x", "y", "width", "height")) for one in root.iter(f"{SVG}rect")]
    assert len(boxes) == len([text for text in texts(root, "ink") if " = " in text])
    for i, (x, y, w, h) in enumerate(boxes):
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
        for x2, y2, w2, h2 in boxes[:i]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
    for path in root.iter(f"{SVG}path"):
        assert "nan" not in path.get("d")


def test_a_derivative_over_several_ways_is_shown_as_their_sum():
    a = variable(3.0, "a")
    assert "dJ/da = 6 + 2 = 8" in (2 * a + a**2).draw().svg


def test_arrays_show_shape_and_first_numbers_and_unfold():
    W = variable([[0.25, -0.5], [1.0, 2.0]], "W")
    drawing = (W * W).sum().draw()
    assert "(2, 2): 0.25, −0.5, …" in drawing.svg
    assert "dJ/dW: 0.5, −1, …" in drawing.svg
    assert "<details><summary>W  (2, 2)</summary>" in drawing.html
    assert "[[ 0.5, -1. ],\n [ 2. ,  4. ]]" in drawing.html
    assert "<details>" not in drawing.svg


def test_constants_have_no_derivative_and_an_array_at_the_end_has_none():
    x = constant(2.0, "x")
    assert "dJ/dx" not in (variable(1.0, "a") * x).draw().svg
    assert texts(ElementTree.fromstring((variable([1.0, 2.0], "a") * x).draw().svg), "back") == []


def test_drawing_touches_no_grad_and_is_the_same_each_time():
    a = variable(3.0, "a")
    J = a * a
    assert J.draw().svg == J.draw().svg
    assert a.grad is None


def test_names_of_strangers_are_escaped():
    root = ElementTree.fromstring((variable(1.0, "<script>\x00&") * 2).draw().svg)
    assert "<script>\N{REPLACEMENT CHARACTER}&" in texts(root, "ink")


def test_jupyter_draws_results_and_prints_the_rest():
    a = variable(1.0, "a")
    assert a._repr_html_() is None
    assert (a + 1)._repr_html_() == (a + 1).draw().html
    J = a
    for _ in range(1000):
        J = J * 2
    assert J._repr_html_() is None
    with pytest.raises(InputError, match=r"draw: the graph must have at most 150 nodes, .* Got 1001"):
        J.draw()


def test_a_node_that_is_used_often_has_one_line_with_branches():
    """A hundred uses: a line for each would be thousands of pieces, and megabytes."""
    a = J = variable(1.0, "a")
    for _ in range(100):
        J = J * a
    assert len(J.draw().svg) < 400_000


def test_python_does_not_print_the_picture():
    assert repr(course().draw()) == "Drawing(title='Computation graph of J')"


def test_large_arrays_make_no_large_drawing():
    """A million numbers: their edges are shown."""
    W = variable(np.ones((1000, 1000)), "W")
    assert len((W * W).sum().draw().html) < 20_000
