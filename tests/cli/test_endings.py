"""How a command ends: statuses, messages, streams, and what was loaded."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gradatim as gd
from gradatim.tables import read_table
from tests.cli.commands import LOADED, QUICK, TARGET_IS_THERE, run_python


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--activation", "rleu"], "--activation must be one of "),
        (["--learning-rate", "0"], "--learning-rate must be "),
        (["--epochs", "0"], "--epochs must be "),
        (["--hidden", "5", "--choose", "deep"], "--choose must be "),
        (["--rungs", "none"], "--rungs must be some of "),
        (["--seed", "-1"], "--seed must be "),
        (["--positive", "maybe"], "--positive must be left out "),
        (["--out", "taken"], "--out must be a new folder. Got 'taken', which exists: add --replace or name another."),
        (["--metric", "rmse"], "--metric of a classification must be "),
    ],
)
def test_messages_name_options_and_not_arguments(cli, own_folder, options, message):
    (own_folder / "taken").mkdir()
    status, _, err = cli("fit", "sample:iris", *options)
    assert status == 2
    assert err.startswith(message)


def test_a_message_about_a_file_is_left_alone(cli, own_folder):
    (own_folder / "test").mkdir()
    assert cli("fit", "test")[2].startswith("test must hold pictures")


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (["fti", "x"], r'Did you mean "fit"\?'),
        (["fit"], "DATA"),
        (["fit", "sample:iris", "--traget", "x"], r"Did you mean --target\?"),
        (["fit", "sample:iris", "--epochs", "ten"], "--epochs"),
        (["fit", "sample:iris", "--task", "regress"], "--task"),
        (["fit", "sample:iris", "--hidden", "20,x"], "--hidden must be whole numbers"),
        (["fit", "sample:irsi"], r"Did you mean 'iris'\?"),
        (["fit", "nowhere.csv", "--target", "y"], r"nowhere\.csv must be a file"),
        (["fit", "sample:concrete", "--target", "strenght"], r"Did you mean 'strength'\?"),
        (["fit", "sample:iris", "--rungs", "linear,shalow"], r"Did you mean 'shallow'\?"),
        (["fit", "sample:iris", "--metric", "log_los"], r"Did you mean 'log_loss'\?"),
        (["fit", "sample:iris", "--preset", "plane"], r"Did you mean 'plain'\?"),
        (["predict", "nowhere", "sample:iris"], "Got nothing of that name at 'nowhere'"),
        (["predict", ".", "sample:iris"], r"holds no model\.safetensors"),
        (["predict", "RUN", "sample:iris", "--out", "p.xlsx"], r"--out must end in \.csv or \.parquet"),
        (["predict", "RUN", "sample:iris", "--out", "no/p.csv"], "folder of the file to write must exist"),
        (["predict", "RUN", "sample:concrete"], "sepal_length"),
        (["evaluate", "RUN", "sample:concrete"], "Got 'species'"),
    ],
)
def test_what_the_user_can_mend_ends_with_2_and_one_message(cli, own_folder, iris_run, tokens, message):
    status, out, err = cli(*(iris_run if token == "RUN" else token for token in tokens))
    assert (status, out) == (2, "")
    assert re.search(message, err)
    assert len(err.splitlines()) == 1
    assert list(own_folder.iterdir()) == []


def test_folder_that_cannot_be_made_ends_with_2(cli, own_folder):
    (own_folder / "file").write_text("")
    status, _, err = cli("fit", "sample:iris", "--out", "file/run", "--quiet", *QUICK)
    assert status == 2
    assert len(err.splitlines()) == 1
    assert [path.name for path in own_folder.iterdir()] == ["file"]


def test_fault_of_ours_ends_with_1_and_a_traceback(cli, monkeypatch):
    monkeypatch.setattr("gradatim.runs.fit", lambda *args, **kwargs: 1 / 0)
    status, _, err = cli("fit", "sample:iris")
    assert status == 1
    assert "ZeroDivisionError" in err
    assert "a fault of gradatim" in err


def test_interrupted_ends_with_130_and_says_how_to_go_on(cli, monkeypatch, own_folder):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("gradatim.ladder.ladder.train_prepared", interrupted)
        status, _, err = cli("fit", "sample:iris", "--quiet", *QUICK)
    again = ["fit", "sample:iris", "--quiet", *QUICK, "--resume"]
    assert (status, err) == (130, f"Interrupted. What was trained is kept: gradatim {' '.join(again)} goes on.\n")
    assert [path.name for path in Path("runs").iterdir()] == ["iris-species.partial"]
    assert cli(*again)[0] == 0
    assert [path.name for path in Path("runs").iterdir()] == ["iris-species"]


def test_help_loads_nothing_heavy():
    words = run_python(LOADED, "--help").stdout.split()
    assert "gradatim.cli" in words
    assert {"numpy", "sklearn", "polars", "scipy", "matplotlib", "torch"}.isdisjoint(words)


def test_a_reader_that_has_seen_enough_is_no_error(iris_run):
    program = f"{sys.executable} -m gradatim predict {iris_run} sample:iris | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == ["0"]
    assert done.stderr == TARGET_IS_THERE


def test_version_is_printed(cli):
    assert cli("--version") == (0, f"{gd.__version__}\n", "")


def test_module_runs_as_a_program():
    done = subprocess.run([sys.executable, "-m", "gradatim", "fit"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "DATA" in done.stderr


@pytest.mark.parametrize("packed", [False, True], ids=["text", "packed"])
def test_a_dash_is_standard_input(packed, own_folder):
    """As a process: a stream of bytes, and options before the dash and behind it."""
    content = read_table("sample:penguins").to_polars().write_csv().encode()
    content = gzip.compress(content) if packed else content

    def run(*tokens):
        command = [sys.executable, "-m", "gradatim", *tokens]
        return subprocess.run(command, input=content, capture_output=True, check=False)

    fitted = run("fit", "--target", "species", "-", "--rungs", "linear", "--out", "run", "--quiet")
    assert fitted.returncode == 0, fitted.stderr
    assert b"  gradatim predict run - --out predictions.csv" in fitted.stdout
    assert run("predict", "run", "-").stdout.count(b"\n") == 345
    assert run("evaluate", "run", "-").stdout.startswith(b"species: 344 rows\n")


def test_a_slip_before_data_is_named(cli):
    """DATA may be a dash, but an option that is none is not DATA."""
    status, _, err = cli("fit", "--targt", "species", "sample:iris")
    assert (status, err) == (2, "Unknown option: --targt. Did you mean --target? Try gradatim fit --help.\n")
