"""The folder of a run: who may write to it, and what is left of those that were cut off."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from gradatim.errors import InputError
from gradatim.run_folder import default_folder, folder_named, is_written_to, whole_or_not_at_all

posix = pytest.mark.skipif(sys.platform == "win32", reason="no locks there")


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def cut_off(folder, *files):
    """What an interrupted run leaves."""
    with suppress(KeyboardInterrupt), whole_or_not_at_all(folder) as partial:
        for name in files:
            (partial / name).parent.mkdir(exist_ok=True)
            (partial / name).write_text("")
        raise KeyboardInterrupt


@posix
def test_one_at_a_time(tmp_path):
    with whole_or_not_at_all(tmp_path / "run") as partial:
        (partial / "metrics.json").write_text("{}")
        assert is_written_to(tmp_path / "run")
        for resume in (False, True):
            with (
                pytest.raises(InputError, match=r"^out must be a folder that no other run writes to. Got '.*run',"),
                whole_or_not_at_all(tmp_path / "run", resume=resume),
            ):
                pass
        assert not is_written_to(tmp_path / "other")
    assert names(tmp_path) == ["run/metrics.json"]


@posix
def test_resuming_takes_the_last_folder_that_nobody_writes_to(tmp_path):
    for name in ("data-y", "data-y-2"):
        cut_off(tmp_path / name)
    with whole_or_not_at_all(tmp_path / "data-y-3"):
        assert default_folder("data.csv", "y", tmp_path, resume=True).name == "data-y-2"
        assert default_folder("data.csv", "y", tmp_path).name == "data-y-4"


def test_resuming_takes_the_folder_that_was_cut_off_last(tmp_path):
    """Whatever its number, though lower ones are gone, and never that of another name."""
    for place, name in enumerate(("data-y-3", "data-y-12", "data-y-7", "data-yes", "data-y-b")):
        cut_off(tmp_path / name)
        for folder in (tmp_path / f"{name}.partial" / "checkpoints", tmp_path / f"{name}.partial"):
            os.utime(folder, (place, place))
    assert default_folder("data.csv", "y", tmp_path, resume=True).name == "data-y-7"
    assert default_folder("data.csv", "y", tmp_path).name == "data-y"
    assert default_folder("data.csv", "z", tmp_path, resume=True).name == "data-z"


def test_resuming_keeps_trainings_and_nothing_else(tmp_path):
    """What is written anew goes, and so does a file that was not written to its end."""
    kept, torn = "checkpoints/deep-0", "checkpoints/.0a.partial"
    cut_off(tmp_path / "run", kept, torn, "rungs/.0b.partial", "rungs/deep.safetensors", "metrics.json")
    lock = ["checkpoints/lock"] if sys.platform != "win32" else []
    with whole_or_not_at_all(tmp_path / "run", resume=True) as partial:
        assert names(partial) == sorted([kept, *lock])
    assert names(tmp_path / "run") == []


def test_an_error_in_a_resumed_run_loses_no_training(tmp_path):
    cut_off(tmp_path / "run", "checkpoints/deep-0")
    with pytest.raises(ZeroDivisionError), whole_or_not_at_all(tmp_path / "run", resume=True):
        raise ZeroDivisionError
    assert "run.partial/checkpoints/deep-0" in names(tmp_path)


def test_folders_of_like_names_are_left_alone(tmp_path):
    for name in ("run", "run.old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.json").write_text(name)
    with whole_or_not_at_all(tmp_path / "run", replace=True) as partial:
        (partial / "metrics.json").write_text("new")
    assert names(tmp_path) == ["run.old/metrics.json", "run/metrics.json"]
    assert (tmp_path / "run.old" / "metrics.json").read_text() == "run.old"
    assert (tmp_path / "run" / "metrics.json").read_text() == "new"


def test_the_folder_one_is_in_can_be_replaced(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    with whole_or_not_at_all(folder_named("."), replace=True) as partial:
        (partial / "metrics.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert names(tmp_path) == ["run/metrics.json"]
    assert folder_named("run") == Path("run")


def test_a_whole_run_cannot_be_resumed(tmp_path):
    with whole_or_not_at_all(tmp_path / "run") as partial:
        (partial / "metrics.json").write_text("{}")
    with (
        pytest.raises(InputError, match="resume must be about a run that was cut off"),
        whole_or_not_at_all(tmp_path / "run", resume=True),
    ):
        pass
