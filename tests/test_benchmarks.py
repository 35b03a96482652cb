"""The benchmarks run by hand; here only that they still can."""

import json

import numpy as np
import polars as pl

from benchmarks import tables


def test_tables_are_measured_beside_scikit_learn(tmp_path, capsys):
    """One small table of each task, in a folder like the shared one."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 2))
    numbers = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x.sum(axis=1)})
    numbers.write_parquet(tmp_path / "line.parquet")
    labels = numbers.with_columns(y=pl.Series(np.where(x[:, 0] > 0, "yes", "no")), c=pl.Series(["u", "v"] * 40))
    labels.write_parquet(tmp_path / "half.parquet")
    manifest = "file,task,target\nline.parquet,regression,y\nhalf.parquet,binary,y\n"
    (tmp_path / "manifest.csv").write_text(manifest, encoding="utf-8")
    results = tmp_path / "results.jsonl"
    tables.main(["--data", str(tmp_path), "--results", str(results)])
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert {line["table"]: "error" in line for line in lines} == {"line": False, "half": False}
    assert "| line |" in capsys.readouterr().out
