"""One call from a table to a verdict, and the folder that it leaves."""

from __future__ import annotations

import csv
import json

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.errors import DivergedError, InputError
from gradatim.ladder.watcher import Watcher
from gradatim.model import train_model
from gradatim.run_folder import default_folder, json_text, whole_or_not_at_all
from gradatim.settings import Settings
from gradatim.tables import read_table

QUICK = {"epochs": 3, "rungs": "constant,linear,shallow", "folds": 1}


@pytest.fixture
def messy(tmp_path):
    """A file with missing values, categories, and rows without a target."""
    rng = np.random.default_rng(5)
    age, city = rng.normal(40, 10, 120), rng.choice(["Rome", "Oslo", "Lima"], 120)
    lines = ["age,city,price"]
    for i in range(120):
        price = "" if i < 4 else f"{2 * age[i] + 10 * (city[i] == 'Oslo') + rng.normal():.3f}"
        lines.append(f"{'' if i % 10 == 5 else round(age[i], 3)},{'' if i % 15 == 7 else city[i]},{price}")
    path = tmp_path / "messy.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_metrics_have_the_keys_that_are_promised(tmp_path):
    run = gd.fit("sample:iris", out=tmp_path / "run", **QUICK)
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert list(metrics) == [
        *(
            "task",
            "target",
            "metric",
            "rows",
            "folds",
            "rungs",
            "chosen",
            "verdict",
            "diverged",
            "test",
            "seconds",
            "seed",
            "steps",
        ),
        *("settings", "versions"),
    ]
    assert metrics["rows"] == {"train": 96, "validation": 24, "test": 30}
    assert [rung["name"] for rung in metrics["rungs"]] == ["constant", "linear", "shallow"]
    assert set(metrics["rungs"][0]) == {"name", "score", "standard_error", "seconds", "parameters"}
    assert set(metrics["test"]) == {"accuracy", "balanced_accuracy", "f1", "log_loss", "roc_auc"}
    assert (metrics["task"], metrics["target"], metrics["metric"]) == ("classification", "species", "log_loss")
    assert metrics["verdict"] == str(run.verdict)
    assert metrics["chosen"] == run.verdict.chosen
    assert metrics["versions"]["numpy"] == np.__version__
    # three classes in equal parts: ln 3 whatever the row says
    assert metrics["rungs"][0]["score"] == pytest.approx(np.log(3), abs=1e-6)


def test_folder_holds_every_rung_and_the_kept_one(tmp_path):
    run = gd.fit("sample:concrete", "strength", out=tmp_path / "run", **QUICK)
    names = sorted(str(path.relative_to(tmp_path / "run")) for path in (tmp_path / "run").rglob("*") if path.is_file())
    rungs = [f"rungs/{name}.safetensors" for name in ("constant", "linear", "shallow")]
    assert names == ["history.csv", "metrics.json", "model.safetensors", "report.html", "report.json", *rungs]
    kept, rung = tmp_path / "run" / "model.safetensors", tmp_path / "run" / f"rungs/{run.verdict.chosen}.safetensors"
    assert kept.read_bytes() == rung.read_bytes()
    table = read_table("sample:concrete").take(np.arange(5))
    assert np.array_equal(gd.load(kept).predict(table), run.model.predict(table))


