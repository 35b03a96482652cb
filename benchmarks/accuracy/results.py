"""The file of results: a line of JSON for each fit, written as soon as it is there.

A result is known by its table, split, seed and contestant; of several the last counts. Several programs may write to
one file at a time: each line is one write at its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Key = tuple[str, int, int, str]


def key(record: Record) -> Key:
    """By which a result is known."""
    return record["table"], record["split"], record["seed"], record["contestant"]


def read(file: Path) -> dict[Key, Record]:
    """The results so far, in the order in which they were first there. A line that was cut off is no result."""
    found: dict[Key, Record] = {}
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                continue
            found[key(record)] = record
    return found


def add(file: Path, record: Record) -> None:
    """Append one, on a line of its own even where the last one was cut off."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write("\n" + json.dumps(record))


def is_there(found: Mapping[Key, Record], which: Key) -> bool:
    """Whether that fit need not be made: what failed is tried again."""
    return which in found and "error" not in found[which]


def comparable(records: Iterable[Record]) -> list[Record]:
    """Those that did not fail.

    Raises:
        ValueError: if two of one split trained or tested on different rows: the table has changed in between.
    """
    done = [record for record in records if "error" not in record]
    marks: dict[tuple[str, int], int] = {}
    for record in done:
        which = record["table"], record["split"]
        if marks.setdefault(which, record["mark"]) != record["mark"]:
            raise ValueError(
                f"All results of {which[0]}, split {which[1]}, must be of the same rows. Got different ones: the table "
                f"has changed. Measure it again, into another file."
            )
    return done
