"""A folder of its own for each test, a caller of commands, and runs to ask."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.cli import main


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli(capsys):
    """Run a command; its status, standard output and standard error."""

    def run(*tokens):
        status = main([str(token) for token in tokens])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture(scope="module")
def iris_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "iris"
    gd.fit("sample:iris", rungs="constant,linear", out=folder)
    return folder


@pytest.fixture
def picture_run(own_folder):
    """A model of colour pictures of 8×6, dark and light, from an .npz file; and the pictures."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 90, (40, 8, 6, 3), dtype=np.uint8)
    X[20:] += 160
    np.savez("pictures.npz", X=X, y=np.repeat([0, 1], 20), class_names=["dark", "light"])
    gd.fit("pictures.npz", rungs="constant,linear", choose="linear", out="run")
    return X
