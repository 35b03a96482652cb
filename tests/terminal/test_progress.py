"""What a run looks like while it goes on."""

from __future__ import annotations

import io

import numpy as np

from gradatim.ladder.rungs import RUNGS
from gradatim.terminal.progress import Bar, run_progress
from gradatim.training import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_bar_on_a_terminal_moves_and_goes_away():
    stream = Terminal()
    with run_progress(stream, quiet=False, readings_to=io.StringIO()) as bar:
        assert isinstance(bar, Bar)
        bar.begins(RUNGS["deep"])
        row = {"epoch": 3, "training_loss": 0.7, "validation_rmse": 5.25, "learning_rate": 0.1, "seconds": 1.0}
        bar.epoch(RUNGS["deep"], Progress(3, 10, row, 3, np.zeros(1)))
        bar._bars.refresh()
    assert "deep network" in stream.getvalue()
    assert "3 of 10 epochs" in stream.getvalue()
    assert "rmse 5.25" in stream.getvalue()


def test_lines_of_a_long_training(monkeypatch):
    clock = iter([0.0, 0.0, 6.0, 6.0, 7.0])
    monkeypatch.setattr("gradatim.terminal.progress.monotonic", lambda: next(clock))
    stream = io.StringIO()
    lines = run_progress(stream, quiet=False, readings_to=io.StringIO())
    lines.begins(RUNGS["deep"])
    row = {"epoch": 3, "training_loss": 0.7, "validation_rmse": 5.25}
    lines.epoch(RUNGS["deep"], Progress(3, 10, row, 3, np.zeros(1)))
    lines.epoch(RUNGS["deep"], Progress(4, 10, row, 3, np.zeros(1)))
    assert stream.getvalue() == "deep network: epoch 3 of 10, rmse 5.25\n"
