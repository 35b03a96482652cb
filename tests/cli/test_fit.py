"""``gradatim fit``: what it prints where."""

from __future__ import annotations

import json
import re

import numpy as np
import polars as pl

import gradatim as gd
from tests.cli.commands import QUICK


def test_fit_tells_the_whole_story(cli):
    status, out, err = cli("fit", "sample:iris", *QUICK)
    assert status == 0
    assert "sample:iris: 150 rows, 4 columns to predict from (4 numbers)" in out
    assert "species: classification into 3 classes. The target holds texts." in out
    assert "96 to train, 24 to choose, 30 to test" in out
    assert re.search(r"→  linear +0\.\d+ ± 0\.\d+ +15 +\d+\.\d\n", out)
    assert "No network beats the linear model here; keep it." in out
    assert re.search(r"On the test rows the linear model has accuracy 0\.\d+, ", out)
    assert "Compared after training on 96, validated on 24, tested on 30 rows." in out
    assert "gradatim predict runs/iris-species sample:iris --out predictions.csv" in out
    again = "gradatim fit sample:iris --target species --rungs constant,linear,shallow --folds 1 --epochs 3 --seed 1"
    assert again in out
    assert err.splitlines() == [
        line for line in err.splitlines() if re.fullmatch(r"\w+ (model|network): trained in \d+\.\d s", line)
    ]
    assert len(err.splitlines()) == 3


def test_lines_stay_within_a_hundred_characters_but_for_commands_which_are_copied_whole(cli):
    _, out, _ = cli("fit", "sample:penguins", *QUICK)
    commands = [line for line in out.splitlines() if line.startswith("  gradatim ")]
    assert [command.split()[1] for command in commands] == ["predict", "fit"]
    assert max(len(line) for line in out.splitlines() if line not in commands) <= 100


def test_commands_that_are_printed_work(cli):
    _, out, _ = cli("fit", "sample:iris", *QUICK)
    commands = [line.split()[1:] for line in out.splitlines() if line.startswith("  gradatim ")]
    assert len(commands) == 2
    for command in commands:
        assert cli(*command)[0] == 0


def test_json_is_all_there_is_on_standard_output(cli, own_folder):
    status, out, err = cli("fit", "sample:concrete", "--target", "strength", "--json", *QUICK)
    assert status == 0
    assert json.loads(out) == json.loads((own_folder / "runs/concrete-strength/metrics.json").read_text())
    assert "1,030 rows" in err
    assert cli("fit", "sample:iris", "--json", "--quiet", *QUICK)[2] == ""


def test_training_that_breaks_off_is_said(cli, monkeypatch):
    from dataclasses import replace

    import gradatim.ladder.ladder as ladder

    whole = ladder.train_prepared

    def breaks_off(prepared, settings, *args, **kwargs):
        model = whole(prepared, settings, *args, **kwargs)
        if not settings.hidden_widths:
            return model
        return replace(model, training=replace(model.training, stopped_because="diverged", message="It became NaN."))

    monkeypatch.setattr(ladder, "train_prepared", breaks_off)
    status, out, _ = cli("fit", "sample:iris", *QUICK)
    assert status == 0
    assert "\nshallow network: It became NaN.\n" in out
    assert "linear model: It" not in out


def test_quiet_leaves_the_result(cli):
    status, out, err = cli("fit", "sample:iris", "--quiet", *QUICK)
    assert (status, err) == (0, "")
    assert out.lstrip().startswith("rung ")
    assert "keep it." in out


def test_every_option_of_fit_arrives(cli, own_folder):
    table = pl.DataFrame({"x": np.arange(60.0), "noise": [0.5, 1.5] * 30, "y": ["no", "yes"] * 30})
    table.write_csv("data.csv")
    table[:20].write_csv("test.csv")
    status, out, _ = cli(
        *("fit", "data.csv", "--target", "y", "--out", "here", "--task", "classification", "--positive", "no"),
        *("--rungs", "shallow,deep", "--choose", "deep", "--metric", "accuracy", "--hidden", "5,4,3"),
        *("--activation", "tanh", "--learning-rate", "0.02", "--epochs", "2", "--preset", "plain"),
        *("--ignore", "noise", "--test", "test.csv", "--seed", "3", "--json"),
    )
    assert status == 0
    metrics = json.loads(out)
    settings = metrics["settings"]
    assert metrics["chosen"] == "deep"
    assert [rung["name"] for rung in metrics["rungs"]] == ["shallow", "deep"]
    assert (metrics["metric"], metrics["seed"], metrics["rows"]["test"]) == ("accuracy", 3, 20)
    assert settings["hidden_widths"] == [5, 4, 3]
    assert (settings["activation"], settings["learning_rate"], settings["max_epochs"]) == ("tanh", 0.02, 2)
    assert settings["preset"] == "plain"
    model = gd.load(own_folder / "here" / "model.safetensors")
    assert model.target.positive == "no"
    assert model.encoder.inputs == ("x",)
    assert cli("fit", "data.csv", "--target", "y", "--out", "here", *QUICK)[0] == 2
    assert cli("fit", "data.csv", "--target", "y", "--out", "here", "--replace", *QUICK)[0] == 0


def test_classes_of_numbers_with_fractions_are_refused_before_anything_is_announced(cli):
    status, out, err = cli("fit", "sample:concrete", "--target", "strength", "--task", "classification")
    assert (status, out) == (2, "")
    assert "Got 845 different values in 1,030 rows" in err
    assert err.endswith("Did you mean --task regression?\n")


def test_a_target_that_is_not_named_is_asked_for_as_an_option(cli, own_folder):
    (own_folder / "data.csv").write_text("a,the price\n1,2\n")
    assert "Add --target 'the price', for instance." in cli("fit", "data.csv")[2]


def test_no_layer_is_lost_between_two_commas(cli):
    assert "--hidden must be whole numbers" in cli("fit", "sample:iris", "--hidden", "20,,5")[2]
