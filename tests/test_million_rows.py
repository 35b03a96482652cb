"""The benchmark over a million rows is run by hand; here only that it still can be."""

from benchmarks import million_rows


def test_a_long_file_is_timed_beside_polars(tmp_path, capsys):
    """A short one will do."""
    million_rows.main([str(tmp_path), "--rows", "400", "--repeats", "1"])
    lines = capsys.readouterr().out.splitlines()
    table = {line.split("|")[1].strip(): line for line in lines if line.startswith("| ")}
    assert set(table) == {"", "polars", "read", "fit", "fit, less the optimizer"}
    assert "| 1.00 |" in table["polars"]
    assert all("GB" in table[name] for name in ("polars", "read", "fit"))
