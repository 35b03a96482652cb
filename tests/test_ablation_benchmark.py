"""The ablation is run by hand; here that it runs with and without names of tricks, and what it makes of the errors."""

import json
from math import exp, log
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.accuracy import ablation
from benchmarks.sources import Source

TRICK = "dropout"


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Two tables of numbers. An error is 1, and with dropout left out 2 on one table, 8 on the other."""
    sources = {name: Source(name, tmp_path / name, "regression", "y") for name in ("a", "b")}
    monkeypatch.setattr(ablation, "sources_in", lambda folder: sources)

    def error(source, number, seed, threads, changes):
        without = changes == ablation.TRICKS[TRICK].without
        return {"a": 2.0, "b": 8.0}[source.name] if without else 1.0

    monkeypatch.setattr(ablation, "error_of", error)
    return ["--results", str(tmp_path / "results.jsonl")]


def records_of(asked):
    return [json.loads(line) for line in Path(asked[1]).read_text(encoding="utf-8").splitlines()]


def test_without_names_all_tricks_are_left_out_in_turn(asked, capsys):
    ablation.main(asked)
    lines = records_of(asked)
    assert len(lines) == 2 * (1 + len(ablation.TRICKS))
    assert "| dropout |  | +0.8 % | +300.0 ± 69.3 % | +0.8 % |" in capsys.readouterr().out


def test_the_change_is_the_geometric_mean_over_tables_and_its_error(asked):
    ablation.main([TRICK, *asked])
    records = records_of(asked)
    assert len(records) == 4
    ratio, error, tables = ablation.changes_of(records, TRICK, "regression")
    assert (ratio, tables) == (pytest.approx(exp((log(2) + log(8)) / 2)), 2)
    assert error == pytest.approx(np.std([log(2), log(8)], ddof=1) / np.sqrt(2))


def test_it_goes_on_where_it_was(asked, monkeypatch):
    ablation.main([TRICK, *asked])
    monkeypatch.setattr(ablation, "error_of", lambda *_: pytest.fail("measured already"))
    ablation.main([TRICK, *asked])


def test_an_unknown_trick_is_refused(asked, capsys):
    with pytest.raises(SystemExit):
        ablation.main(["luck", *asked])
    assert "TRICK must be one of" in capsys.readouterr().err


def test_tricks_are_settings(tmp_path):
    """Each can be asked for: a network is trained without it, on a table of 40 rows."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2))
    pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x.sum(axis=1)}).write_parquet(tmp_path / "t.parquet")
    source = Source("t", tmp_path / "t.parquet", "regression", "y")
    for trick in ("embedded numbers", "numbers clipped to the range of training"):
        changes = {**ablation.TRICKS[trick].without, "max_epochs": 2}
        assert 0 < ablation.error_of(source, 0, 0, 1, changes) < 5
