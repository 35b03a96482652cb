"""``gradatim report`` and ``gradatim cite``; and ``fit --no-report``."""

from __future__ import annotations

import json

QUICK = ("--rungs", "constant,linear", "--folds", "1")


def test_fit_leaves_a_report_and_report_makes_it_again(cli, own_folder):
    assert cli("fit", "sample:iris", "--out", "run", *QUICK)[0] == 0
    page = own_folder / "run/report.html"
    written = page.read_bytes()
    page.unlink()
    status, out, _ = cli("report", "run")
    assert (status, out) == (0, "run/report.html\n")
    assert page.read_bytes() == written
    assert cli("report", "run", "--out", "page.html")[1] == "page.html\n"
    assert (own_folder / "page.html").read_bytes() == written
    assert b"gradatim fit sample:iris --target species --rungs constant,linear --folds 1" in written


def test_no_report_writes_none(cli, own_folder):
    assert cli("fit", "sample:iris", "--out", "run", "--no-report", *QUICK)[0] == 0
    assert not list((own_folder / "run").glob("report*"))
    assert cli("report", "run")[0] == 0
    assert "species" in (own_folder / "run/report.html").read_text(encoding="utf-8")


def test_what_is_no_run_is_refused(cli, own_folder):
    status, out, err = cli("report", ".")
    assert (status, out) == (2, "")
    assert err.startswith("RUN must be the folder of a run. Got '.', which holds no metrics.json.")
    cli("fit", "sample:iris", "--out", "run", *QUICK)
    (own_folder / "run/report.json").write_text(json.dumps({"format": 1}))
    status, _, err = cli("report", "run")
    assert status == 2
    assert "The facts of a report must be what gradatim wrote." in err


def test_cite_prints_the_papers(cli):
    cli("fit", "sample:iris", "--out", "run", *QUICK)
    status, out, _ = cli("cite", "run")
    assert status == 0
    assert "Liu & Nocedal 1989" in out
    assert "Breiman, Friedman, Olshen & Stone 1984" in out
    of_a_file = cli("cite", "run/model.safetensors")[1]
    assert "Liu & Nocedal 1989" in of_a_file
    assert "Breiman" not in of_a_file
    assert cli("cite", "no such model")[0] == 2
