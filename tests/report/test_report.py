"""The page: whole in itself, escaped, the same again from the folder alone."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import ExchangeError, InputError
from gradatim.report.facts import Facts
from gradatim.report.page import html_of
from gradatim.report.papers import papers_behind, papers_of
from gradatim.report.report import Report
from tests.report.tables import HOSTILE, MATHS, QUICK, run_with_holes


class Page(HTMLParser):
    """Tags, each closed where it should be; what is loaded or linked; ids."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.loaded, self.linked, self.ids, self.open = [], [], [], [], []
        self.feed(html)
        assert self.open == []

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in ("meta", "img"):
            self.open.append(tag)
        for name, value in attributes:
            if name in ("src", "srcset", "data", "action"):
                self.loaded.append(value)
            elif name in ("href", "xlink:href"):
                (self.loaded if tag in ("link", "image", "script") else self.linked).append(value)
            elif name == "id":
                self.ids.append(value)
            assert not name.startswith("on"), f"{name} would run"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return run_with_holes(out=folder)


def test_the_page_is_whole_in_itself(kept):
    html = (kept.folder / "report.html").read_text(encoding="utf-8")
    page = Page(html)
    assert len(html.encode()) < 1_500_000
    assert all(address.startswith("data:image/png;base64,") for address in page.loaded)
    assert all(address.startswith("#") for address in page.linked)
    assert {address.removeprefix("#") for address in page.linked} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids)), "two charts share an id"
    assert not {"script", "iframe", "link", "object", "form"} & set(page.tags)
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    assert page.tags.count("svg") == html.count('role="img"') == html.count('<title id="title-') == 8


def test_hostile_names_are_letters(kept):
    html = kept.report().html
    for raw in (HOSTILE, "<b>Rome</b>", "<no>"):
        assert raw not in html
    assert "&lt;script&gt;" in html
    assert "\x07" not in re.sub(r"(?s)<table.*?</table>", "", html)
    assert "日本" in html
    assert MATHS[:8] in html  # dollars stay dollars, in charts as well


