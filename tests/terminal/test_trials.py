"""What tried values look like: the table, the marks, the sentences, the command."""

import io
import re
import shlex
from itertools import pairwise

import pytest

import gradatim as gd
from gradatim.terminal.progress import TrialBar, TrialLines
from gradatim.terminal.trials import fit_command, ranking_text, trials_text

ABOUT = {"task": "auto", "positive": None, "kinds": None, "ignore": (), "test": None, "seed": 0, "preset": "plain"}
PLAIN = {"preset": "plain", "epochs": 5, "jobs": 1}


@pytest.fixture(scope="module")
def trials():
    return gd.try_values("sample:iris", learning_rate=[0.1, 1e-6, 1e30], hidden=[(6,), ()], **PLAIN)


def test_the_best_stands_first_and_only_what_varies_has_a_column(trials):
    header, *rows = ranking_text(trials).splitlines()
    assert re.split(r" {2,}", header.strip()) == [
        *("learning rate", "hidden", "log_loss ± s.e.", "behind ± s.e.", "parameters", "trained", "seconds")
    ]
    assert rows[0].startswith("→")
    assert [row.startswith("→") for row in rows] == [True, False, False, False]
    assert sum("(linear)" in row for row in rows) == 1
    assert "diverged" in rows[-1]
    assert max(map(len, [header, *rows])) <= 100


def test_a_mark_stands_before_what_is_close(trials):
    rows = ranking_text(trials).splitlines()[1:]
    assert [row[0] == "≈" for row in rows[1:]] == [trial.close for trial in trials.trials[1:]]


def test_a_training_that_broke_off_has_its_reason_below_the_table(trials):
    text = trials_text(trials, None)
    assert "\n\nLearning rate 1e+30, hidden 6: The loss must stay finite." in text


def test_the_command_is_fit_with_the_best_values_and_what_was_said_about_the_table(trials):
    about = {
        **ABOUT,
        "kinds": {"a b": "category", "c": "number"},
        "ignore": ["x", "--y"],
        "test": 0.3,
        "seed": 4,
        "positive": "it's",
    }
    command = shlex.split(fit_command("my data.csv", trials, about))
    assert command[:5] == ["gradatim", "fit", "my data.csv", "--target", "species"]
    pairs = [("--kind", "a b=category"), ("--kind", "c=number"), ("--ignore", "x"), ("--test", "0.3"), ("--seed", "4")]
    for option, value in [*pairs, ("--positive", "it's"), ("--choose", trials.best.candidate.rung.name)]:
        assert (option, value) in list(pairwise(command))
    assert "--ignore=--y" in command
    assert "--task" not in command


def test_without_a_best_there_is_no_command():
    nothing = gd.try_values("sample:iris", learning_rate=1e30, hidden=(6,), **PLAIN)
    assert fit_command("sample:iris", nothing, ABOUT) is None
    assert "The best command" not in trials_text(nothing, None)


def test_a_single_candidate_is_told_by_what_was_named():
    one = gd.try_values("sample:iris", learning_rate=0.1, hidden=(6,), epochs=2, jobs=1)
    assert one.sentence.startswith("Learning rate 0.1, hidden 6, epochs 2 has ")
    assert "behind" not in ranking_text(one)


def test_progress_ends_with_all_trainings():
    stream = io.StringIO()
    with TrialLines(stream, stream) as lines:
        lines.begins(4, 3, 2)
        for done in range(1, 13):
            lines.trained(done, 12)
    assert stream.getvalue().splitlines() == ["4 candidates on 3 folds, 2 at a time", "12 of 12 trainings"]


def test_a_bar_goes_away_when_it_is_done():
    stream = io.StringIO()
    with TrialBar(stream, stream) as bar:
        bar.begins(1, 2, 1)
        bar.trained(1, 2)
        bar.trained(2, 2)
        assert bar._bars.finished
        assert not bar._bars.live.is_started


def test_a_narrow_terminal_is_spared_what_matters_least(trials):
    for width, spared in ((100, ()), (80, ("parameters",)), (70, ("parameters", "trained"))):
        header, *rows = ranking_text(trials, width).splitlines()
        assert max(map(len, [header, *rows])) <= width
        assert [name for name in ("parameters", "trained", "behind ± s.e.") if name not in header] == list(spared)
