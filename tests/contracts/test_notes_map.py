"""The map docs/notes.md is true: every heading is there, every name and test in it exists, every call in it runs."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

from gradatim.lessons import NAMES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "notes.md"

# The headings of the notes, in their order.
HEADINGS = [
    "Introduction to deep learning",
    "What is a neural network?",
    "Supervised learning with neural networks",
    "Why is deep learning taking off?",
    "Binary classification",
    "Logistic regression",
    "Logistic regression cost function",
    "Gradient descent",
    "Derivatives",
    "More derivatives examples",
    "Computation graph",
    "Derivatives with a computation graph",
    "Logistic regression gradient descent",
    "Gradient descent on m examples",
    "Vectorization",
    "Vectorizing logistic regression",
    "Notes on Python and NumPy",
    "General notes",
    "Neural networks overview",
    "Neural network representation",
    "Computing a neural network's output",
    "Vectorizing across multiple examples",
    "Activation functions",
    "Why do you need non-linear activation functions?",
    "Derivatives of activation functions",
    "Gradient descent for neural networks",
    "Random initialization",
    "Deep L-layer neural network",
    "Forward propagation in a deep network",
    "Getting your matrix dimensions right",
    "Why deep representations?",
    "Building blocks of deep neural networks",
    "Forward and backward propagation",
    "Parameters vs hyperparameters",
    "What does this have to do with the brain?",
]


class Row(NamedTuple):
    """One claim of the notes."""

    heading: str
    claim: str
    formula: str
    code: str
    call: str
    test: str


def rows() -> list[Row]:
    found, heading = [], ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("| ") or line.startswith("| The notes "):
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert len(cells) == 5, line
        if named := re.match(r"\*\*(.+?)\*\*:? ?(.*)", cells[0]):
            heading, cells[0] = named.groups()
        found.append(Row(heading, *cells))
    return found


ROWS = rows()
IDS = [f"{row.heading}: {row.claim[:40]}" for row in ROWS]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_heading_has_its_rows_in_order():
    assert list(dict.fromkeys(row.heading for row in ROWS)) == HEADINGS


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_the_row_has_a_test_or_says_why_not(row):
    """A test that exists, or *cannot be shown*; never an empty cell."""
    named = quoted(row.test)
    assert named or row.test.startswith("cannot be shown"), row.test
    for name in named:
        path, _, function = name.partition("::")
        assert path.startswith("tests/")
        assert (ROOT / path).is_file(), f"{path} is not there"
        function, _, case = function.partition("[")
        assert function in functions_of(ROOT / path), f"{path} has no {function}"
        assert not case or case.removesuffix("]") in NAMES, f"there is no lesson {case}"


@pytest.mark.parametrize("row", [row for row in ROWS if quoted(row.code)], ids=lambda row: row.heading)
def test_the_code_of_the_row_exists(row):
    """``gradatim.module.name`` can be imported; ``examples/file.py::function`` stands in the file."""
    for name in quoted(row.code):
        if "::" in name:
            path, _, function = name.partition("::")
            assert function in functions_of(ROOT / path), name
            continue
        parts = name.split(".")
        found, k = import_module("gradatim"), 1
        while k < len(parts):
            try:
                found = getattr(found, parts[k])
            except AttributeError:
                found = import_module(".".join(parts[: k + 1]))
            k += 1
        assert found is not None


@pytest.fixture(scope="module")
def names() -> dict[str, object]:
    """What the page's blocks define."""
    namespace: dict[str, object] = {}
    page = PAGE.read_text(encoding="utf-8")
    for block in re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL):
        exec(block, namespace)
    return namespace


@pytest.mark.parametrize("row", [row for row in ROWS if quoted(row.call)], ids=lambda row: row.heading)
def test_the_call_of_the_row_runs(row, names):
    """Python is executed. A command of ours names a command that there is; any other is a script of ours."""
    for call in quoted(row.call):
        if call.startswith("gradatim "):
            from gradatim.cli import app

            assert call.split()[1] in app
        elif call.startswith("python "):
            assert (ROOT / call.split()[1]).is_file()
        else:
            exec(call, dict(names))
