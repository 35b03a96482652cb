"""Columns of any size, twice the same, or too good to be true."""

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from tests.glass.doctor.patients import blobs, found, named, trained

SMALL = {"hidden_widths": (8,), "max_epochs": 3}


def table(m=300, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=m)
    return pl.DataFrame(
        {
            "metres": x,
            "noise": rng.normal(size=m),
            "city": rng.choice(["Rome", "Oslo", "Bonn"], m),
            "y": x + 0.5 * rng.normal(size=m),
        }
    )


def examined(frame, **settings):
    model = gd.NetworkRegressor("plain", random_state=0, **{**SMALL, **settings}).fit(frame.drop("y"), frame["y"])
    return gd.examine(model.model_, frame)


def test_raw_columns_are_named_with_mean_and_deviation():
    model, examples = trained("concrete", encoding=None, **SMALL)
    (one,) = named(gd.examine(model, examples.table, examples.y), "unscaled inputs")
    X = examples.table.matrix(examples.table.names)
    sizes = np.sqrt(np.mean(X**2, axis=0))
    k = int(sizes.argmax())
    assert one.measured["largest"] == pytest.approx(sizes[k], rel=1e-6)
    assert one.measured["inputs"] == np.sum(sizes > 10)
    assert repr(examples.table.names[k]) in one.evidence
    assert f"mean {X[:, k].mean():.3g} and deviation {X[:, k].std():.3g}" in one.evidence
    assert 'encoding="auto"' in one.remedy
    assert "unscaled inputs" not in found("concrete", **SMALL).names


def test_pixels_of_a_course_network_are_divided_by_255():
    rng = np.random.default_rng(0)
    X, Y = rng.integers(0, 256, (12, 100)).astype(float), rng.integers(0, 2, (1, 100)).astype(float)
    X[0, 0], X[0, 1] = 0, 255
    net = gd.Network([12, 3, 1])
    assert named(gd.examine(net, X, Y), "unscaled inputs")[0].remedy == "Scale them: X / 255."
    assert "unscaled inputs" not in gd.examine(net, X / 255, Y).names
    assert "All 12 inputs" in named(gd.examine(net, X / 1e5, Y), "unscaled inputs")[0].evidence


def test_a_line_that_is_solved_scales_for_itself():
    names = found("concrete", hidden_widths=(), optimizer="lbfgs", encoding=None, validation=None).names
    assert "unscaled inputs" not in names


def test_units_and_names_of_values_do_not_hide_a_copy():
    frame = table().with_columns(
        feet=pl.col("metres") * -3.2808 + 7, stadt=pl.col("city").replace({"Rome": "Rom", "Bonn": "A"})
    )
    (one,) = named(examined(frame), "duplicated columns")
    assert "'metres' = 'feet'" in one.evidence
    assert "'city' = 'stadt'" in one.evidence
    assert one.remedy == 'Keep one of each: ignore="feet" and ignore="stadt".'
    assert one.measured == {"columns": 2}
    assert not examined(table(), max_epochs=30)


def test_columns_that_are_nearly_the_same_are_two():
    frame = table().with_columns(nearly=pl.col("metres") + 1e-3 * pl.col("noise"))
    assert "duplicated columns" not in examined(frame).names


def test_rows_of_x_that_are_the_same():
    X, Y = blobs()
    net = gd.Network([5, 3, 1])
    (one,) = named(gd.examine(net, np.vstack([X, 2 * X[:1] + 1]), Y), "duplicated columns")
    assert "'row 1 of X' = 'row 5 of X'" in one.evidence


def test_gaps_that_come_together_are_no_copies():
    """Two numbers that lack in the same rows have equal marks of missing; the columns differ."""
    lacking = pl.int_range(pl.len()) % 10 == 0
    frame = table().with_columns(pl.when(~lacking).then(pl.col("metres", "noise")))
    assert "duplicated columns" not in examined(frame).names


def test_a_column_that_gives_the_target_away():
    frame = table().with_columns(later=pl.col("y") * 2 + 1)
    (one,) = named(examined(frame), "leaking columns")
    assert one.evidence == "'later' alone predicts 'y' (rank correlation 1.0000)."
    assert one.remedy == 'If not known at prediction time: ignore="later".'
    assert one.severity == "serious"