def test_the_folder_alone_gives_the_same_bytes(kept, tmp_path):
    page = (kept.folder / "report.html").read_bytes()
    Report.of(kept.folder).save(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == page
    assert kept.report().html.encode() == page


def test_facts_stay_small_and_hold_few_rows(kept):
    text = (kept.folder / "report.json").read_text(encoding="utf-8")
    assert len(text) < 60_000
    noise = [f"{value:.5g}" for value in kept.evidence.examples.table.column("noise").to_list()]
    assert sum(value in text for value in noise) <= 8 + 2  # the worst rows, and numbers that happen to look alike


def test_facts_come_back_as_they_were(kept):
    facts = kept.report().facts
    assert Facts.from_json(facts.to_json()) == facts
    assert facts.rungs[0].gain < 0  # the constant model is worse than the kept one
    chosen = next(rung for rung in facts.rungs if rung.name == facts.chosen)
    assert (chosen.gain, chosen.standard_error) == (None, pytest.approx(kept.metrics["rungs"][1]["standard_error"]))


def test_gains_are_those_of_the_verdict():
    """Differences row by row, whose noise is not that of the two scores."""
    run = gd.fit("sample:concrete", **QUICK)
    facts = run.report().facts
    scores = {one.rung.name: one.score for one in run.rungs}
    for rung in facts.rungs:
        if rung.name != facts.chosen:
            assert rung.gain == pytest.approx(
                scores[facts.chosen].value - scores[rung.name].value
            )  # less rmse is better
            assert rung.gain_error == pytest.approx(
                np.std(scores[rung.name].noise - scores[facts.chosen].noise, ddof=1)
            )


def test_a_run_without_facts_still_has_a_page(tmp_path):
    run = run_with_holes(out=tmp_path / "run", report=False)
    names = {path.name for path in run.folder.iterdir()}
    assert not {"report.html", "report.json"} & names
    facts = Report.of(run.folder).facts
    assert (facts.reading, facts.classes, facts.worst, facts.importance) == (None, None, None, None)
    assert [rung.name for rung in facts.rungs] == ["constant", "linear", "shallow"]
    assert facts.verdict == run.metrics["verdict"]
    assert facts.tested == pytest.approx(run.metrics["test"])
    assert facts.curves[0].courses[0].training == pytest.approx(run.rungs[2].model.history_["training_loss"], rel=1e-5)
    assert "Thresholds" not in html_of(facts)
    assert facts.papers[0] in run.report().facts.papers


def test_a_constant_model_has_a_page():
    run = run_with_holes(rungs="constant")
    facts = run.report().facts
    assert facts.importance is None
    assert facts.network.layers[0].name == "output"
    assert len(facts.worst.rows) == 8
    assert "What it looks at" not in run.report().html


def test_no_test_rows_are_said():
    facts = run_with_holes(test=0.0).report()
    assert facts.facts.tested == {}
    assert "No row was kept to test on." in facts.html


def test_several_labels_and_several_numbers_have_a_page():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, 2))
    labels = {"a": x[:, 0], "b": x[:, 1], "up": (x[:, 0] > 0).astype(int), "right": (x[:, 1] > 0.2).astype(int)}
    report = gd.fit(labels, ["up", "right"], task="classification", **QUICK).report()
    assert [curve.name for curve in report.facts.classes.curves] == ["up", "right"]
    assert "Confusion matrix" not in report.html
    numbers = {"a": x[:, 0], "b": x[:, 1], "sum": x.sum(axis=1), "twice": 2 * x[:, 0]}
    report = gd.fit(numbers, ["sum", "twice"], **QUICK).report()
    assert [one.name for one in report.facts.numbers] == ["sum", "twice"]
    assert report.html.count("Residuals by prediction") == 2


def test_yardsticks_and_learning_curves_have_their_place(tmp_path):
    run = gd.fit("sample:concrete", **QUICK, yardstick=True, learning_curves=True, out=tmp_path / "run")
    facts = Report.of(run.folder).facts
    (yardstick,), (found,) = facts.yardsticks, run.yardsticks
    assert (yardstick.name, yardstick.score) == (found.name, pytest.approx(found.score.value))
    kept = next(one.score for one in run.rungs if one.rung.name == facts.chosen)
    assert yardstick.gain == pytest.approx(kept.value - found.score.value)
    assert yardstick.gain_error == pytest.approx(found.score.against(kept))
    assert [curve.rung for curve in facts.learning_curves] == ["constant", "linear", "shallow"]
    points = run.learning_curves.curves[1].points
    assert facts.learning_curves[1].scores == pytest.approx([point.score.value for point in points])
    html = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "Would more rows help?" in html
    assert "histogram boosting (a yardstick)" in html
    assert yardstick.gain > yardstick.gain_error, "boosting suits this table"
    assert "A yardstick does better than what is kept: histogram boosting, by" in html


def test_words_are_explained(kept):
    """Each metric of the test rows, and the heads of the table of thresholds."""
    html = kept.report().html
    for name in (*kept.metrics["test"], "precision", "recall", "specificity"):
        assert f"<dt>{name}</dt>" in html
    assert "A yardstick does better" not in html


def test_columns_of_a_table_that_would_be_empty_are_left_out(kept):
    head = '<th class="n">missing</th>'
    assert head in kept.report().html
    whole = gd.fit("sample:concrete", **{**QUICK, "rungs": "constant"}).report().html
    assert "<th>kind</th>" in whole
    assert head not in whole


