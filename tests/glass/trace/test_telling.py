"""What is told of a row: the text, and the page that says the same."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

from gradatim.glass.trace import trace
from gradatim.model import train_model
from tests.glass.trace.tables import settings
from tests.report.tables import HOSTILE

BY_HAND = """\
Layer 1 forward: 2 units, tanh
  Z[1] = W[1] A[0] + b[1]                         (2, 1) = (2, 2) (2, 1) + (2, 1)
  A[1] = g(Z[1]), a = (e^z - e^-z) / (e^z + e^-z)  (2, 1)
  Z[1] goes from 0.5 to 0.6; 2 of 2 are above 0.
  Its units:
    unit    Z[1]    A[1]  gives to unit 1 above
    unit 2   0.5  0.4621                −0.2773
    unit 1   0.6   0.537                 0.2685
  Unit 2 of layer 1, which gives most: its Z[1]:
    from              w  a  w · a
    y               0.4  2    0.8
    x              −0.3  1   −0.3
    b                           0
    = Z[1] unit 2             0.5
  A[1] unit 2 = tanh(0.5) = 0.4621

Layer 1 back
  dA[1] = W[2]ᵀ dZ[2]                             (2, 1) = (2, 1) (1, 1)
  dZ[1] = dA[1] ∘ g'(Z[1])                        (2, 1)
  Its units:
    unit      dA[1]   g'(Z)    dZ[1]
    unit 2   0.1852  0.7864   0.1457
    unit 1  −0.1544  0.7116  −0.1098
  Unit 2: what comes down to it:
    from               w       dz  w · dz
    unit 1          −0.6  −0.3087  0.1852
    = dA[1] unit 2                 0.1852
  dZ[1] unit 2 = 0.1852 · 0.7864 = 0.1457; g'(Z) = 1 − a², z = 0.5
  dW[1] = (1/m) dZ[1] A[0]ᵀ, m = 1 here           (2, 2) = (2, 1) (1, 2)
  db[1] = (1/m) Σ dZ[1]                           (2, 1)
  The row of dW[1] of unit 2, dz = 0.1457:
    from  a  dw = 0.1457 · a     w  w − α dw
    y     2           0.2914   0.4   0.37086
    x     1           0.1457  −0.3  −0.31457
  db[1] unit 2 = dz = 0.1457"""


def test_the_text_of_that_network(by_hand):
    text = by_hand.text()
    assert by_hand.text(layer=1).partition("\n\n")[2] == BY_HAND
    assert text.startswith("Row 1 through 2 → 2 → 1 (tanh, identity)\n\nThe row, and what the network reads of it\n")
    assert "target = mean + sd · A = 0 + 1 · 0.1913 = 0.1912545" in text
    assert "L = ½ (0.1913 − 0.5)² = 0.04766" in text
    assert "W[2]   (1, 2)  [1, 1]" in text
    assert "trained by adam" in text
    assert "On this row J goes from 0.0476" in text
    assert str(by_hand) == text


def test_text_fits_and_holds_the_numbers(traced):
    t, _ = traced
    for width in (80, 100):
        text = t.text(2, width=width)
        assert max(map(len, text.splitlines())) <= width
    assert f"Row {t.numbers[1]} through" in text
    titles = [line for line in text.splitlines() if line[:1].strip()]
    assert [title for title in titles if re.fullmatch(r"Layer \d back", title)] == [
        f"Layer {l} back" for l in range(t.L, 0, -1)
    ]
    assert len(t.text(2, full=True)) >= len(text)


def test_a_page_says_the_same_as_the_text(traced):
    t, _ = traced
    page, text = t.html(2, full=True), t.text(2, full=True, width=400)
    plain = re.sub(r"<[^>]+>", " ", page).replace("&#39;", "'").replace("&gt;", ">").replace("&amp;", "&")
    numbers = set(re.findall(r"−?\d+\.\d+", text))
    assert len(numbers) > 10
    assert numbers <= set(re.findall(r"−?\d+\.\d+", plain))
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert '<div class="gradatim-trace">' in t._repr_html_()


def test_names_of_strangers_do_no_harm(tmp_path):
    table = pl.DataFrame({HOSTILE: np.arange(8.0), "a\x1b[31m": [HOSTILE, "x"] * 4, "y": ["a", HOSTILE] * 4})
    model = train_model(settings(hidden_widths=(3,)), table.drop("y"), table["y"])
    t = trace(model, table)
    t.save(tmp_path / "trace.html")
    page = (tmp_path / "trace.html").read_text(encoding="utf-8")
    assert "<script" not in page.lower()
    assert "onerror=" not in re.sub(r"&lt;.*?&gt;", "", page)
    assert "\x1b" not in t.text()


def test_of_a_wide_layer_the_largest_parts_are_shown_and_the_rest_added_up():
    table = pl.DataFrame({f"x{j}": np.random.default_rng(j).normal(size=20) for j in range(50)})
    model = train_model(settings(hidden_widths=(30,)), table, np.arange(20.0))
    t = trace(model, table, row=3)
    text = t.text(layer=1, unit=4)
    parts = t.contributions(1, 4)
    expected = f"{parts.values[parts.order[8:]].sum():.4g}".replace("-", "−")
    assert re.search(rf"\n +42 more +{re.escape(expected)}\n", text)
    assert "… and 22 more" in text
    assert "42 more" in t.html(layer=1, unit=4)
    assert " more" not in t.text(layer=1, unit=4, full=True)


@pytest.mark.parametrize("about", [{"hidden_widths": ()}, {"hidden_widths": (3,)}, {"hidden_widths": (), "members": 2}])
def test_a_model_that_reads_nothing(about):
    model = train_model(settings(**about), pl.DataFrame({"x": [1.0] * 8}), np.arange(8.0))
    t = trace(model, {"x": [1.0]}, [2.0])
    assert "This network reads no column" in t.text()
    assert t.contributions().total == pytest.approx(t.Z[t.L][0, 0])
    assert "This network reads no column" in t.html()
