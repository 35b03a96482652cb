"""The benchmark of accuracy is run by hand; here that it runs, and that it draws, scores and reckons right."""

import json
import os
import subprocess
import sys
from datetime import date
from math import log, sqrt

import numpy as np
import polars as pl
import pytest

from benchmarks.accuracy import __main__ as accuracy
from benchmarks.accuracy import fitting, page, parity, results, standings
from benchmarks.accuracy.contestants import CONTESTANTS, PRESENT, Contestant
from benchmarks.accuracy.fits import fits_of
from benchmarks.accuracy.scores import scores
from benchmarks.accuracy.splits import drawn, split_of
from benchmarks.sources import Source, sources_in
from benchmarks.speed.rounds import ROOT

SIMPLE = '''
import os
import numpy as np

def mean(X, y, task, seed, threads):
    """The mean of the training rows, or the share of each class; the seed on top of an amount."""
    if "fall" in X.columns:
        os._exit(3)
    if task == "regression":
        return lambda X: np.full(len(X), y.mean() + seed)
    return lambda X: np.tile(np.bincount(y) / len(y), (len(X), 1))
'''
"""A contestant whose scores can be had by hand. It cannot bear a column called fall."""


def record(contestant, table, split, seed=0, **more):
    about = {"rows": 1000, "seconds": 4.0, "cpu_seconds": 2.0, "mark": 7, "threads": 1, "versions": {"numpy": "1"}}
    return {"contestant": contestant, "table": table, "split": split, "seed": seed, **about, **more}


# --- which rows -------------------------------------------------------------------------------------------------------


def test_split_is_the_same_for_everybody_and_another_for_another_number_or_table():
    y = pl.Series(np.arange(400.0))
    first, again = drawn("a", y, "regression", 0), drawn("a", y, "regression", 0)
    assert (first.train.tolist(), first.test.tolist()) == (again.train.tolist(), again.test.tolist())
    assert first.mark == again.mark
    assert len({first.mark, drawn("a", y, "regression", 1).mark, drawn("b", y, "regression", 0).mark}) == 3
    assert sorted([*first.train, *first.test]) == list(range(400))
    assert len(first.test) == 100


def test_split_has_at_most_5000_rows_of_each_kind_in_proportion():
    """Of 10,000 rows a quarter tests, and 5,000 of the others train; one in five is of class u, in both."""
    y = pl.Series((["u"] + ["v"] * 4) * 2_000)
    split = drawn("a", y, "classification", 0)
    assert (len(split.train), len(split.test)) == (5_000, 2_500)
    assert not set(split.train) & set(split.test)
    assert [(y.gather(rows) == "u").sum() for rows in (split.train, split.test)] == [1_000, 500]
    assert len(drawn("a", pl.Series(np.arange(30_000.0)), "regression", 0).test) == 5_000


@pytest.mark.parametrize("number", range(5))
def test_class_without_a_training_row_does_not_test(number):
    """Five classes of one row each cannot be in proportion; whichever of them train, only these test."""
    y = pl.Series([*"abcde", *["f"] * 35])
    split = drawn("t", y, "classification", number)
    assert set(y.gather(split.test)) <= set(y.gather(split.train))
    assert len(split.train) == 30
    assert 5 <= len(split.test) <= 10


def test_rows_without_a_target_are_in_no_part(tmp_path):
    """Rows are those of the file, which a contestant reads whole."""
    pl.DataFrame({"x": range(40), "y": [None, *range(38), None]}).write_parquet(tmp_path / "t.parquet")
    split = split_of(Source("t", tmp_path / "t.parquet", "regression", "y"), 0)
    assert sorted([*split.train, *split.test]) == list(range(1, 39))


# --- scores -----------------------------------------------------------------------------------------------------------