def test_test_metrics_by_hand(tmp_path):
    """Fit with the test rows in a file, then rmse, mae and r2 from the predictions themselves."""
    table = read_table("sample:concrete").to_polars()
    table[:800].write_parquet(tmp_path / "train.parquet")
    table[800:].write_parquet(tmp_path / "test.parquet")
    run = gd.fit(tmp_path / "train.parquet", "strength", test=tmp_path / "test.parquet", **QUICK)
    assert run.metrics["rows"] == {"train": 640, "validation": 160, "test": 230}
    y = table["strength"][800:].to_numpy()
    errors = y - run.model.predict(table[800:].drop("strength"))
    assert run.metrics["test"]["rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert run.metrics["test"]["mae"] == pytest.approx(np.mean(np.abs(errors)))
    assert run.metrics["test"]["r2"] == pytest.approx(1 - np.sum(errors**2) / np.sum((y - y.mean()) ** 2))


def test_positive_class_is_the_one_that_f1_and_roc_auc_look_at(tmp_path):
    """Of two rare rows one is found: f1 of either class by hand, whichever is named positive."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    table = pl.DataFrame({"x": x, "y": np.where(x > 1.0, "rare", "usual")})
    test = pl.DataFrame({"x": [2.0, 0.9, -1.0, 0.0], "y": ["rare", "rare", "usual", "usual"]})
    test.write_csv(tmp_path / "test.csv")
    by_positive = {
        label: gd.fit(table, "y", positive=label, rungs="linear", test=tmp_path / "test.csv").metrics["test"]
        for label in ("rare", "usual")
    }
    # one of two rare rows is found, no usual one is mistaken: precision 1, recall 1/2; for usual 2/3 and 1
    assert by_positive["rare"]["f1"] == pytest.approx(2 / 3)
    assert by_positive["usual"]["f1"] == pytest.approx(4 / 5)
    assert by_positive["rare"]["roc_auc"] == by_positive["usual"]["roc_auc"] == 1.0


def test_same_seed_same_bytes_other_seed_other_rows(tmp_path):
    for name, seed in (("first", 7), ("again", 7), ("other", 8)):
        gd.fit("sample:penguins", "species", seed=seed, choose="shallow", out=tmp_path / name, **QUICK)
    first, again, other = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("first", "again", "other"))
    assert first == again
    assert first != other


def test_rows_without_a_target_are_dropped_and_counted(messy):
    run = gd.fit(messy, "price", **QUICK)
    assert run.reading.n_rows == sum(run.metrics["rows"].values()) == 116
    assert "4 rows without price are left out." in run.reading.notes
    assert run.reading.kinds == {"number": 1, "category": 1}
    assert run.verdict.chosen == "linear"


def test_nothing_is_written_without_out(messy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = gd.fit(messy, "price", **QUICK)
    assert run.folder is None
    assert [path.name for path in tmp_path.iterdir()] == ["messy.csv"]


def test_history_has_a_row_per_epoch_of_each_training(tmp_path):
    """That of the network which is trained once more comes after the one that was scored, which is its fold 1."""
    asked = {"rungs": "linear,shallow,deep", "choose": "deep", "epochs": 3, "folds": 1}
    run = gd.fit("sample:concrete", "strength", out=tmp_path / "run", **asked)
    with (tmp_path / "run" / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    curves = ("training_loss", "validation_loss", "validation_rmse")
    assert list(rows[0]) == ["rung", "fold", "epoch", *curves, "learning_rate", "seconds"]
    epochs = {(name, fold): [] for name in ("linear", "shallow", "deep") for fold in ("", "1")}
    for row in rows:
        epochs[row["rung"], row["fold"]].append(row["epoch"])
    assert epochs["shallow", ""] == epochs["deep", "1"] == ["1", "2", "3"]
    assert len(epochs["deep", ""]) == len(run.model.history_)
    assert epochs["linear", "1"] == epochs["shallow", "1"] == []
    assert all(float(row["validation_rmse"]) > 0 for row in rows if row["rung"] == "shallow" or row["fold"] == "1")
    assert {row["validation_rmse"] for row in rows if row["rung"] == "linear"} == {""}


def test_default_folder_is_numbered_where_it_is_taken(messy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runs = [gd.fit(messy, "price", out="auto", **QUICK) for _ in range(2)]
    assert [str(run.folder) for run in runs] == ["runs/messy-price", "runs/messy-price-2"]
    assert default_folder("x/messy.csv", "price", tmp_path / "runs").name == "messy-price-3"


def test_existing_run_stays_unless_it_is_to_be_replaced(messy, tmp_path):
    run = gd.fit(messy, "price", out=tmp_path / "run", **QUICK)
    before = (tmp_path / "run" / "metrics.json").read_bytes()
    with pytest.raises(InputError, match="out must be a new folder"):
        gd.fit(messy, "price", out=tmp_path / "run", **QUICK)
    assert (tmp_path / "run" / "metrics.json").read_bytes() == before
    again = gd.fit(messy, "price", out=tmp_path / "run", replace=True, seed=1, **QUICK)
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["seed"] == 1
    assert run.folder == again.folder == tmp_path / "run"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["messy.csv", "run"]


def test_folder_that_is_no_run_is_never_replaced(messy, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match=r"holds no metrics\.json"):
        gd.fit(messy, "price", out=tmp_path / "precious", replace=True, **QUICK)
    assert (tmp_path / "precious" / "thesis.txt").read_text() == "years of work"


class Raises(Watcher):
    """An error, or Ctrl-C, when a rung begins."""

    def __init__(self, rung, error):
        self.rung, self.error = rung, error

    def begins(self, rung):
        if rung.name == self.rung:
            raise self.error


def test_error_in_the_middle_leaves_nothing_and_an_old_run_whole(messy, tmp_path):
    broken = Raises("linear", MemoryError)
    with pytest.raises(MemoryError):
        gd.fit(messy, "price", out=tmp_path / "deep" / "down" / "run", progress=broken, **QUICK)
    assert [path.name for path in tmp_path.iterdir()] == ["messy.csv"]
    gd.fit(messy, "price", out=tmp_path / "run", **QUICK)
    files = {path: path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()}
    broken = Raises("shallow", MemoryError)
    with pytest.raises(MemoryError):
        gd.fit(messy, "price", out=tmp_path / "run", replace=True, progress=broken, **QUICK)
    assert {path: path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()} == files
    assert sorted(path.name for path in tmp_path.iterdir()) == ["messy.csv", "run"]


def test_ctrl_c_keeps_what_was_trained_and_resume_ends_with_the_same_bytes(messy, tmp_path):
    whole = gd.fit(messy, "price", out=tmp_path / "whole", **QUICK)
    with pytest.raises(KeyboardInterrupt):
        gd.fit(messy, "price", out=tmp_path / "cut", progress=Raises("shallow", KeyboardInterrupt), **QUICK)
    assert sorted(path.name for path in (tmp_path / "cut.partial" / "checkpoints").iterdir()) != []
    assert not (tmp_path / "cut").exists()
    resumed = gd.fit(messy, "price", out=tmp_path / "cut", resume=True, **QUICK)
    for name in ("model.safetensors", "rungs/linear.safetensors", "rungs/shallow.safetensors"):
        assert (whole.folder / name).read_bytes() == (resumed.folder / name).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut", "messy.csv", "whole"]
    assert not (resumed.folder / "checkpoints").exists()


def test_it_is_said_where_there_was_nothing_to_resume(messy, tmp_path):
    said = "There was nothing to resume: this run begins anew."
    with pytest.raises(KeyboardInterrupt):
        gd.fit(messy, "price", out=tmp_path / "cut", progress=Raises("shallow", KeyboardInterrupt), **QUICK)
    assert said in gd.fit(messy, "price", out=tmp_path / "cutt", resume=True, **QUICK).reading.notes
    assert said not in gd.fit(messy, "price", out=tmp_path / "cut", resume=True, **QUICK).reading.notes
    assert said not in gd.fit(messy, "price", out=tmp_path / "new", **QUICK).reading.notes


def test_the_data_as_their_own_test_are_named(messy):
    said = gd.fit(messy, "price", test=messy, **QUICK).reading.notes
    assert [note for note in said if note.startswith("The test table is the same as the data, row for row")]


def test_resuming_with_another_setting_is_refused_and_loses_nothing(messy, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        gd.fit(messy, "price", out=tmp_path / "cut", progress=Raises("shallow", KeyboardInterrupt), **QUICK)
    kept = {path: path.read_bytes() for path in (tmp_path / "cut.partial").rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="checkpoint must belong to this training"):
        gd.fit(messy, "price", out=tmp_path / "cut", resume=True, **{**QUICK, "seed": 5})
    assert {path: path.read_bytes() for path in (tmp_path / "cut.partial").rglob("*") if path.is_file()} == kept


def test_what_a_killed_run_left_is_swept_away(tmp_path):
    (tmp_path / "run.partial").mkdir()
    (tmp_path / "run.partial" / "half").write_text("a model")
    with whole_or_not_at_all(tmp_path / "run") as partial:
        (partial / "metrics.json").write_text("{}")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["metrics.json"]


def test_failed_renaming_brings_the_old_run_back(tmp_path, monkeypatch):
    from pathlib import Path

    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.json").write_text("{}")
    rename = Path.rename

    def refuses_partial(self, target):
        if self.name.endswith(".partial"):
            raise OSError("the disk is gone")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuses_partial)
    with pytest.raises(OSError, match="the disk is gone"), whole_or_not_at_all(tmp_path / "run", replace=True):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert (tmp_path / "run" / "metrics.json").read_text() == "{}"


def test_numbers_that_json_does_not_know_are_null():
    assert json.loads(json_text({"a": float("nan"), "b": np.float64(1.5), "c": [np.inf], "d": (1, None)})) == {
        "a": None,
        "b": 1.5,
        "c": [None],
        "d": [1, None],
    }


def test_watcher_hears_everything_in_order(messy):
    heard = []

    class Ear(Watcher):
        def read(self, reading):
            heard.append(("read", reading.target))

        def begins(self, rung):
            heard.append(("begins", rung.name))

        def epoch(self, rung, progress):
            heard.append(("epoch", rung.name)) if rung.name == "shallow" else None

        def ends(self, tried):
            heard.append(("ends", tried.rung.name))

    gd.fit(messy, "price", rungs="constant,shallow", epochs=2, folds=1, progress=Ear())
    assert heard == [
        ("read", "price"),
        *(("begins", "constant"), ("ends", "constant")),
        *(("begins", "shallow"), ("epoch", "shallow"), ("epoch", "shallow"), ("ends", "shallow")),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": "prize"}, r"Got 'prize'\. Did you mean 'price'\?"),
        ({"target": None}, r"target must be named.*age, city, price"),
        ({"task": "clasification"}, r"Did you mean 'classification'\?"),
        ({"rungs": "shalow"}, r"Did you mean 'shallow'\?"),
        ({"choose": "beste"}, r"Did you mean 'best'\?"),
        ({"metric": "accuracy"}, "metric of a regression must be"),
        ({"activation": "rleu"}, r"Did you mean 'relu'\?"),
        ({"preset": "storng"}, r"Did you mean 'strong'\?"),
        ({"learning_rate": 0.0}, "learning_rate must be a finite number above 0"),
        ({"epochs": 0}, "epochs must be"),
        ({"epochs": 2.5}, r"^epochs must be a whole number of 1 or more\. Got 2\.5"),
        ({"epochs": "3"}, r"^epochs must be a whole number of 1 or more\. Got '3'"),
        ({"hidden": (0,)}, r"^hidden must be whole numbers"),
        ({"hidden": (5,), "choose": "deep"}, r"^choose must be .*\(constant, linear, shallow\)\. Got 'deep'"),
        ({"seed": -1}, r"^seed must be"),
        ({"seed": "a"}, r"^seed must be a whole number of 0 or more.*Got 'a'"),
        ({"positive": "Rome"}, "positive must be left out"),
        ({"ignore": ["town"]}, "column to ignore must be one of"),
        ({"ignore": ["price"]}, "ignore must not name the target"),
        ({"ignore": ["age", "city"]}, "must hold a column"),
        ({"test": 2.0}, "test must be a share"),
        ({"test": "nowhere.csv"}, r"nowhere\.csv must be a file"),
    ],
)
def test_what_must_be_mended_is_said_before_anything_is_trained(messy, tmp_path, arguments, message):
    with pytest.raises(InputError, match=message):
        gd.fit(
            messy,
            **{
                "target": "price",
                "out": tmp_path / "run",
                "progress": Raises("constant", KeyboardInterrupt),
                **arguments,
            },
        )
    assert [path.name for path in tmp_path.iterdir()] == ["messy.csv"]


def test_metric_that_is_not_defined_on_the_rows_that_choose_is_refused_before_anything_is_trained():
    """Of 8 rows one chooses: r2 of one row is 0/0. Of 40 rows 6 choose, all of them "a" where "b" has one row."""
    x = np.arange(40.0)
    with pytest.raises(InputError, match=r"Got r2 and 1 row: it needs rows whose targets differ.*take rmse"):
        gd.fit(
            pl.DataFrame({"x": x[:8], "y": x[:8] ** 2}),
            "y",
            metric="r2",
            progress=Raises("constant", KeyboardInterrupt),
        )
    rare = pl.DataFrame({"x": x, "y": ["b", *["a"] * 39]})
    with pytest.raises(InputError, match=r"Got roc_auc and 6 rows: it needs rows of every class.*take log_loss"):
        gd.fit(rare, "y", metric="roc_auc", progress=Raises("constant", KeyboardInterrupt))


def test_a_seed_that_is_drawn_is_kept_and_gives_the_run_again():
    first = gd.fit("sample:iris", rungs="linear", seed=None)
    again = gd.fit("sample:iris", rungs="linear", seed=first.metrics["seed"])
    assert np.array_equal(first.model.vector, again.model.vector)
    assert first.metrics["test"] == again.metrics["test"]


@pytest.fixture(scope="module")
def two_numbers():
    """A model of two numbers, and 30 rows of which one lacks one of them."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=30)
    Y = np.column_stack([2 * x, 5 - x]) + rng.normal(scale=0.1, size=(30, 2))
    settings = Settings(hidden_widths=(), optimizer="lbfgs", validation=None, random_state=0)
    model = train_model(settings, {"x": x[:20]}, Y[:20], target_name="y")
    table = pl.DataFrame({"x": x, "y_1": Y[:, 0], "y_2": [None, *Y[1:, 1]]})
    return model, table


def test_a_model_of_two_numbers_is_measured_by_the_mean_over_both(two_numbers):
    model, table = two_numbers
    found = gd.evaluate(model, table)
    errors = table[1:].select("y_1", "y_2").to_numpy() - model.predict(table[1:])
    assert (found["task"], found["target"], found["positive"]) == ("regression", "y_1, y_2", None)
    assert found["rows"] == 29
    assert found["notes"] == ["1 row without y_1, y_2 is left out."]
    assert found["test"]["rmse"] == pytest.approx(np.sqrt((errors**2).mean(axis=0)).mean())
    assert found["test"]["mae"] == pytest.approx(np.abs(errors).mean())


def test_a_target_that_is_not_there_or_no_number_is_named(two_numbers):
    model, table = two_numbers
    with pytest.raises(InputError, match=r"target must be one of.*Got 'y_2'"):
        gd.evaluate(model, table.drop("y_2"))
    with pytest.raises(InputError, match=r"The target 'y_2' must hold numbers.*Got texts"):
        gd.evaluate(model, table.with_columns(y_2=pl.lit("text")))


def test_evaluating_on_the_test_rows_gives_the_metrics_of_the_run(tmp_path):
    table = read_table("sample:penguins").to_polars()
    table[::3].write_parquet(tmp_path / "test.parquet")
    run = gd.fit(table, "sex", positive="female", test=tmp_path / "test.parquet", out=tmp_path / "run", **QUICK)
    found = gd.evaluate(gd.load(tmp_path / "run"), tmp_path / "test.parquet")
    assert found["test"] == run.metrics["test"]
    assert (found["target"], found["positive"], found["rows"]) == ("sex", "female", run.metrics["rows"]["test"])


def test_rates_beyond_all_bounds_are_told():
    with pytest.raises(DivergedError, match=r"learning_rate=1e\+20 is too large"):
        gd.fit("sample:concrete", "strength", rungs="shallow", learning_rate=1e20, epochs=1)


def test_target_that_is_missing_everywhere_is_refused():
    with pytest.raises(InputError, match="missing in every row"):
        gd.fit(pl.DataFrame({"x": [1.0, 2.0], "y": pl.Series([None, None], dtype=pl.Float64)}), "y")


def test_one_class_is_refused():
    with pytest.raises(InputError, match="two classes or more"):
        gd.fit(pl.DataFrame({"x": np.arange(10.0), "y": ["a"] * 10}), "y")


def test_test_file_must_fit_the_table(messy, tmp_path):
    (tmp_path / "other.csv").write_text("age,price\n30,60\n")
    with pytest.raises(InputError, match="city"):
        gd.fit(messy, "price", test=tmp_path / "other.csv", progress=Raises("constant", KeyboardInterrupt), **QUICK)


def test_dataframes_of_others_are_welcome(messy):
    pandas = pytest.importorskip("pandas")
    from_pandas = gd.fit(pandas.read_csv(messy), "price", **QUICK)
    from_file = gd.fit(messy, "price", **QUICK)
    assert from_pandas.metrics["test"]["rmse"] == pytest.approx(from_file.metrics["test"]["rmse"], rel=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_no_network_is_kept_where_the_truth_is_linear(seed):
    """With y = 3a + 2b + c + noise of 0.3, a network can only fit noise, so the verdict must be linear."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(600, 3))
    table = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "y": X @ [3, 2, 1] + 0.3 * rng.normal(size=600)})
    run = gd.fit(table, "y", seed=seed, epochs=60)
    assert run.verdict.chosen == "linear"
    assert run.metrics["test"]["rmse"] == pytest.approx(0.3, rel=0.2)


def test_a_metric_of_ones_own_that_is_no_number_for_the_constant_model(tmp_path):
    """A correlation: the constant model has none, and the others are compared all the same."""

    def correlation(y, predicted):
        return float(np.corrcoef(y, predicted)[0, 1]) if np.ptp(predicted) else float("nan")

    x = np.linspace(0, 1, 60)
    table = {"x": x, "y": x + np.sin(40 * x)}
    run = gd.fit(table, "y", metric=correlation, out=tmp_path / "run", rungs="constant,linear", folds=1)
    assert run.verdict.chosen == "linear"
    assert "The linear model is better than the constant model (no score)" in str(run.verdict)
    assert "(no score)" in json.loads((tmp_path / "run" / "metrics.json").read_text())["verdict"]
    assert (
        gd.fit(table, "y", metric=correlation, choose="constant", rungs="constant,linear", folds=1).verdict.best
        == "linear"
    )


def test_epochs_are_asked_of_a_network_where_a_solved_model_is_kept():
    run = gd.fit("sample:iris", record="epochs", choose="linear", **QUICK)
    solved = r"at\(epoch=…\) must be asked of a network\. Got the {}, which is solved without epochs kept\. {}"
    ask = r'Ask \.at\(epoch=…, rung="shallow"\)\.'
    with pytest.raises(InputError, match=solved.format("linear model", ask)):
        run.at(epoch=3)
    with pytest.raises(InputError, match=solved.format("constant model", ask)):
        run.at(epoch=3, rung="constant")
    assert run.at(epoch=3, rung="shallow").parameter_count == run.rungs[2].model.parameter_count
    silent = gd.fit("sample:iris", choose="linear", **QUICK)
    with pytest.raises(InputError, match=solved.format("linear model", 'Fit with record="epochs", then')):
        silent.at(epoch=3)
    with pytest.raises(InputError, match='Got one without: train it with record="epochs"'):
        silent.at(epoch=3, rung="shallow")
    solved_only = gd.fit("sample:iris", record="epochs", rungs="constant,linear")
    with pytest.raises(InputError, match=r'This run has no network: rungs="shallow" and record="epochs" give it one'):
        solved_only.at(epoch=3)