def test_folds_are_drawn_each():
    run = gd.fit("sample:penguins", **{**QUICK, "folds": 3})
    report = run.report()
    (curve,) = report.facts.curves
    assert [course.fold for course in curve.courses] == [1, 2, 3, None]
    assert curve.courses[0].best_epoch == run.rungs[2].folds[0].training.best_epoch
    assert "in 3 folds of these" in report.html


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"RUN must be the folder of a run\. Got .*which holds no metrics\.json"):
        Report.of(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-9],
        lambda text: "[]",
        lambda text: text.replace('"targets": ["bought"]', '"targets": [3]'),
        lambda text: text.replace('"verdict"', '"verdikt"'),
        lambda text: text.replace('"format": 1', '"format": 2'),
    ],
)
def test_damaged_facts_are_refused(kept, damage):
    text = kept.report().facts.to_json()
    assert damage(text) != text
    with pytest.raises(ExchangeError, match="The facts of a report must be"):
        Facts.from_json(damage(text))


def test_numbers_that_are_not_defined_are_none(kept):
    facts = kept.report().facts
    odd = replace(facts, tested={"roc_auc": float("nan"), "log_loss": float("inf")})
    assert json.loads(odd.to_json())["tested"] == {"roc_auc": None, "log_loss": None}
    assert "<b>–</b><span>roc_auc</span>" in html_of(Facts.from_json(odd.to_json()))


def test_a_notebook_shows_the_page_in_a_frame(kept):
    report = kept.report()
    shown = report._repr_html_()
    assert shown.startswith("<iframe")
    assert "&lt;!DOCTYPE html&gt;" in shown
    assert "sandbox" in shown
    assert repr(report).startswith("Report(bought, ")


def test_settings_of_the_user_change_no_byte(kept):
    import matplotlib

    html = kept.report().html
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert kept.report().html == html


def test_papers_are_those_of_the_methods(kept):
    linear, shallow = kept.rungs[1].model, kept.rungs[2].model
    by_method = {paper.method: paper.source for paper in papers_of([linear, shallow])}
    assert by_method["adam"] == shallow.settings_.optimizer.source
    assert by_method["lbfgs"] == linear.settings_.optimizer.source
    assert {"relu", "sigmoid", "glorot", "zeros", "log_loss", "constant", "L2"} <= set(by_method)
    assert "dropout" not in by_method
    of_a_file, of_the_run = papers_behind(kept.folder / "rungs/shallow.safetensors"), papers_behind(kept.folder)
    assert set(of_a_file) < set(of_the_run)
    assert all(paper.source for paper in of_the_run)


def test_every_method_of_the_strong_preset_is_cited():
    from gradatim.model import Settings, train_model

    city = {"city": [f"city {k}" for k in range(12)] * 3, "x": np.arange(36.0)}
    model = train_model(
        Settings("strong", hidden_widths=(4,), max_epochs=1), city, np.arange(36.0) % 7, task="regression"
    )
    methods = {paper.method for paper in papers_of([model])}
    expected = {"embedding of numbers", "embedding of categories", "scale of each input", "learned slopes", "dropout"}
    assert expected | {"rates by width", "decoupled weight decay", "coslog", "mish"} <= methods


def test_the_template_is_part_of_the_package():
    for name in ("page.html.j2", "style.css"):
        assert files("gradatim.report").joinpath("templates", name).is_file()


def test_the_command_repeats_the_run(kept, tmp_path):
    """A table without a name has a call; a file has a command, with the seed and the steps that were used."""
    call = kept.report().facts.command
    wanted = "rungs='constant,linear,shallow', folds=1, epochs=3, preset='plain'"
    assert call == f"gd.fit(table, ['bought'], {wanted})"
    budgeted = gd.fit("sample:iris", rungs="linear,shallow", preset="plain", folds=1, budget=0.5, seed=None)
    words = shlex.split(budgeted.report().facts.command)
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert words[:3] == ["gradatim", "fit", "sample:iris"]
    assert options["--seed"] == str(budgeted.metrics["seed"])
    assert options["--steps"] == str(budgeted.metrics["steps"])
    assert "--budget" not in options