def test_scores_of_classes_are_as_by_hand():
    """Three of four pairs are in order; 0.5 and 0.5 is taken for the first class; 0 is not infinitely wrong."""
    y = np.array([0, 0, 1, 1])
    found = scores("classification", y, np.array([[0.75, 0.25], [0.5, 0.5], [0.6, 0.4], [0.0, 1.0]]))
    assert found["log_loss"] == pytest.approx(-(log(0.75) + log(0.5) + log(0.4)) / 4)
    assert (found["accuracy"], found["auc"]) == (0.75, 0.75)
    wrong = scores("classification", np.array([1, 2]), np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    assert wrong["log_loss"] == pytest.approx(23 * log(2) / 2)  # float32 has 23 digits behind its binary point
    assert "auc" not in wrong


def test_scores_of_amounts_are_as_by_hand():
    """Errors of 0 and 2: √2. The amounts 1 and 5 are 2 from their mean."""
    assert scores("regression", np.array([1.0, 5.0]), np.array([[1.0], [3.0]])) == pytest.approx(
        {"rmse": sqrt(2), "spread": 2.0}
    )


@pytest.mark.parametrize(
    ("task", "predicted", "message"),
    [
        ("regression", [1.0, float("nan")], "must be finite"),
        ("regression", [1.0], "an amount for each of 2 rows"),
        ("classification", [[1.0], [1.0]], "probabilities of all classes"),
    ],
)
def test_predictions_of_another_kind_are_refused(task, predicted, message):
    with pytest.raises(ValueError, match=message):
        scores(task, np.array([0, 1]), np.array(predicted))


def test_targets_are_numbered_in_the_order_of_the_training_classes():
    y, y_test = fitting.targets(pl.Series(["b", "a", "c"]), pl.Series(["c", "c", "b"]), "classification")
    assert (y.tolist(), y_test.tolist()) == ([1, 0, 2], [2, 2, 1])


# --- who takes part ---------------------------------------------------------------------------------------------------


def test_rivals_import_nothing_of_gradatim():
    """They may live where it is not installed."""
    code = "import sys, benchmarks.accuracy.fitting, benchmarks.accuracy.rivals\nprint('gradatim' in sys.modules)"
    pytest.importorskip("pandas")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_columns_are_read_as_trees_and_realmlp_want_them():
    """A level that did not train is missing; 2 is the mean of 1 and 3; a date is the days since 1970."""
    pytest.importorskip("pandas")
    from benchmarks.accuracy.rivals import Columns

    days = [date(1970, 1, 2), date(1970, 1, 3), date(1970, 1, 4)]
    train = pl.DataFrame({"n": [1.0, None, 3.0], "{t}": ["v", None, "u"], "d": days, "i": [1, 2, 3]})
    test = pl.DataFrame({"n": [None, 5.0], "{t}": ["w", "u"], "d": [None, days[2]], "i": [7, 8]})
    columns = Columns.of(train)
    trees = columns.categories(test)
    assert [(name, str(kind)) for name, kind in trees.dtypes.items()] == [
        ("c0", "float64"),
        ("c1", "category"),
        ("c2", "float64"),
        ("c3", "float64"),
    ]
    assert trees["c1"].cat.codes.tolist() == [-1, 0]
    assert trees["c1"].cat.categories.tolist() == ["u", "v"]
    assert np.isnan(trees["c0"][0])
    assert columns.texts(train)["c1"].tolist() == ["v", "missing", "u"]
    realmlp = columns.imputed(test)
    assert realmlp["c0"].tolist() == [2.0, 5.0]
    assert realmlp["c2"].tolist() == [2.0, 3.0]
    assert realmlp["c0_missing"].tolist() == [1, 0]
    assert "c2_missing" not in realmlp  # no training row says what that would mean
    assert realmlp["c1"].cat.codes.tolist() == [-1, 0]


@pytest.mark.parametrize("contestant", ["plain", "sklearn_mlp", "linear", "lightgbm", "xgboost", "catboost"])
@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.filterwarnings("ignore")  # what libraries say of one another is theirs
def test_contestant_learns_what_a_category_means(contestant, task, tmp_path):
    """A text decides the label, or the amount; the columns beside it have gaps and say nothing."""
    who = CONTESTANTS[contestant]
    for package in (*who.packages, *(["pandas"] if who.module.endswith("rivals") else [])):
        pytest.importorskip(package)
    rng = np.random.default_rng(0)
    kinds, noise = rng.choice(["u", "v", "w"], 400), [None if x < 0.1 else x for x in rng.uniform(size=400)]
    meaning = {"u": "yes", "v": "no", "w": "no"} if task == "classification" else {"u": 0.0, "v": 5.0, "w": 9.0}
    table = pl.DataFrame({"t": kinds, "y": [meaning[kind] for kind in kinds], "n": noise})
    table.write_parquet(tmp_path / "table.parquet")
    rows = list(range(400))
    asked = {"path": str(tmp_path / "table.parquet"), "target": "y", "task": task, "train": rows[:300]}
    asked |= {"module": who.module, "contestant": contestant, "test": rows[300:], "seed": 0, "threads": 1}
    found = fitting.answer(asked)
    assert found.get("error") is None
    assert (found["rows"], found["columns"]) == (300, 2)
    assert min(found["seconds"], found["cpu_seconds"], found["predict_seconds"]) > 0
    if task == "classification":
        assert (found["accuracy"], found["auc"]) == pytest.approx((1, 1))
    else:
        assert found["rmse"] < 0.1 * found["spread"]


def test_presets_that_are_yet_to_come_are_not_asked_for():
    from gradatim.settings.presets import PRESETS

    assert {name for name in ("plain", "strong", "best") if name in PRESENT} == {"plain", "strong", "best"} & set(
        PRESETS
    )


# --- from the options to the page -------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder like the shared one: three tables and a picture; and a contestant of our own."""
    rows = np.arange(80)
    pl.DataFrame({"x": rows, "y": rows * 1.0}).write_parquet(tmp_path / "line.parquet")
    pl.DataFrame({"x": rows, "y": ["u", "v", "v", "v"] * 20}).write_parquet(tmp_path / "kinds.parquet")
    pl.DataFrame({"fall": rows, "y": rows * 1.0, "z": rows}).write_parquet(tmp_path / "fall.parquet")
    (tmp_path / "dots.npz").touch()
    manifest = "file,task,target\nline.parquet,regression,y\nkinds.parquet,binary,y\nfall.parquet,regression,y\n"
    (tmp_path / "manifest.csv").write_text(f"{manifest}dots.npz,image-binary,y\n", encoding="utf-8")
    (tmp_path / "simple.py").write_text(SIMPLE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setitem(CONTESTANTS, "mean", Contestant("the mean", "simple", ("numpy",), "as it is"))
    monkeypatch.setitem(CONTESTANTS, "absent", Contestant("nobody", "benchmarks.no_such", (), "not at all"))
    return tmp_path


def test_folder_is_measured_once_and_what_fails_is_tried_again(folder, capsys):
    """A fit that ends its process is a failure; those after it have a new process."""
    file, written = folder / "results.jsonl", folder / "page.md"
    asked = ["--data", str(folder), "--results", str(file), "--page", str(written), "--contestants", "absent", "mean"]
    accuracy.main([*asked, "--splits", "2", "--seeds", "2"])
    said = capsys.readouterr().out
    assert "absent does not take part: ModuleNotFoundError: No module named 'benchmarks.no_such'" in said
    assert said.count("fall, split 0, seed 0: failed. its process ended with status 3") == 1
    found = results.read(file)
    assert len(found) == 3 * 2 * 2  # tables, splits, seeds; no pictures
    sources = sources_in(folder)
    for split in range(2):
        rows = split_of(sources["line"], split)
        by_hand = np.sqrt(np.mean((rows.test - (rows.train.mean() + 1)) ** 2))
        line = found["line", split, 1, "mean"]
        assert line["rmse"] == pytest.approx(by_hand)
        assert line["spread"] == pytest.approx(np.std(rows.test))
        assert (line["rows"], line["mark"]) == (60, rows.mark)
    # A quarter is u, in both parts.
    assert found["kinds", 0, 0, "mean"]["log_loss"] == pytest.approx(-(log(0.25) + 3 * log(0.75)) / 4)
    with file.open("a", encoding="utf-8") as lines:
        lines.write('\n{"table": "line", "spl')
    accuracy.main([*asked, "--splits", "2", "--tables", "line", "fall"])
    said = capsys.readouterr().out
    assert "line" not in said
    assert said.count("fall, split") == 2
    again = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    assert len(again) == 12 + 2
    accuracy.main([*asked, "--tables", "line", "--again"])
    assert capsys.readouterr().out.count("mean, line, split 0, seed 0: rmse") == 1
    text = written.read_text(encoding="utf-8")
    assert "- the mean, fall, split 1: its process ended with status 3" in text
    assert "on the same rows of 2 open tables, 2 splits of each" in text
    assert "Of these splits" not in text


def test_page_tells_who_has_fewer_splits():
    measured = [
        record(who, "a", split, rmse=1.0, spread=1.0, task="regression")
        for who, splits in (("strong", (0, 1)), ("linear", (0,)))
        for split in splits
    ]
    assert "Of these splits linear has 1. Two are compared on the splits that both have." in page.page(measured)


def test_two_jobs_find_what_one_finds(folder):
    one, two = folder / "one.jsonl", folder / "two.jsonl"
    asked = ["--data", str(folder), "--contestants", "mean", "--splits", "2", "--tables", "kinds", "line"]
    accuracy.main([*asked, "--results", str(one), "--page", str(folder / "page.md")])
    accuracy.main([*asked, "--results", str(two), "--page", str(folder / "page.md"), "--jobs", "2"])
    kept = ("rmse", "log_loss", "accuracy", "mark")
    first, second = (
        {which: [line.get(name) for name in kept] for which, line in results.read(file).items()} for file in (one, two)
    )
    assert len(first) == 4
    assert first == second


def test_table_or_interpreter_that_is_not_there_is_named(folder, capsys):
    with pytest.raises(SystemExit, match=r"no table lin in .*There are: fall, kinds, line"):
        accuracy.main(["--data", str(folder), "--tables", "lin"])
    asked = ["--data", str(folder), "--results", str(folder / "r.jsonl"), "--tables", "line", "--contestants", "mean"]
    accuracy.main([*asked, "--python", f"mean={folder / 'python'}"])
    assert "mean does not take part: " in capsys.readouterr().out
    with pytest.raises(SystemExit):
        accuracy.main([*asked, "--python", "mean"])
    assert "It must be NAME=INTERPRETER" in capsys.readouterr().err


def test_small_tables_come_first_and_again_only_after_all(folder):
    """80 rows of 2 columns, of 2, of 3; each contestant ends before the next begins."""
    sources = [source for source in sources_in(folder).values() if not source.pictures]
    order = [(fit.contestant, fit.seed, fit.split, fit.source.name) for fit in fits_of(sources, ["b", "a"], 2, 1)]
    tables = ["kinds", "line", "fall"]
    assert order == [(who, 0, split, table) for who in "ba" for split in range(2) for table in tables]


def test_parity_asks_for_five_seeds_of_the_two_on_its_tables(tmp_path):
    """Of its ten tables those that are there, and no other."""
    sources = {name: Source(name, tmp_path / f"{name}.parquet", "regression", "y") for name in ("other", "concrete")}
    for source in sources.values():
        pl.DataFrame({"y": [1.0]}).write_parquet(source.path)
    fits = accuracy.chosen(accuracy.parser().parse_args(["--parity"]), sources)
    assert {fit.key for fit in fits} == {("concrete", 0, seed, who) for seed in range(5) for who in parity.PAIR}


# --- results and arithmetic -------------------------------------------------------------------------------------------


def test_results_of_other_rows_are_refused():
    """Somebody changed the table in between."""
    lines = [record("strong", "a", 0, rmse=1.0), record("linear", "a", 0, rmse=1.0, mark=8)]
    with pytest.raises(ValueError, match="results of a, split 0, must be of the same rows"):
        results.comparable(lines)
    lines[1]["error"] = "fell over"
    assert results.comparable(lines) == lines[:1]


@pytest.fixture
def lines():
    """Ours is ahead on a, behind on b, and tied on c; made up so that all can be reckoned by hand."""
    spread = {"task": "regression", "spread": 2.0}
    return [
        # Errors, halved by the spread and averaged over seeds: ours 0.09 twice, theirs 0.19 and 0.39; mean 0.29.
        record("strong", "a", 0, 0, rmse=0.08, **spread),
        record("strong", "a", 0, 1, rmse=0.28, **spread),
        record("strong", "a", 1, rmse=0.18, **spread),
        record("sklearn_mlp", "a", 0, rmse=0.38, **spread),
        record("sklearn_mlp", "a", 1, rmse=0.78, **spread),
        # 0.39 over 0.19; the rival has no second split.
        record("strong", "b", 0, log_loss=0.39, accuracy=0.81),
        record("strong", "b", 1, log_loss=9.0, accuracy=0.1),
        record("sklearn_mlp", "b", 0, log_loss=0.19, accuracy=0.91),
        # Differences −0.0003 and 0.0001: their mean is −0.0001, its standard error 0.0002. Both count as 0.001.
        record("strong", "c", 0, log_loss=0.0001, accuracy=1.0),
        record("strong", "c", 1, log_loss=0.0005, accuracy=1.0),
        record("sklearn_mlp", "c", 0, log_loss=0.0004, accuracy=1.0),
        record("sklearn_mlp", "c", 1, log_loss=0.0004, accuracy=1.0),
    ]


def beside(lines, of=standings.error):
    errors = standings.collected(lines, of)
    return standings.Comparison.of(errors["strong"], errors["sklearn_mlp"])


def test_ratios_are_those_of_means_over_shared_splits(lines):
    """Plain: 9/29, 39/19 and 1. Shifted: 0.10/0.30, 0.40/0.20 and 0.0103/0.0104."""
    found = beside(lines)
    assert found.means["a"] == pytest.approx((0.09, 0.29))
    assert found.ratios == pytest.approx([9 / 29, 39 / 19, 1])
    assert found.geometric_mean == pytest.approx((9 / 29 * 39 / 19) ** (1 / 3))
    assert found.median == 1
    assert found.shifted_ratios == pytest.approx([1 / 3, 2, 103 / 104])
    assert found.shifted_mean == pytest.approx((2 / 3 * 103 / 104) ** (1 / 3))
    logarithms = np.log([1 / 3, 2, 103 / 104])
    assert found.shifted_error == pytest.approx(found.shifted_mean * logarithms.std(ddof=1) / sqrt(3))
    wrong = beside(lines, standings.label_error)
    assert wrong.shifted_ratios == pytest.approx([0.20 / 0.10, 1])  # labels of b, of c


def test_tie_is_a_difference_within_its_standard_error(lines):
    assert beside(lines).outcomes == {"a": "win", "b": "loss", "c": "tie"}
    one_split = [line for line in lines if line["split"] == 0]
    assert beside(one_split).outcomes == {"a": "win", "b": "loss", "c": "win"}


def test_mean_ranks_are_over_what_all_have_and_share_ties(lines):
    """On a, split 0: linear 0.01, strong 0.09, MLP 0.19. On c, split 1: MLP 0.0004, strong 0.0005. Linear has no b."""
    lines += [
        record("linear", "a", 0, rmse=0.02, task="regression", spread=2.0),
        record("linear", "c", 1, log_loss=0.0007, accuracy=1.0),
    ]
    errors = standings.collected(lines, standings.error)
    assert standings.shared_splits(errors) == {"a": [0], "c": [1]}
    assert standings.mean_ranks(errors) == {"strong": 2.0, "sklearn_mlp": 2.0, "linear": 2.0}
    lines[-1]["log_loss"] = 0.0004
    again = standings.mean_ranks(standings.collected(lines, standings.error))
    assert again == {"strong": 2.5, "sklearn_mlp": 2.25, "linear": 1.25}
    assert standings.mean_ranks({}) == {}


def test_parity_is_of_seeds_on_the_first_split():
    """Means 2 and 3, standard errors 1/√3 and 2. Of b there is one seed of ours: too few."""
    lines = [record("strong", "a", 0, seed, log_loss=value) for seed, value in enumerate([1.0, 2.0, 3.0])]
    lines += [record("realmlp", "a", 0, seed, log_loss=value) for seed, value in enumerate([1.0, 5.0])]
    lines += [record("strong", "a", 1, log_loss=99.0), record("strong", "b", 0, rmse=1.0)]
    lines += [record("realmlp", "b", 0, seed, rmse=1.0) for seed in range(2)]
    (found,) = parity.parities(lines)
    assert (found.table, found.metric, found.difference) == ("a", "log_loss", -1)
    assert found.standard_error == pytest.approx(sqrt(1 / 3 + 4))
    assert found.agree
    assert not parity.Parity("a", "rmse", (1.0, 1.2), (2.0, 2.2)).agree  # 1 apart, 0.14 allowed


def test_page_says_what_was_reckoned(lines):
    lines += [record("realmlp", "c", 0, seed, log_loss=0.1 * seed, accuracy=1.0, cpu_seconds=13.0) for seed in (1, 3)]
    lines += [record("strong", "c", 0, 1, log_loss=0.0003, accuracy=1.0) | {"cpu_seconds": 12.0}]
    lines += [record("xgboost", "a", 0, error="ValueError: no")]
    text = page.page(lines)
    # On c our error is now 0.00035: shifted, 0.01035 over 0.0104.
    assert "| scikit-learn MLP | 3 | 0.872 ± 0.455 | 0.860 | 1.000 | 1 | 1 | 1 |" in text
    assert "| c | log loss | 2, 2 | 0.0002 ± 0.0001 | 0.2 ± 0.1 | -0.2 ± 0.1 | no |" in text
    assert "0 of 1 agree." in text
    # 26 s for 2,000 rows; ours 7 fits of 2 s and one of 12.
    assert "| RealMLP-TD | 2 | 13.00 | 4.00 | 13.00, c |" in text
    assert "| **gradatim strong** | 8 | 3.25 | 4.00 | 12.00, c |" in text
    assert "| b | 4.695 ± 4.3 | **0.19** | – |" in text
    assert "- XGBoost, a, split 0: ValueError: no" in text
    assert "- LightGBM: not measured" in text
    assert page.ONE_SPLIT not in text


def test_page_of_nothing_says_so():
    text = page.page([])
    assert "on the same rows of 0 open tables" in text
    assert text.count("Not measured.") >= 5
