"""Where the inputs come from, and what they give: sums, and words."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradatim.glass.trace import Contributions, trace
from gradatim.glass.trace.sections import Sum
from gradatim.model import train_model
from gradatim.tables import Table
from tests.glass.trace.tables import NUMBERS, mixed_table, settings


def test_contributions_add_up_and_say_which_column_they_came_from(traced):
    t, rows = traced
    for l in range(1, t.L + 1):
        for unit in range(1, len(t.W[l]) + 1):
            parts = t.contributions(l, unit, i=2)
            assert parts.total == pytest.approx(t.Z[l][unit - 1, 1], rel=1e-12, abs=1e-12)
            assert np.abs(parts.values[parts.order]).tolist() == sorted(np.abs(parts.values), reverse=True)
            assert sum(parts.by_column().values()) + parts.b == pytest.approx(parts.total, rel=1e-9, abs=1e-12)
    first = t.contributions(1, 1)
    known = rows.names if isinstance(rows, Table) else rows.columns
    assert set(first.raws) <= set(known)
    assert len(first.names) == len(t.A[0])


def test_a_column_gives_what_its_inputs_change():
    """Rows that differ in one column alone: the parts of the others are the same in both."""
    rows = mixed_table()
    model = train_model(settings("strong", hidden_widths=(4,)), rows, NUMBERS)
    other = rows.with_columns(pl.when(pl.col("city") == "city 4").then(pl.lit("city 9")).otherwise(pl.col("city")).alias("city"))  # fmt: skip  # noqa: E501
    here, there = (trace(model, table, row=17).contributions(1, 2) for table in (rows, other))
    assert rows["city"][16] == "city 4"
    before, after = here.by_column(), there.by_column()
    assert {name for name in before if before[name] != after[name]} == {"city"}
    assert there.total - here.total == pytest.approx(after["city"] - before["city"])


def test_origins_name_the_columns_and_end_in_what_the_network_reads(traced):
    t, _ = traced
    origins = t.origins(2)
    assert [origin.x for origin in origins] == t.X[:, 1].tolist()
    for origin, output in zip(origins, t.model.encoder.outputs, strict=True):
        assert (origin.name, origin.raw) == tuple(output)
        said = re.findall(r"−?\d[\d.]*(?:e−?\d+)?", origin.how)[-1].replace("−", "-")
        assert float(said) == pytest.approx(origin.x, rel=1e-3, abs=1e-4) or origin.how.endswith("as it is")


def test_origins_in_words():
    table = pl.DataFrame(
        {
            "size": [1.0, 2.0, 3.0, 4.0, None],
            "city": ["Rome", "Oslo", "Bern", "Rome", "Rome"],
            "sex": ["f", "m", "f", "m", None],
            "when": ["2020-01-01", "2020-07-02", "2021-01-01", "2022-01-01", "2023-01-01"],
        }
    )
    linear = settings(hidden_widths=(), validation=None)  # nothing is bent
    model = train_model(linear, table, [1.0, 2.0, 3.0, 4.0, 5.0])
    told = {origin.name: (origin.value, origin.how) for origin in trace(model, table, row=5).origins()}
    assert told["size"][0] == "missing"
    assert told["size"][1] == "missing, the mean stands for it: (2.5 − 2.5) / 1.5 = 0"
    assert told["size is missing"][1].startswith("it is missing, 1: ")
    assert told["city=Rome"][1].startswith("yes, 1: ")
    assert told["city=Oslo"][1].startswith("no, 0: ")
    assert told["sex=f/m"] == ("missing", "missing or unknown, 0: 0 / 2 = 0")
    assert told["when (year)"][1].startswith("the year is 2023: (2023 − 20")


@given(st.data())
def test_what_is_shown_of_a_sum_and_what_is_not_make_it_up(data):
    k = data.draw(st.integers(1, 12))
    numbers = arrays(np.float64, k, elements=st.integers(-100, 100).map(float))
    w, a, b = data.draw(numbers), data.draw(numbers), float(data.draw(st.integers(-9, 9)))
    raws = tuple(data.draw(st.lists(st.sampled_from("xyz"), min_size=k, max_size=k)))
    parts = Contributions("Z[1] unit 1", tuple(f"input {j}" for j in range(k)), raws, w, a, b)
    part, shown = Sum("", parts), data.draw(st.integers(0, 14))
    lines = [float(cells[-1].replace("−", "-")) for cells in (*part.cells(shown), *part.foot(shown))]
    exact = w @ a + b
    assert sum(parts.by_column().values()) + b == parts.total == exact
    assert sum(lines[:-1]) == pytest.approx(exact, abs=1e-3 * np.abs(lines).sum())  # each is written with four digits
    assert lines[-1] == pytest.approx(exact, rel=1e-3)
