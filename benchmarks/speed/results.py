"""The file of results: every raw number, so that the page can be written anew from it.

A result is known by its figure, case, system and number of threads. What is measured again takes the place of the old.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Results = dict[str, Any]


def read(file: Path) -> Results:
    """The results so far; none from a file that is not there."""
    if not file.is_file():
        return {"machine": {}, "versions": {}, "terms": {}, "records": []}
    found: Results = json.loads(file.read_text(encoding="utf-8"))
    return found


def add(results: Results, records: Iterable[Record]) -> None:
    """Put records where they belong."""
    by_key = {key(record): record for record in results["records"]}
    by_key.update((key(record), record) for record in records)
    results["records"] = list(by_key.values())


def key(record: Record) -> tuple[str, str, str, int]:
    """By which a record is known."""
    return record["figure"], record["case"], record["system"], record["threads"]


def write(file: Path, results: Results) -> None:
    """Whole or not at all; a record a line."""
    head = {name: value for name, value in results.items() if name != "records"}
    lines = ",\n".join(json.dumps(record) for record in results["records"])
    text = json.dumps(head, indent=1)[:-2] + f',\n "records": [\n{lines}\n]}}\n'
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)
