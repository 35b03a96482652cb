"""The benchmarks run by hand; here only that they still can, and that they measure what they say."""

import json
import os
import sys

import numpy as np
import polars as pl
import pytest

from benchmarks import mlp_pipeline, tables
from benchmarks.command_line import NotAsPromised, check
from benchmarks.processes import ran
from benchmarks.sources import Source, sources_in, split_of
from benchmarks.standings import markdown

processes = pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system cannot say what a process took")


@pytest.fixture
def folder(tmp_path):
    """A folder like the shared one: a table of numbers, and one that is none."""
    x = np.random.default_rng(0).normal(size=(80, 2))
    pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x.sum(axis=1)}).write_parquet(tmp_path / "line.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1, or so it says")
    manifest = "file,task,target\nline.parquet,regression,y\nbroken.parquet,binary,y\nmissing.parquet,binary,y\n"
    (tmp_path / "manifest.csv").write_text(manifest, encoding="utf-8")
    return tmp_path


@processes
def test_a_folder_is_measured_once_and_what_fails_is_said(folder, capsys, monkeypatch):
    """Every command is run; a second time only on what failed, or was cut off while it was written."""
    results = folder / "results.jsonl"
    asked = ["--data", str(folder), "--results", str(results)]
    tables.main(asked)
    found = {line["table"]: line for line in map(json.loads, results.read_text(encoding="utf-8").splitlines())}
    assert {name: "error" in line for name, line in found.items()} == {"broken": True, "line": False}
    assert "gradatim fit ended with 2" in found["broken"]["error"]
    assert found["line"]["ours"]["rmse"] < 0.1
    assert set(found["line"]["seconds"]) == {"fit", "predict", "evaluate", "mlp"}
    page = capsys.readouterr().out
    assert "| line | 80 × 2 |" in page
    assert "1 of 2 did all they must. Failed:\n\n- broken: " in page
    again = []
    monkeypatch.setattr(tables, "measured", lambda source, **_: again.append(source.name) or found[source.name])
    with results.open("a", encoding="utf-8") as file:
        file.write('{"table": "cut o\n')
    tables.main(asked)
    assert again == ["broken"]


@processes
def test_memory_is_that_of_the_command_and_not_of_who_starts_it():
    """This process has NumPy, Polars and scikit-learn; a Python that does nothing has not."""
    nothing = ran([sys.executable, "-I", "-S", "-c", "raise SystemExit(3)"])
    much = ran(
        [sys.executable, "-I", "-S", "-c", "b = bytearray(100_000_000); b[::4096] = bytes([1]) * len(b[::4096])"]
    )
    assert nothing.status == 3
    assert nothing.peak_megabytes < 40
    assert 100 < much.peak_megabytes < 140


def rivals_scores(frame, task, tmp_path, capsys):
    frame.write_parquet(tmp_path / "table.parquet")
    mlp_pipeline.main([str(tmp_path / "table.parquet"), "--target", "y", "--task", task])
    return json.loads(capsys.readouterr().out)


def test_the_rival_is_scored_on_the_rows_that_test(tmp_path, capsys):
    """What it learned from the other rows is off by 100 in these, and in these alone."""
    x = np.random.default_rng(0).uniform(size=100)
    y = x.copy()
    y[split_of(pl.Series(y), "regression", 0).test] += 100
    scores = rivals_scores(pl.DataFrame({"x": x, "y": y}), "regression", tmp_path, capsys)
    assert scores["rmse"] == pytest.approx(100, abs=1)


def test_the_rival_takes_texts_and_what_is_missing(tmp_path, capsys):
    """Labels that follow from a category are learned; a row without a label is left out."""
    kinds = ["u", "v", None, "u"] * 50
    labels = [{"u": "yes", "v": "no", None: "maybe"}[kind] for kind in kinds]
    frame = pl.DataFrame({"c": kinds, "x": [1.0, None, 2.0, 3.0] * 50, "y": [None, *labels[1:]]})
    assert rivals_scores(frame, "classification", tmp_path, capsys)["accuracy"] == 1


