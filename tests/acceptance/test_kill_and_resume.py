"""Runs that are killed wherever it hurts, and go on: the same bytes come out as of one left alone.

Each process has the signal set at one place of the code (`tests/acceptance/deadly.py`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from benchmarks.kill_and_resume import Command, content, trial
from gradatim.cli import main

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

DEADLY = Path(__file__).with_name("deadly.py")
FIT = ("fit", "sample:iris", "--epochs", "6", "--folds", "1", "--quiet", "--out", "run")
STEPS, BEGINS = "gradatim.training.loop:take_steps", "gradatim.ladder.watcher:Watcher.begins"
RENAME = "pathlib:Path.rename"
LIMITED = """
import resource, sys
from gradatim.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
sys.exit(main(sys.argv[1:]))
"""


def run(folder, *words):
    """A Python process in a folder: its status (minus the signal that ended it), and what it said on standard error."""
    done = subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def hit(folder, where, nth=1, when="before", *more, sent="SIGKILL", tokens=FIT):
    status, err = run(folder, str(DEADLY), sent, where, str(nth), when, *tokens, *more)
    return status if status >= 0 else signal.Signals(-status).name, err


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The folder of a run left alone."""
    folder = tmp_path_factory.mktemp("alone")
    assert run(folder, "-m", "gradatim", *FIT) == (0, "")
    return folder / "run"


def test_killed_nine_times_in_a_row_and_interrupted_once(alone, tmp_path):
    """With rungs constant, linear, shallow, deep: what each process finds is what the one before it left."""
    checkpoints = tmp_path / "run.partial" / "checkpoints"
    assert hit(tmp_path, STEPS, 4, "after", "--resume")[0] == "SIGKILL"  # in epoch 4 of the shallow network
    assert {"constant-0", "linear-0", "shallow-0"} <= {path.name for path in checkpoints.iterdir()}
    assert hit(tmp_path, "torn", 2, "before", "--resume")[0] == "SIGKILL"  # in the file of its epoch 5
    assert hit(tmp_path, "os:replace", 1, "before", "--resume")[0] == "SIGKILL"  # the file is whole, and has no name
    assert hit(tmp_path, BEGINS, 4, "before", "--resume")[0] == "SIGKILL"  # between the rungs
    assert hit(tmp_path, STEPS, 2, "after", "--resume", sent="SIGTERM")[0] == "SIGTERM"  # in the deep network
    status, err = hit(tmp_path, STEPS, 2, "after", sent="SIGINT", tokens=(*FIT, "--resume"))
    assert (status, err) == (
        130,
        f"Interrupted. What was trained is kept: gradatim {' '.join(FIT)} --resume goes on.\n",
    )
    assert hit(tmp_path, "gradatim.model:Model.save", 3, "before", "--resume")[0] == "SIGKILL"  # rungs are written
    assert hit(tmp_path, "shutil:copyfile", 1, "after", "--resume")[0] == "SIGKILL"  # the model is, metrics are not
    assert hit(tmp_path, RENAME, 1, "before", "--resume")[0] == "SIGKILL"  # all are
    assert [path.name for path in tmp_path.iterdir()] == ["run.partial"]
    assert run(tmp_path, "-m", "gradatim", *FIT, "--resume") == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert content(tmp_path / "run") == content(alone)


def test_killed_in_a_fold_and_in_the_training_on_all_folds(tmp_path):
    """Three folds of three epochs: the tenth call trains once more. The first process is killed in the fifth."""
    (tmp_path / "alone").mkdir()
    fit = ("fit", "sample:iris", "--preset", "plain", "--rungs", "linear,shallow", "--epochs", "3", "--folds", "3")
    fit = (*fit, "--quiet", "--out", "run")
    assert run(tmp_path / "alone", "-m", "gradatim", *fit) == (0, "")
    assert hit(tmp_path, STEPS, 5, "after", "--resume", tokens=fit)[0] == "SIGKILL"
    checkpoints = tmp_path / "run.partial" / "checkpoints"
    networks = {"shallow-0-fold-0", "shallow-0-fold-1"}
    assert {path.name for path in checkpoints.glob("shallow*")} == networks
    assert hit(tmp_path, STEPS, 7, "after", "--resume", tokens=fit)[0] == "SIGKILL"
    assert {path.name for path in checkpoints.glob("shallow*")} == {*networks, "shallow-0-fold-2", "shallow-0-all-rows"}
    assert run(tmp_path, "-m", "gradatim", *fit, "--resume") == (0, "")
    assert content(tmp_path / "run") == content(tmp_path / "alone" / "run")


