"""What is messy is handled: exit 0, one line says what was done, and the run is right."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.tables import read_table
from tests.acceptance.commands import QUICK, ROWS, csv_text


@pytest.fixture
def fitted(cli, here):
    """Fit a table; the story that was told, and its metrics. Predictions and an evaluation must be numbers."""

    def fit(content, *options, target=("--target", "y"), name="data.csv", quick=QUICK):
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
        ended = cli("fit", name, *target, "--out", "run", *quick, *options)
        assert ended.status == 0, ended.err
        frame = predicted(cli, name)
        new = [name for name in frame.columns if name.endswith("_predicted") or name.startswith("p_")]
        assert new
        assert not any(frame.select(new).null_count().row(0))
        assert np.isfinite(frame.select(new).select(pl.selectors.numeric()).to_numpy()).all()
        assert cli("evaluate", "run", name).status == 0
        return ended.story, json.loads(Path("run/metrics.json").read_text(encoding="utf-8"))

    return fit


def predicted(cli, name):
    ended = cli("predict", "run", name)
    assert ended.status == 0, ended.err
    return pl.read_csv(io.StringIO(ended.out), infer_schema_length=None)


def some(value, others, every=9, rows=ROWS):
    """This value in every ninth row, beginning with the second."""
    return [value if i % every == 1 else others(i) for i in range(rows)]


# --- rows and values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "said"),
    [
        ("", "7 rows without y are left out."),
        ("NA", "7 rows without y are left out."),
        ("inf", "7 rows whose y is infinite are left out."),
    ],
)
def test_rows_without_a_target_are_dropped_and_counted(fitted, sign, said):
    story, metrics = fitted(csv_text(y=some(sign, lambda i: i + 0.5)))
    assert said in story
    assert sum(metrics["rows"].values()) == ROWS - 7


def test_a_class_that_is_missing_is_no_class(fitted):
    story, metrics = fitted(csv_text(y=some("", lambda i: ["no", "yes"][i % 2])))
    assert "7 rows without y are left out." in story
    assert metrics["task"] == "classification"


def test_infinities_and_1e300_count_as_missing_in_their_columns(fitted):
    z = some("-inf", lambda i: i % 7 + 0.5, every=6)
    w = some("1e300", lambda i: i % 5 + 0.25, every=4)
    story, _ = fitted(csv_text(z=z, w=w))
    said = re.search(
        r"(\d+) numbers in the training rows are infinite or beyond 1e30, and count as missing: "
        r"'z' \((\d+)\), 'w' \((\d+)\)\.",
        story,
    )
    total, *each = map(int, said.groups())
    assert total == sum(each)
    assert 0 < each[0] <= 10
    assert 0 < each[1] <= 15
    assert "Missing numbers take the mean of the training rows, and a column marks them: 'z', 'w'." in story


def test_columns_without_a_value_and_constant_ones_are_dropped(fitted):
    quick = ("--rungs", "constant,linear", "--choose", "linear")
    story, _ = fitted(csv_text(gap=[""] * ROWS, seven=[7] * ROWS, planet=["Earth"] * ROWS), quick=quick)
    assert "Left out 'gap' (it has no value in any training row), 'seven' (it is 7 in every training row)" in story
    assert "'planet' (it is Earth in every training row)." in story
    assert gd.load("run/model.safetensors").encoder.inputs == ("x", "k")


@pytest.mark.parametrize("row", [1, 9, 30, 60])
def test_a_text_among_numbers_counts_as_missing_with_its_row(fitted, row):
    """Whether it trains, chooses or tests: what was fitted can be predicted."""
    z = ["abc" if i + 1 == row else i + 0.5 for i in range(ROWS)]
    story, _ = fitted(csv_text(z=z), quick=("--rungs", "linear"))
    assert f"'z' holds numbers and 1 other text ('abc', row {row}), read as missing." in story


def test_five_thousand_columns(fitted):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 5000)).round(3)
    frame = pl.DataFrame(X, schema=[f"c{j}" for j in range(5000)]).with_columns(y=pl.Series(X[:, 0] * 2 + 1))
    _, metrics = fitted(frame.write_csv().encode(), quick=("--rungs", "constant,linear", "--quiet"))
    assert metrics["rungs"][1]["parameters"] == 5001
    assert np.isfinite(metrics["test"]["rmse"])


def test_a_category_with_a_hundred_thousand_levels(fitted):
    rows = 200_000
    frame = pl.DataFrame({"x": np.arange(rows) % 17, "k": [f"L{i // 2}" for i in range(rows)]})
    frame = frame.with_columns(y=pl.col("x") * 2 + 0.5)
    story, metrics = fitted(frame.write_csv().encode(), quick=("--rungs", "constant,linear"))
    assert "levels: the 100 most frequent are kept, the others count as unknown." in story
    assert metrics["rungs"][1]["parameters"] == 1 + 100 + 1
    assert metrics["test"]["r2"] > 0.99


def test_as_many_levels_as_rows_name_the_rows(fitted):
    story, _ = fitted(csv_text(name=[f"L{i}" for i in range(ROWS)]))
    assert "Left out 'name'. It names the rows: 38 of 38 texts differ, such as 'L" in story


# --- how it is written -----------------------------------------------------------------------------------------------

TOWNS = ["Zürich", "Genève", "Bern"] * 20
WRITTEN = {
    "BOM": ("utf-8-sig", b"", "The file is UTF-8, with its mark."),
    "UTF-16, little end first": ("utf-16-le", b"\xff\xfe", "The file is UTF-16."),
    "UTF-16, big end first": ("utf-16-be", b"\xfe\xff", "The file is UTF-16."),
    "Latin-1": ("latin-1", b"", "The file is not UTF-8: read as Windows-1252. Check letters such as é and ß."),
    "Windows-1252": ("cp1252", b"", "The file is not UTF-8: read as Windows-1252. Check letters such as é and ß."),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_letters_of_any_encoding(fitted, cli, case):
    encoding, mark, said = WRITTEN[case]
    story, _ = fitted(mark + csv_text(k=TOWNS).encode(encoding))
    assert said in story
    assert predicted(cli, "data.csv")["k"].to_list() == TOWNS


def test_a_decimal_comma(fitted, cli):
    text = csv_text(separator=";", x=[f"{i},5" for i in range(ROWS)], y=[f"{2 * i},25" for i in range(ROWS)])
    story, _ = fitted(text)
    assert "Columns are separated by semicolons, and the decimal sign is a comma." in story
    assert "1 number, 1 category" in story
    assert predicted(cli, "data.csv")["y"].to_list()[:2] == [0.25, 2.25]


@pytest.mark.parametrize(
    ("texts", "first", "value"),
    [
        ([f"${i}.50" for i in range(ROWS)], "$0.50", 0.5),
        ([f'"${i + 1},200"' for i in range(ROWS)], "$1,200", 1200.0),
        ([f"{i} %" for i in range(ROWS)], "0 %", 0.0),
        ([f'"{i + 1},234,567"' for i in range(ROWS)], "1,234,567", 1234567.0),
        ([f"-{i + 1} €" for i in range(ROWS)], "-1 €", -1.0),
    ],
)
def test_money_and_per_cent_are_numbers(fitted, texts, first, value):
    story, _ = fitted(csv_text(z=texts))
    assert f"'z' holds amounts such as '{first}', read as numbers." in story
    assert "2 numbers, 1 category" in story
    assert read_table("data.csv").column("z")[0] == value


def test_dollars_beside_euros_are_no_numbers(fitted):
    story, _ = fitted(csv_text(z=[f"{'$€'[i % 2]}{i % 9}" for i in range(ROWS)]))
    assert "1 number, 2 categories" in story


def test_leading_zeros_are_kept(fitted):
    story, _ = fitted(csv_text(zip=[f"0{i % 5}12" for i in range(ROWS)]))
    assert "Leading zeros are kept, as texts: 'zip' ('0012')." in story
    assert "1 number, 2 categories" in story


def test_leading_zeros_of_a_number_are_lost_and_that_is_said(fitted):
    codes = [f"0{i % 5}12" for i in range(ROWS)]
    story, _ = fitted(csv_text(zip=codes), "--kind", "zip=number")
    assert "Leading zeros of 'zip' are lost, because it is read as a number." in story
    assert "are kept" not in story
    story, _ = fitted(
        csv_text(zip=codes, code=codes, tel=codes), "--kind", "zip=number", "--kind=tel=number", "--replace"
    )
    assert "Leading zeros are kept, as texts: 'code' ('0012')." in story
    assert "Leading zeros of 'zip' and 'tel' are lost, because they are read as numbers." in story


def test_whole_numbers_that_are_too_long_keep_their_digits(fitted):
    cards = [str(10**21 + i % 3) for i in range(ROWS)]
    story, _ = fitted(csv_text(card=cards))
    assert f"'card' holds whole numbers too long for a number, such as '{10**21}': they stay texts." in story
    assert "1 number, 2 categories" in story
    assert read_table("data.csv").column("card").to_list() == cards
    story, _ = fitted(csv_text(card=cards), "--kind", "card=number", "--replace")
    assert "number: card. You said so." in story


# --- rows to predict -------------------------------------------------------------------------------------------------


def test_unseen_categories_are_named_with_what_they_may_have_meant(fitted, cli):
    fitted(csv_text(k=["Rome", "Oslo", "Bern"] * 20), quick=("--rungs", "linear"))
    Path("new.csv").write_text("x,k\n1,Roma\n2,Oslo\n3,\n", encoding="utf-8")
    ended = cli("predict", "run", "new.csv")
    assert ended.status == 0
    assert ended.err == ("'k': 1 row holds 'Roma', which training never saw: read as missing. Did you mean 'Rome'?\n")


def test_extra_columns_and_the_target_are_not_predicted_from(cli, here):
    Path("data.csv").write_text(csv_text(), encoding="utf-8")
    assert cli("fit", "data.csv", "--target", "y", "--out", "run", *QUICK, "--choose", "linear").status == 0
    rows = {"x": [1, 2], "k": ["a", "b"]}
    pl.DataFrame(rows).write_csv("plain.csv")
    pl.DataFrame({"note": ["p", "q"], **rows, "y": [7.5, None]}).write_csv("more.csv")
    plain, more = cli("predict", "run", "plain.csv"), cli("predict", "run", "more.csv")
    assert plain.err == ""
    assert more.err == "Not predicted from: 'note', 'y' (the target).\n"
    values = [pl.read_csv(io.StringIO(ended.out))["y_predicted"].to_list() for ended in (plain, more)]
    assert values[0] == values[1]


# --- what the user says ----------------------------------------------------------------------------------------------

VISITS = csv_text(
    id=list(range(ROWS)),
    patient=[i // 4 for i in range(ROWS)],
    day=[f"2024-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(ROWS)],
    w=[1 + i % 2 for i in range(ROWS)],
    answer=["no", "yes"] * 30,
)


def test_kinds_and_columns_to_ignore_are_obeyed_and_said(fitted):
    story, _ = fitted(VISITS, "--kind", "id=number", "--kind", "w=category", "--ignore", "patient")
    assert "number: id. You said so." in story
    assert re.search(r"category: w( \(2\))?\. You said so\.", story)
    assert "patient" not in story.split("rung ")[0]


def test_groups_stay_together(fitted):
    _, metrics = fitted(VISITS, "--group", "patient")
    assert metrics["rows"] == {"train": 40, "validation": 8, "test": 12}


def test_the_last_rows_test_where_there_is_an_order(fitted):
    story, metrics = fitted(VISITS, "--order", "day")
    assert metrics["rows"]["test"] == 12
    assert "draws rows at random" not in story


def test_weights_weigh(fitted):
    heavy = csv_text(z=[i % 2 for i in range(ROWS)], y=[[0.5, 1.5][i % 2] for i in range(ROWS)], w=[1000, 1] * 30)
    fitted(heavy, "--weight", "w", quick=("--rungs", "constant"))
    assert gd.load("run/model.safetensors").predict({"z": [0]})[0] == pytest.approx(0.5, abs=0.01)


def test_the_positive_class_is_the_one_that_was_named(fitted, cli):
    fitted(VISITS, "--positive", "no", target=("--target", "answer"))
    assert "'no' counts as positive" in cli("evaluate", "run", "data.csv").out


def test_several_targets(fitted, cli):
    _, metrics = fitted(VISITS, target=("--target", "y", "--target", "x"))
    assert metrics["target"] == ["y", "x"]
    assert {"y_predicted", "x_predicted"} <= set(predicted(cli, "data.csv").columns)


# --- numbers that go astray ------------------------------------------------------------------------------------------


def test_a_loss_that_becomes_nan_stops_and_says_where(cli, here):
    Path("data.csv").write_text(csv_text(), encoding="utf-8")
    ended = cli(
        *("fit", "data.csv", "--target", "y", "--learning-rate", "1e30", "--rungs", "shallow", "--epochs", "3"),
        *("--activation", "relu", "--preset", "plain", "--out", "run"),
    )
    assert ended.status == 2
    assert "The loss must stay finite. It became infinite or NaN in epoch 1, step 2 of " in ended.err
    assert ", first in layer 2 of 2, the output, forward. Usual cause: --learning-rate 1e+30 is too large" in ended.err
    assert "Try --learning-rate 0.001." in ended.err
    assert not Path("run").exists()


def test_a_loss_that_becomes_nan_later_keeps_the_best_so_far(fitted, monkeypatch):
    import gradatim.training.loop as loop

    whole = loop.take_steps

    def breaks_off(engine, problem, state, data, plan, epoch, *others):
        return (state, 0.0, 1) if epoch == 3 else whole(engine, problem, state, data, plan, epoch, *others)

    monkeypatch.setattr(loop, "take_steps", breaks_off)
    quick = ("--rungs", "constant,shallow", "--epochs", "9", "--preset", "plain")
    story, metrics = fitted(csv_text(), "--choose", "shallow", quick=quick)
    assert (
        "shallow network: The loss must stay finite. It became infinite or NaN in epoch 3, step 2 of 2, where " in story
    )
    assert "Usual cause: --learning-rate 0.001 is too large. Try --learning-rate 0.0001." in story
    assert metrics["chosen"] == "shallow"


def test_the_other_rungs_are_kept_where_one_diverges_at_once(cli, here):
    Path("data.csv").write_text(csv_text(), encoding="utf-8")
    ended = cli("fit", "data.csv", "--target", "y", "--out", "run", *QUICK, "--learning-rate", "1e30")
    assert ended.status == 0


def test_kinds_are_told_where_only_the_constant_is_tried(fitted):
    story, _ = fitted(VISITS, "--kind", "id=number", quick=("--rungs", "constant"))
    assert "number: id. You said so." in story
