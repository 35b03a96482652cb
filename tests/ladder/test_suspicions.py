"""Columns that give the target away, rows that come again, classes that nothing measures; and silence elsewhere."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from gradatim.ladder.leaks import _ranks, leaks
from gradatim.ladder.splits import Split, split_rows
from gradatim.ladder.suspicions import suspicions
from gradatim.tables import Table, TableEncoder, read_sample
from gradatim.tables.examples import Examples

rng = np.random.default_rng(0)
Y = rng.normal(size=400)
LABELS = np.where(Y > 0.3, "yes", "no")


def found(columns, y, *, classes, target="y", split=None, **how):
    table = Table.from_any(columns)
    split = split or split_rows(table.n_rows)
    encoder = TableEncoder.fit(table, split.train)
    return suspicions(table, pl.Series(target, y), split, encoder.columns, target=target, classes=classes, **how)


# --- leaks ---


def test_ranks_are_scipys():
    """SciPy's take half a second to load."""
    X = np.round(rng.normal(size=(200, 4)), 1)
    X[:4, 0] = [0.0, -0.0, np.inf, -np.inf]
    np.testing.assert_array_equal(_ranks(X), rankdata(X, axis=0))
    assert _ranks(X[:, :0]).shape == (200, 0)


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (Y * 1.1 + 3, "alone predicts 'y' (rank correlation 1.0000)"),
        (-np.exp(Y), "alone predicts 'y' (rank correlation 1.0000)"),
        (np.round(Y, 2), "alone predicts 'y' (rank correlation 1.0000)"),
        (np.where(np.arange(400) % 5, Y, np.nan), "alone predicts 'y' (rank correlation 1.0000)"),
        (Y, "equals 'y'"),
    ],
)
def test_a_number_that_gives_a_number_away(column, says):
    noise = rng.normal(size=400)
    assert found({"noise": noise, "x": column}, Y, classes=False) == (
        f"'x' {says}. If it is not known at prediction time, leave it out with ignore=\"x\".",
    )


def test_a_category_that_gives_a_number_away():
    towns = np.arange(400) % 8
    said = found({"town": [f"town {k}" for k in towns]}, np.sqrt(towns), classes=False, target="income")
    assert said[0].startswith("'town' alone predicts 'income' (its values leave hardly any variance)")
    assert found({"town": [f"town {k}" for k in towns]}, towns + 0.3 * Y, classes=False) == ()


@pytest.mark.parametrize(
    ("column", "how"),
    [
        (Y, "one range of its numbers for each class"),
        (np.where(LABELS == "yes", 7, 3), "each of its values stands with one class"),
        ([f"{label} {k % 5}" for k, label in enumerate(LABELS)], "each of its values stands with one class"),
        (np.where(LABELS == "yes", rng.normal(size=400), np.nan), "whether it is missing tells the class"),
    ],
)
def test_a_column_that_gives_classes_away(column, how):
    assert found({"x": column}, LABELS, classes=True) == (
        f"'x' alone predicts 'y' ({how}). If it is not known at prediction time, leave it out with ignore=\"x\".",
    )


def test_codes_of_classes_in_any_order_give_them_away():
    classes = rng.integers(0, 5, 400)
    said = found({"code": np.array([30, 10, 50, 20, 40])[classes]}, [f"class {k}" for k in classes], classes=True)
    assert "each of its values stands with one class" in said[0]
    assert "'same' equals 'y'" in found({"same": LABELS}, LABELS, classes=True)[0]


def test_a_column_that_is_only_good_is_not_named():
    good = Y + 0.1 * rng.normal(size=400)
    assert found({"good": good}, Y, classes=False) == ()
    assert found({"good": good}, LABELS, classes=True) == ()
    wrong = np.where(np.arange(400) % 50, LABELS, "no")
    assert 2 <= np.sum(wrong != LABELS) <= 8
    assert found({"nearly": wrong}, LABELS, classes=True) == ()


def test_chance_is_not_named():
    """Names that hardly come again, a minority of nine rows, and thirty rows."""
    names = [f"name {k // 2}" for k in range(400)]
    assert found({"names": names}, rng.normal(size=400), classes=False) == ()
    for rows, positive in ((400, 9), (30, 15)):
        x = rng.permutation(rows).astype(float)
        assert not [line for line in found({"x": x}, x < positive, classes=True) if "predicts" in line]


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(2, 6), st.booleans())
def test_noise_is_never_named(seed, levels, classes, texts):
    draw = np.random.default_rng(seed)
    x = draw.integers(0, levels, 200)
    y = draw.integers(0, classes, 200)
    columns = {"x": x.astype(str) if texts else x, "z": draw.normal(size=200)}
    assert not [line for line in found(columns, y, classes=True) if "predicts" in line or "equals" in line]
    assert not found(columns, draw.normal(size=200), classes=False)