def test_killed_while_it_replaces_a_run(alone, tmp_path):
    """The old run is whole at any moment: in its place, or put back by the next command."""
    fit = (*FIT, "--replace", "--resume")
    old = {"metrics.json": b'{"rungs": []}', "model.safetensors": b"old"}
    (tmp_path / "run").mkdir()
    for name, bytes_ in old.items():
        (tmp_path / "run" / name).write_bytes(bytes_)

    def is_old(folder):
        return {path.name: path.read_bytes() for path in folder.iterdir()} == old

    assert hit(tmp_path, RENAME, 1, "before", tokens=fit)[0] == "SIGKILL"
    assert is_old(tmp_path / "run")
    assert hit(tmp_path, RENAME, 1, "after", tokens=fit)[0] == "SIGKILL"
    assert [path.name for path in tmp_path.iterdir()] == ["run.partial"]
    assert is_old(tmp_path / "run.partial" / "checkpoints" / "replaced")
    status, err = run(tmp_path, "-m", "gradatim", *FIT)  # without --replace
    assert (status, err.count("\n")) == (2, 1)
    assert is_old(tmp_path / "run")
    assert hit(tmp_path, RENAME, 2, "after", tokens=fit)[0] == "SIGKILL"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    left = content(tmp_path / "run")
    assert {name: what for name, what in left.items() if not name.startswith("checkpoints")} == content(alone)
    status, err = run(tmp_path, "-m", "gradatim", *FIT, "--resume")
    assert (status, err) == (
        2,
        "--resume must be about a run that was cut off. Got 'run', which is whole: nothing is left to do.\n",
    )


def test_one_run_at_a_time_writes_to_a_folder(alone, tmp_path):
    """The first is stopped in the middle. Once it is dead, its folder is anybody's."""
    words = [sys.executable, str(DEADLY), "SIGSTOP", STEPS, "3", "after", *FIT]
    with subprocess.Popen(words, cwd=tmp_path) as first:
        _, status = os.waitpid(first.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        before = {path.name: path.read_bytes() for path in (tmp_path / "run.partial").rglob("*") if path.is_file()}
        status, err = run(tmp_path, "-m", "gradatim", *FIT, "--resume")
        after = {path.name: path.read_bytes() for path in (tmp_path / "run.partial").rglob("*") if path.is_file()}
        first.kill()
    assert status == 2
    assert err == (
        "--out must be a folder that no other run writes to. Got 'run', which one is writing to now: "
        "wait for it to end, or name another.\n"
    )
    assert before == after
    assert run(tmp_path, "-m", "gradatim", *FIT) == (0, "")
    assert content(tmp_path / "run") == content(alone)


def test_a_full_disk_ends_with_2_and_leaves_what_was_there(alone, tmp_path):
    """No file may grow beyond 1000 bytes: the first model, and predictions, are larger."""
    (tmp_path / "run").symlink_to(alone)
    (tmp_path / "p.csv").write_text("old")
    predict = ("predict", "run", "sample:iris", "--out", "p.csv")
    for tokens in ((*FIT, "--replace"), (*FIT[:-1], "new"), predict):
        before = content(alone)
        status, err = run(tmp_path, "-c", LIMITED, *tokens)
        assert (status, err.count("\n")) == (2, 1), err
        assert "file too large" in err
        assert sorted(path.name for path in tmp_path.iterdir()) == ["p.csv", "run"]
        assert (tmp_path / "p.csv").read_text() == "old"
        assert content(tmp_path / "run") == content(alone) == before


@pytest.mark.parametrize("out", ["file/run", "/proc/run", "/dev/null/run"])
@pytest.mark.parametrize("more", [(), ("--resume",), ("--replace",)])
def test_a_place_that_takes_no_folder_ends_with_2(out, more, tmp_path, monkeypatch, capsys):
    """Rights would not do to show it: the administrator has them all."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert main(["fit", "sample:iris", "--rungs", "constant", "--quiet", "--out", out, *more]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("out", ["file/p.csv", "/proc/p.csv", "no/p.csv", "folder.csv"])
def test_a_place_that_takes_no_file_ends_with_2(out, alone, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.csv").mkdir()
    assert main(["predict", str(alone), "sample:iris", "--out", out]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("The f")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.csv"]


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path):
    alone = Command(("sample:concrete", "--preset", "plain", "--epochs", "40"), tmp_path / "alone")
    lengths = alone.run()
    old = Command(("sample:concrete", "--epochs", "1"), tmp_path / "old")
    old.run()
    rng = Random(1)
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        command = Command(alone.arguments, folder / "run")
        trial(command, lengths, old.folder if number % 2 else None, content(alone.folder), rng)
