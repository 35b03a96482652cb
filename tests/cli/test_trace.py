"""``gradatim trace``: one row's way through a model that is kept."""

from __future__ import annotations

import io
import re

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.glass.trace.origins import number_text
from gradatim.terminal.trace import show_trace
from tests.cli.commands import LOADED, run_python


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A network of eight units, three kinds of iris."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    about = {"preset": "plain", "hidden": (8,), "epochs": 2, "rungs": "shallow", "folds": 1}
    gd.fit("sample:iris", **about, out=folder, report=False)
    return folder


def test_trace_tells_of_the_row_that_was_asked_for(cli, kept):
    status, out, err = cli("trace", kept, "sample:iris", "--row", "101")
    assert (status, err) == (0, "")
    assert out.startswith("Row 101 of sample:iris through 4 → 8 → 3 (relu, softmax)\n")
    rows = gd.load(kept).table_of("sample:iris").take([100])
    probabilities = gd.load(kept).predict_proba(rows)[0]
    assert all(number_text(p) in out for p in probabilities)
    assert f"= {gd.trace(kept, rows).cost:.4g}\n" in out  # the target is in the table
    assert f"sepal_length  {rows.column('sepal_length')[0]:g} " in out
    assert [int(l) for l in re.findall(r"^Layer (\d)", out, flags=re.MULTILINE)] == [1, 2, 2, 1]


def test_layer_and_unit_choose_what_is_told(cli, kept):
    _, out, _ = cli("trace", kept, "sample:iris", "--row", "3", "--layer", "1", "--unit", "5")
    t = gd.trace(kept, "sample:iris", row=3)
    assert "= Z[1] unit 5" in out
    assert f"{t.Z[1][4, 0]:.4g}".replace("-", "−") in out
    assert "Layer 2" not in out
    _, out, _ = cli("trace", kept, "sample:iris", "--layer", "0")
    assert "Layer 1 forward" not in out
    assert out.startswith("Row 1 of ")


def test_the_page_is_written_and_named(cli, kept, own_folder):
    assert cli("trace", kept / "model.safetensors", "sample:iris", "--row", "7", "--html", "row.html") == (
        0,
        "row.html\n",
        "",
    )
    assert [path.name for path in own_folder.iterdir()] == ["row.html"]
    page = (own_folder / "row.html").read_text(encoding="utf-8")
    assert "Row 7 of sample:iris" in page
    assert page == gd.trace(kept, "sample:iris", row=7).html()


def test_a_picture_is_traced_to_its_pixels(cli, picture_run):
    image = pytest.importorskip("PIL.Image")
    image.fromarray(picture_run[25]).save("new.png")
    status, out, _ = cli("trace", "run", "new.png")
    assert status == 0
    assert "144 numbers, a picture of 8×6×3" in out
    assert "The same by place in the picture" in out
    assert "no way back" in out
    assert f"{gd.load('run').predict_proba('new.png')[0, 1]:.4g}" in out


def test_without_its_target_a_file_has_no_way_back(cli, kept):
    pl.DataFrame(gd.load(kept).table_of("sample:iris").to_polars()).drop("species").write_csv("new.csv")
    status, out, _ = cli("trace", kept, "new.csv", "--row", "2")
    assert status == 0
    assert "do not hold 'species', the target: there is no way back." in " ".join(out.split())
    assert "The step" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--row", "151"), "row must be 1 to 150"),
        (("--row", "0"), "row must be a whole number, 1 or more. Got 0."),
        (("--layer", "3"), "layer must be 0 to 2"),
        (("--unit", "4"), "unit must be 1 to 3"),
        (("--member", "2"), "member must be 1 to 1"),
        (("--html", "nowhere/row.html"), "folder of the file to write must exist"),
    ],
)
def test_what_is_not_there_is_refused(cli, kept, own_folder, arguments, message):
    status, out, err = cli("trace", kept, "sample:iris", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert list(own_folder.iterdir()) == []


def test_data_are_not_replaced_by_the_page(cli, kept):
    gd.load(kept).table_of("sample:iris").to_polars().write_csv("data.csv")
    status, _, err = cli("trace", kept, "data.csv", "--html", "data.csv")
    assert status == 2
    assert "--html must be another file than DATA" in err
    assert pl.read_csv("data.csv").height == 150


def test_a_terminal_gets_bold_titles_and_the_same_letters(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = "Title\n  Z[1] = 2.5  [bold]not markup[/bold]\n"
    shown, piped = Terminal(), io.StringIO()
    show_trace(text, shown)
    show_trace(text, piped)
    assert piped.getvalue() == text + "\n"
    assert "\x1b[1m" in shown.getvalue()
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown.getvalue())
    assert [line.rstrip() for line in plain.splitlines()] == text.rstrip("\n").splitlines()


def test_tracing_needs_no_scikit_learn(kept):
    done = run_python(LOADED, "trace", str(kept), "sample:iris", "--layer", "2")
    status, *loaded = done.stdout.splitlines()[-1].split()
    assert status == "0"
    assert not {"sklearn", "matplotlib", "numba"} & set(loaded)


def test_rows_are_counted_from_1_as_in_the_file(kept):
    some, all_of_them = gd.trace(kept, "sample:iris", row=[150, 1]), gd.trace(kept, "sample:iris")
    assert np.array_equal(some.X, all_of_them.X[:, [149, 0]])