def test_the_flowers_are_innocent():
    """Petals tell one species from the others, and not all three apart."""
    table = read_sample("iris")
    columns = TableEncoder.fit(table.drop(["species"])).columns
    assert not leaks(table.drop(["species"]), table.column("species"), np.arange(150), columns, classes=True)


def test_five_are_spelt_out():
    said = found({f"x{k}": Y * (k + 1) for k in range(8)}, Y * 0.5, classes=False)
    assert len(said) == 6
    assert said[5] == "So do 3 other columns: 'x5', 'x6', 'x7'."


def test_only_training_rows_are_looked_at():
    """The copy is spoilt in rows that train, and would be none without them."""
    split = split_rows(400)
    copy = Y.copy()
    copy[split.train] = rng.normal(size=len(split.train))
    assert found({"x": copy}, Y, classes=False, split=split) == ()
    copy = rng.normal(size=400)
    copy[split.train] = Y[split.train]
    assert len(found({"x": copy}, Y, classes=False, split=split)) == 1


def test_columns_that_are_not_read_are_not_named():
    assert found({"name": [f"row {y:.9f}" for y in Y], "x": rng.normal(size=400)}, Y, classes=False) == ()


def test_each_of_several_targets():
    table = Table.from_any({"x": Y, "z": rng.normal(size=400)})
    split = split_rows(400)
    y = pl.DataFrame({"a": Y * 2, "b": rng.normal(size=400)})
    said = suspicions(table, y, split, TableEncoder.fit(table).columns, target="a, b", classes=False)
    assert [line.split(" (")[0] for line in said] == ["'x' alone predicts 'a'"]


# --- rows that come again ---


def _all(n_rows):
    """Every tenth row chooses, the next one tests, the others train."""
    place = np.arange(n_rows) % 10
    return Split(np.flatnonzero(place > 1), np.flatnonzero(place == 0), np.flatnonzero(place == 1))


def _copied(rows, copies):
    """Rows of two halves of a table (block and frame), of which the first test rows are copies of training rows."""
    block, frame = rng.normal(size=(rows, 3)), pl.DataFrame({"town": rng.integers(0, 9, rows).astype(str)})
    to, of = np.arange(1, rows, 10)[:copies], np.arange(2, rows, 10)[:copies]
    block[to] = block[of]
    frame = frame.with_columns(pl.Series("town", _with(frame["town"].to_numpy(), to, of)))
    return Table(frame, block, ("a", "b", "c")), to, of


def _with(values, to, of):
    values = values.copy()
    values[to] = values[of]
    return values


def test_copies_are_counted():
    table, to, of = _copied(200, 8)
    y = _with(rng.normal(size=200), to, of)
    assert found(table, y, classes=False, split=_all(200)) == (
        "8 of 40 rows that validate or test (20.0%) stand among the training rows too, the same in every column that "
        "is read. There the target is the same too: a score there measures memory. If they are copies, leave them out, "
        'and if a column says what belongs together, name it with group="COLUMN".',
    )
    y[to[:3]] += 1.0
    said = found(table, y, classes=False, split=_all(200), grouped=True)[0]
    assert "In 5 of them the target is the same too" in said
    assert said.endswith("If they are copies, leave them out.")


def test_equal_rows_of_other_targets_are_no_copies():
    table, *_ = _copied(200, 8)
    assert found(table, rng.normal(size=200), classes=False, split=_all(200)) == ()


def test_few_values_make_equal_rows():
    """Two columns of three values: no row is new, and none is a copy."""
    table = {"a": rng.integers(0, 3, 300), "b": rng.integers(0, 3, 300)}
    assert found(table, rng.integers(0, 2, 300), classes=True) == ()
    table, to, of = _copied(200, 4)
    assert found(table, _with(Y[:200], to, of), classes=False, split=_all(200)) == ()


def test_one_picture_that_comes_again_is_named():
    pictures = rng.integers(0, 256, (40, 12)).astype(np.uint8)
    pictures[1] = pictures[2]
    names = tuple(f"p{k}" for k in range(12))
    table = Table(pl.DataFrame(), pictures, names, image_shape=(2, 2, 3))
    said = found(table, ["cat"] * 20 + ["dog"] * 20, classes=True, split=_all(40))
    assert said[0].startswith("1 of 8 pictures that validate or test (12.5%) stands among the training pictures too")


# --- a test table of its own ---


def _tested(columns, y, own, own_y, *, split=None, target="y"):
    """Only what is said of the test table."""
    said = found(columns, y, classes=False, split=split or _all(len(y)), own_test=Examples.of(own, own_y, name=target))
    return [line for line in said if "test table" in line]


