"""The command line as people use it, and tables to try it on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gradatim.cli import main

ROWS = 60
QUICK = ("--rungs", "constant,linear,shallow", "--epochs", "3", "--folds", "1")


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def story(self) -> str:
        """What was printed, in one line, with nothing of how it was wrapped."""
        return re.sub(r"\s+", " ", self.out)


Command = Callable[..., Ended]


def command(capsys: Any) -> Command:
    """A function that runs a command within this process."""

    def run(*tokens: object) -> Ended:
        status = main([str(token) for token in tokens])
        return Ended(status, *capsys.readouterr())

    return run


def csv_text(rows: int = ROWS, separator: str = ",", **columns: list[Any]) -> str:
    """A text table of a number x, a category k, and a number y to predict; columns replace these, or come behind."""
    found: dict[str, list[Any]] = {
        "x": [i % 11 for i in range(rows)],
        "k": ["abc"[i % 3] for i in range(rows)],
        "y": [2 * (i % 11) + 0.5 for i in range(rows)],
    }
    found.update(columns)
    lines = [separator.join(found), *(separator.join(map(str, row)) for row in zip(*found.values(), strict=True))]
    return "\n".join(lines) + "\n"


def everything_in(folder: Path) -> Mapping[str, bytes]:
    """Each file and folder below this one, with its content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        found[str(path.relative_to(folder))] = b""
        if path.is_file():
            with open(path, "rb") as file:  # not Path.open, which a test may forbid
                found[str(path.relative_to(folder))] = file.read()
    return found
