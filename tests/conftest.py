"""What tests share: the folder of larger data, and how hard Hypothesis tries."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

# The same examples on every run and machine; no deadline, because shared machines stall.
settings.register_profile("ci", max_examples=50, derandomize=True, deadline=None)
settings.register_profile("intense", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real tables and pictures, too large to ship: $GRADATIM_SHARED, or the folder `shared` beside the checkout."""
    folder = Path(os.environ.get("GRADATIM_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"there is no folder of shared data at {folder} (set GRADATIM_SHARED)")
    return folder


@pytest.fixture
def no_clock(monkeypatch):
    """A budget is steps alone, and no clock ends a training: how quick the machine is just now must not matter."""
    monkeypatch.setattr("gradatim.ladder.ladder.Until.on_epoch_end", lambda until, progress: None)
    monkeypatch.setattr("gradatim.ladder.ladder.SHARE_OF_SIMPLE", 1e6)
