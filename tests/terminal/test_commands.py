"""Commands that are offered, and messages in the words of the command line."""

from __future__ import annotations

import shlex
from types import SimpleNamespace

from gradatim.terminal.commands import fit_words, in_options
from gradatim.terminal.run import next_text

RUN = SimpleNamespace(folder="runs/a b", reading=SimpleNamespace(targets=("y", "z")), metrics={"seed": 3})


def test_the_same_question_is_asked_on_other_rows():
    arguments = {"kinds": {"zip": "category"}, "ignore": ["id"], "rungs": "linear,deep", "seed": 3, "budget": 5.0}
    predict, again = (line.strip() for line in next_text(RUN, "my data.csv", arguments).splitlines()[-2:])
    assert shlex.split(predict) == ["gradatim", "predict", "runs/a b", "my data.csv", "--out", "predictions.csv"]
    assert shlex.split(again) == [
        *("gradatim", "fit", "my data.csv", "--target", "y", "--target", "z"),
        *("--kind", "zip=category", "--ignore", "id", "--rungs", "linear,deep", "--seed", "4"),
    ]


def test_no_seed_changes_a_split_by_order():
    assert "--seed" not in next_text(RUN, "a.csv", {"order": "day"})


def test_a_database_is_asked_the_same():
    assert "a.sqlite --query 'select 1' --out" in next_text(RUN, "a.sqlite", {"query": "select 1"})


def test_what_fit_takes_by_itself_is_not_said():
    untold = {"task": "auto", "preset": "strong", "seed": 0, "choose": "simplest", "metric": None, "ignore": ()}
    assert fit_words("a.csv", ["y"], untold) == ["gradatim", "fit", "a.csv", "--target", "y"]


def test_a_column_that_begins_with_a_dash_is_no_option():
    assert fit_words("a.csv", [], {"ignore": ["-x"]})[-1] == "--ignore=-x"


def test_messages_name_options():
    assert in_options('add group="COLUMN" or replace=True', ("group", "replace")) == "add --group COLUMN or --replace"
    assert in_options('engine="textbook" stays') == 'engine="textbook" stays'


def test_no_command_shows_a_password():
    assert fit_words("postgresql://bob:s3c/r%40t@host/homes", ["y"], {})[2] == "postgresql://bob:***@host/homes"
    assert fit_words("mysql://host/homes?password=s3cret", [], {})[2] == "mysql://host/homes?password=***"
    for plain in ("postgresql://bob@host/homes", "mysql://host:33/homes?charset=utf8", "a@b:c.csv", "sample:moons"):
        assert fit_words(plain, [], {})[2] == plain
