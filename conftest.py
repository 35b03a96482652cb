"""Strictness for tests and for the examples in docstrings: floating point faults and leaked state are failures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).parent / "src"

# Read when the libraries load, so these stand before the imports below. NumPy and SciPy each bring a BLAS with threads
# of its own, and two pools that spin against each other are 300 times slower on small matrices than one thread.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MPLBACKEND"] = "Agg"
# Programs that a test starts run the same sources as the test.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SOURCES), os.environ.get("PYTHONPATH")]))

import numpy as np  # noqa: E402
import pytest  # noqa: E402
import scipy.linalg  # noqa: E402, F401  (loads SciPy's BLAS, so that the controller below sees both)
from threadpoolctl import ThreadpoolController  # noqa: E402

BLAS = ThreadpoolController().select(user_api="blas")  # made once: finding the libraries takes milliseconds

# Numbers too small for their type become 0, as everywhere in this project.
FLOATING_POINT = {"divide": "raise", "over": "raise", "invalid": "raise", "under": "ignore"}


def _global_state() -> dict[str, object]:
    return {
        "NumPy's error state": np.geterr(),
        "the BLAS threads": [library["num_threads"] for library in BLAS.info()],
        "the working directory": os.getcwd(),
    }


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Overflow, division by zero and invalid operations raise; what a test changes, it must put back."""
    with np.errstate(**FLOATING_POINT):
        before = _global_state()
        yield
        monkeypatch.undo()  # a working directory changed through monkeypatch is put back before it is compared
        after = _global_state()
    leaked = [f"{name}: {before[name]} → {after[name]}" for name in before if before[name] != after[name]]
    assert not leaked, f"The test left global state changed. {'; '.join(leaked)}"