def test_training_rows_in_a_test_table_are_counted_whatever_their_type():
    """Training rows are those that end in 2 to 9: of rows 0 to 49 there are 40, beside 50 new rows."""
    x, k, y = np.arange(200), np.arange(200).astype(str), np.round(rng.normal(size=200), 3)
    columns = {"x": x, "k": [f"k{i}" for i in k], "unread": [f"row number {i}" for i in k]}
    own = {"k": [f"k{i}" for i in range(50)] + ["new"] * 50, "x": np.r_[0:50, 900:950].astype(float)}
    own_y = np.r_[y[:50], np.zeros(50)]
    read = {name: columns[name] for name in ("x", "k")}
    assert _tested(read, y, own, own_y) == [
        "40 of 100 rows of the test table (40.0%) stand among the training rows too, the same in every column that is "
        "read. There the target is the same too: a score there measures memory. If they are copies, leave them out of "
        "one of the two."
    ]
    assert _tested(read, y, own, np.r_[y[:40], np.zeros(60)])[0].count("In 32 of them the target is the same too") == 1
    assert _tested(read, y, own, own_y + 1.0) == []
    assert _tested(read, y, {**own, "x": own["x"] + 0.5}, own_y) == []


def test_few_training_rows_in_a_test_table_are_no_copies():
    """Four rows are too few, five of 500 are enough, five of 501 are not; nor are rows of few values."""
    x, y = np.arange(2000.0), np.round(rng.normal(size=2000), 3)
    for copies, new, named in ((4, 0, False), (5, 495, True), (5, 496, False)):
        rows = np.arange(2, 2 + copies)
        own, own_y = np.r_[x[rows], 9000.0 + np.arange(new)], np.r_[y[rows], np.zeros(new)]
        assert bool(_tested({"x": x}, y, {"x": own}, own_y)) is named
    few = np.arange(200) % 3
    assert _tested({"x": few}, few * 1.0, {"x": few[:100]}, few[:100] * 1.0) == []


def test_the_same_table_as_a_test_table_is_said_plainly():
    x, y = rng.normal(size=(60, 2)), rng.normal(size=60)
    same = "The test table is the same as the data, row for row: its scores measure memory. "
    for own in (x, x.astype(np.float64, order="F")):
        assert _tested(x, y, own, y)[0].startswith(same)
    assert _tested(x, y, x[::-1], y[::-1])[0].startswith("48 of 60 rows of the test table (80.0%) stand among")
    assert _tested({"x": x[:, 0]}, y, {"x": x[:, 0]}, y)[0].startswith(same)


# --- classes and dates ---


def test_classes_that_nothing_measures():
    y = ["a"] * 40 + ["b"] * 40 + ["only", "c", "c", "d", "d"]
    split = split_rows(85, y, seed=0)
    x = rng.normal(size=85)
    said = found({"x": x}, y, classes=True, split=Split(np.r_[0:30, 40:70, 80:82, 83], np.r_[30:35, 82], np.r_[35:40]))
    assert said == (
        "Class 'only' of 'y' stands in one row only: what is learned of it is measured nowhere.",
        "Classes 'b', 'd' of 'y' have no row among those that choose between rungs.",
        "Classes 'b', 'c', 'd' of 'y' have no row among those that test.",
    )
    assert found({"x": x}, y, classes=True, split=split)[0] == said[0]


def test_many_rare_classes_are_cut():
    y = ["a"] * 93 + [f"b{k}" for k in range(7)]
    said = found({"x": rng.normal(size=100)}, y, classes=True)
    assert said[0].startswith("Classes 'b0', 'b1', 'b2', 'b3', 'b4' and 2 more of 'y' stand in one row only")


def test_dates_make_a_random_split_doubtful():
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(days=k) for k in range(60)]
    columns = {"when": days, "x": rng.normal(size=60)}
    y = rng.normal(size=60)
    assert found(columns, y, classes=False) == (
        "'when' holds dates. If rows were gathered in their order, a random split lets the network see the future: "
        'order="when" tests on the last rows.',
    )
    assert found(columns, y, classes=False, ordered=True) == ()
    assert found(columns, y, classes=False, grouped=True) == ()
    assert found({**columns, "when": days[:20] * 3}, y, classes=False) == ()


def test_dates_in_parts_make_a_random_split_doubtful():
    month = np.arange(60)
    columns = {"Year": 2000 + month // 12, "x": rng.normal(size=60), "MONTH": 1 + month % 12}
    y = rng.normal(size=60)
    assert found(columns, y, classes=False) == (
        "'Year' and 'MONTH' make dates. If rows were gathered in their order, a random split lets the network see the "
        'future: make them one column of dates, and order="COLUMN" tests on the last rows.',
    )
    assert found({**columns, "hour": month % 24}, y, classes=False)[0].startswith("'Year', 'MONTH' and 'hour' make")
    assert found(columns, y, classes=False, ordered=True) == ()
    assert found(columns, y, classes=False, grouped=True) == ()
    assert found({"Year": columns["Year"], "day": 1 + month % 28}, y, classes=False) == ()
    assert found({**columns, "MONTH": 1 + month % 4}, y, classes=False) == ()  # twenty of them order nothing finely
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(days=k) for k in range(60)]
    assert [line.split(" hold")[0] for line in found({**columns, "when": days}, y, classes=False)] == ["'when'"]
