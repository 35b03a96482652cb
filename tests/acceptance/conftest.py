"""The command line within a process, and what must be so whenever it refuses something."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.acceptance.commands import command, csv_text, everything_in

MESSAGE = re.compile(r"(Unknown |[^\n]+ (must|holds|requires)\b)[^\n]+\n")


@pytest.fixture
def cli(capsys):
    return command(capsys)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of the command line, and the table that it is from."""
    import gradatim as gd

    folder = tmp_path_factory.mktemp("finished")
    (folder / "table.csv").write_text(csv_text(y=["no", "yes"] * 30), encoding="utf-8")
    gd.fit(folder / "table.csv", "y", rungs="constant,linear", choose="linear", out=folder / "run")
    return folder


@pytest.fixture
def refused(cli, here, finished):
    """Run a command that must be refused, beside a finished run; give back its message."""
    for path in finished.iterdir():
        (shutil.copytree if path.is_dir() else shutil.copyfile)(path, here / path.name)

    def run(*tokens):
        before = everything_in(here)
        ended = cli(*tokens)
        assert (ended.status, ended.out) == (2, "")
        assert MESSAGE.fullmatch(ended.err), ended.err
        assert "Traceback" not in ended.err
        assert everything_in(here) == before
        return ended.err

    return run
