"""The tables of docs/notation.md hold: every piece of Python in them runs on the page's own network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "notation.md"


def rows(text: str, header: str) -> list[list[str]]:
    """The cells of the table under this header."""
    table = text[text.index(header) :].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


@pytest.fixture
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture
def names(page) -> dict[str, object]:
    """What the page's blocks define."""
    namespace: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL):
        exec(block, namespace)
    return namespace


def test_every_letter_is_what_the_table_says(page, names):
    for letter, shape, _, python in rows(page, "| Letter "):
        for expression in re.findall(r"`([^`]+)`", python):
            if expression == "learning_rate":
                continue
            value = eval(expression, names | {"l": 2})
            if shape.startswith("("):
                assert value.shape == eval(shape, names | {"l": 2}), letter


def test_every_translation_runs(page, names, capsys):
    table = rows(page, "| In the assignments ")
    assert len(table) > 40
    for theirs, ours, *_ in table:
        if theirs.startswith("**"):
            continue
        expressions = re.findall(r"`([^`]+)`", ours)
        assert expressions, theirs
        for expression in expressions:
            eval(expression, names)
