"""``gradatim try`` on the command line."""

import json
import shlex

import polars as pl
import pytest

import gradatim as gd
import gradatim.trials.workers as workers

QUICK = ("--jobs", "1", "--epochs", "3")


def test_a_table_a_sentence_and_a_command_that_works(cli):
    status, out, err = cli(
        "try", "sample:iris", "--learning-rate", "0.1,0.001", "--hidden", "8;8,4;", "--folds", "2", *QUICK
    )
    assert status == 0
    assert "sample:iris: 150 rows" in out
    assert "120 to try values on, 30 to test" in out
    assert "(linear)" in out
    assert err.splitlines() == ["5 candidates on 2 folds, 1 at a time", "10 of 10 trainings"]
    prose = [line for line in out.splitlines() if not line.startswith("  gradatim ")]
    assert max(map(len, prose)) <= 100
    command = out.splitlines()[-1]
    assert command.startswith("  gradatim fit sample:iris --target species --rungs ")
    assert cli(*shlex.split(command)[1:])[0] == 0


def test_learning_rates_are_tried_where_nothing_is_named(cli):
    status, out, _ = cli("try", "sample:iris", "--jobs", "1", "--json", "--quiet", "--budget", "0.001")
    assert status == 0
    assert json.loads(out)["trainings"] == {"done": 1, "of": 12}


def test_json_is_all_there_is_on_standard_output(cli):
    asked = ("--activation", "relu, tanh", "--hidden", "5", "--learning-rate", "0.01,1e30", "--preset", "plain")
    status, out, err = cli("try", "sample:iris", *asked, "--json", *QUICK)
    found = json.loads(out)
    assert status == 0
    assert "150 rows" in err
    assert (found["metric"], found["rows"], found["trainings"]) == (
        *("log_loss", {"tried": 120, "test": 30}, {"done": 12, "of": 12}),
    )
    assert [row["score"] is None for row in found["candidates"]] == [False] * 3 + [True]  # tanh stays finite
    assert found["command"].startswith("gradatim fit sample:iris --target species ")
    assert cli("try", "sample:iris", *asked, "--json", "--quiet", *QUICK)[2] == ""


def test_every_option_arrives(cli):
    rows = {"x": [float(i) for i in range(60)], "noise": [0.5, 1.5] * 30, "who": [i // 3 for i in range(60)]}
    table = pl.DataFrame({**rows, "w": [1.0, 2.0] * 30, "y": ["no", "yes"] * 30})
    table.write_csv("data.csv")
    table[:20].write_csv("test.csv")
    asked = (
        *("--target", "y", "--task", "classification", "--positive", "no", "--metric", "accuracy", "--preset", "plain"),
        *("--kind", "n?ise=category", "--ignore", "x", "--weight", "w", "--group", "who", "--test", "test.csv"),
    )
    status, out, _ = cli("try", "data.csv", *asked, "--seed", "3", "--hidden", "4", "--folds", "4", *QUICK, "--json")
    found = json.loads(out)
    assert status == 0
    assert (found["metric"], found["folds"], found["seed"]) == ("accuracy", 4, 3)
    assert found["rows"] == {"tried": 60, "test": 20}
    for option, value in zip(asked[::2], asked[1::2], strict=True):
        assert f"{option} {shlex.quote(value)}" in found["command"]
    assert "--seed 3" in found["command"]
    assert cli(*shlex.split(found["command"])[1:], "--quiet")[0] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--learning-rate", "quick"], "--learning-rate must be numbers with commas, such as 0.1,0.01. Got 'quick'."),
        (["--learning-rate", "0.1,0"], "--learning-rate must be a finite number above 0. Got 0.0."),
        (["--epochs", "5.5"], "--epochs must be whole numbers with commas, such as 50,200. Got '5.5'."),
        (["--activation", ""], "--activation must be names with commas, such as relu,tanh. Got ''."),
        (["--activation", "relu,rleu"], "--activation must be one of "),
        (["--hidden", "5;x"], "--hidden must be whole numbers of 1 or more with commas"),
        (["--folds", "1"], "--folds must be a whole number of 2 or more. Got 1."),
        (["--jobs", "0"], "--jobs must be a whole number of 1 or more"),
        (["--budget", "-1"], "--budget must be a number of seconds above 0"),
        (["--seed", "-1"], "--seed must be "),
        (["--metric", "rmse"], "--metric of a classification must be "),
    ],
)
def test_messages_name_options_and_nothing_is_trained(cli, monkeypatch, options, message):
    monkeypatch.setattr(workers, "train_on_fold", None)
    status, out, err = cli("try", "sample:iris", *options)
    assert (status, out) == (2, "")
    assert err.startswith(message)


def test_ctrl_c_shows_what_was_done(cli, monkeypatch):
    whole, done = workers.train_on_fold, []

    def interrupted_at_the_third(task):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(task.key)
        return whole(task)

    monkeypatch.setattr(workers, "train_on_fold", interrupted_at_the_third)
    status, out, err = cli("try", "sample:iris", "--hidden", "4;5", *QUICK)
    assert status == 130
    assert "→" in out
    assert "Interrupted after 2 of 6 trainings" in " ".join(out.split())
    assert err.endswith("Interrupted. Shown is what was done until then.\n")


def test_ctrl_c_before_anything_is_done_shows_no_table(cli, monkeypatch):
    def interrupted(task):
        raise KeyboardInterrupt

    monkeypatch.setattr(workers, "train_on_fold", interrupted)
    status, out, err = cli("try", "sample:iris", "--hidden", "4;5", "--quiet", *QUICK)
    assert (status, out, err) == (130, "", "Interrupted. Nothing was written.\n")


def test_it_is_the_function_of_the_library(cli):
    out = json.loads(cli("try", "sample:iris", "--hidden", "4;5", "--json", "--quiet", *QUICK)[1])
    found = gd.try_values("sample:iris", hidden=[(4,), (5,)], epochs=3, jobs=1)
    assert [row["score"] for row in out["candidates"]] == [trial.score.value for trial in found.trials]