@pytest.fixture
def promise(tmp_path):
    """Ten rows of numbers, predicted with an error of 1 in each: what all three commands should say of it."""
    given = pl.DataFrame({"x": np.arange(10.0), "y": np.arange(10.0)})
    given.write_parquet(tmp_path / "ten.parquet")
    source = Source("ten", tmp_path / "ten.parquet", "regression", "y")
    said = {"rows": {"train": 6, "validation": 2, "test": 2}, "test": {"rmse": 1.0}}
    return source, said, {"rows": 10, "test": {"rmse": 1.0}}, given.with_columns(y_predicted=pl.col("y") + 1)


def test_answers_that_agree_pass(promise):
    check(*promise, seed=0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (pl.col("y_predicted").fill_null(1e6).clip(upper_bound=9), "rmse of evaluate is 0.9486"),  # √(9/10)
        (pl.lit(None, pl.Float64).alias("y_predicted"), "every row is predicted. Got 10"),
        (pl.lit(float("inf")).alias("y_predicted"), "every number is finite. Got 10"),
        (pl.col("x").reverse(), "rows and their order"),
    ],
)
def test_predictions_that_do_not_agree_are_named(promise, wrong, message):
    source, metrics, evaluation, predictions = promise
    with pytest.raises(NotAsPromised, match=message):
        check(source, metrics, evaluation, predictions.with_columns(wrong), seed=0)


def test_a_score_that_is_not_of_the_test_rows_is_named(promise):
    source, metrics, evaluation, predictions = promise
    with pytest.raises(NotAsPromised, match=r"rmse of fit is 1.0. Got 0\.5"):
        check(source, metrics | {"test": {"rmse": 0.5}}, evaluation, predictions, seed=0)


def test_sources_are_those_of_the_manifest_that_are_there(tmp_path):
    """Tables come first. Pictures have options of their own; the course's are found beside the folder."""
    beside = tmp_path / "data"
    beside.mkdir()
    for name in ("dots.npz", "line.parquet", "course/train_catvnoncat.h5", "course/test_catvnoncat.h5"):
        path = tmp_path / name if "course" in name else beside / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    manifest = "file,task,target\ndots.npz,image-binary,y\nline.parquet,regression,y\nmissing.parquet,binary,y\n"
    (beside / "manifest.csv").write_text(manifest, encoding="utf-8")
    found = sources_in(beside)
    assert {name: source.pictures for name, source in found.items()} == {
        "line": False,
        "dots": True,
        "train_catvnoncat": True,
    }
    assert next(iter(found)) == "line"
    assert (found["line"].task, found["line"].target) == ("regression", "y")
    assert found["train_catvnoncat"].options[-2:] == ("--test", str(tmp_path / "course" / "test_catvnoncat.h5"))


def test_the_page_says_what_the_ratios_come_to():
    """Errors of 1 against 2 and of 8 against 1: the geometric mean is √(½·8) = 2, the median 4.25."""
    took = dict.fromkeys(("fit", "predict", "evaluate", "mlp"), 3.0)
    figures = {"seconds": took, "cpu_seconds": took, "peak_megabytes": took}
    about = {"task": "regression", "rows": 1000, "columns": 5, "chosen": "deep", **figures}
    results = [
        {"table": "a", "ours": {"rmse": 1.0}, "mlp": {"rmse": 2.0}, **about},
        {"table": "b", "ours": {"rmse": 8.0}, "mlp": {"rmse": 1.0}, **about},
        {"table": "c", "error": "fell over"},
    ]
    page = markdown(results)
    assert "better on 1. Ratio of errors: geometric mean 2.000, median 4.250." in page
    assert "| a | 1,000 × 5 | deep | rmse | 1 | 2 | 0.500 | 3.0 | 3.0 | 3 | 3 |" in page
    assert "| mlp | 6.0 | 3.00 | 6.0 | 3.00 | 3 | 3 |" in page
    assert "- c: fell over" in page
