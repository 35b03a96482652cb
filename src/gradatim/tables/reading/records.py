"""JSON: an array of objects, an object of columns, or JSON lines.

Conventions
-----------
* ``[{"x": 1}, {"x": 2}]`` are rows, also as the one array in an object: ``{"data": [{"x": 1}]}``.
* ``{"x": [1, 2]}`` are columns, also ``{"x": {"0": 1, "1": 2}}``, as pandas writes them: values are joined by key, and
  the keys are whole numbers. Other keys may name rows or columns, as ``{"a": {"b": 1}}`` reads alike: refused.
* ``{"x": 1}`` alone is one row; each on a line of its own, they are JSON lines, whatever the file's ending.
* A key that an object lacks is missing there. A key that stands twice in the first object is refused.
* Rejected: Polars' reader of JSON lines, some ten times as fast. Numbers beside texts become texts in silence, 1.0
  becomes "1", and of a key that stands twice it keeps the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gradatim.errors import InputError
from gradatim.tables.conversion import whole_text
from gradatim.tables.reading.values import table_of_values
from gradatim.tables.table import Table

_AS_RECORDS = "write it as an array of objects, one for each row (pandas: orient='records')."


def read_json(path: Path, content: bytes | None = None) -> Table:
    """Read JSON, or JSON lines.

    Args:
        path: of the file; names it in messages. The endings .jsonl and .ndjson say that each line is a row.
        content: of the file, unpacked; None reads it.

    Raises:
        InputError: for what is no JSON, with the line, and for JSON that is no table.
    """
    text = _text(path, path.read_bytes() if content is None else content)
    _refuse_keys_that_stand_twice(path, text)
    if _is_lines(path, text):
        return table_of_values(_columns_of_rows(_rows_of_lines(path, text)))
    try:
        return table_of_values(_columns(path, json.loads(text)))
    except json.JSONDecodeError as fault:
        raise InputError(
            f"{path} must be JSON. Got something else, or a damaged one: {fault.msg} in line {fault.lineno}, "
            f"place {fault.colno}."
        ) from fault
    except (ValueError, RecursionError) as fault:
        if isinstance(fault, InputError):
            raise
        raise InputError(f"{path} must be JSON that is a table. {_too_much(fault)}.") from fault


def _text(path: Path, content: bytes) -> str:
    try:
        text = content.decode(json.detect_encoding(content)).removeprefix("\ufeff")
    except UnicodeDecodeError as fault:
        raise InputError(f"{path} must be JSON, in UTF-8. Got other bytes, from byte {fault.start} on.") from fault
    if not text.strip():
        raise InputError(f"{path} must hold a table. Got an empty file.")
    return text


def _is_lines(path: Path, text: str) -> bool:
    """Whether each line is a row: the first line is an object of its own, and another follows or the ending says so."""
    first, _, rest = text.lstrip().partition("\n")
    if not first.startswith("{"):
        return not first.startswith("[") and path.suffix.lower() != ".json"
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return True
    try:
        return bool(rest.strip()) and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _rows_of_lines(path: Path, text: str) -> Iterable[Mapping[str, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):  # not splitlines: U+2028 may stand within a text
        if not line or line.isspace():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as fault:
            raise InputError(
                f"{path} must hold a JSON object in every line. Got something else, or a damaged one, in line "
                f"{number}: {fault.msg} at place {fault.colno}."
            ) from fault
        except (ValueError, RecursionError) as fault:
            raise InputError(
                f"{path} must hold a JSON object in every line. {_too_much(fault)} in line {number}."
            ) from fault
        if not isinstance(row, dict):
            raise InputError(f"{path} must hold a JSON object in every line. Got {_named(row)} in line {number}.")
        yield row


def _columns_of_rows(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {}
    m = 0
    for row in rows:
        for name, value in row.items():
            column = columns.get(name)
            if column is None:
                column = columns[name] = []
            if len(column) < m:
                column.extend([None] * (m - len(column)))
            column.append(value)
        m += 1
    for column in columns.values():
        column.extend([None] * (m - len(column)))
    return {whole_text(name): column for name, column in columns.items()}


def _columns(path: Path, found: Any) -> dict[str, list[Any]]:
    """Columns of a whole document."""
    if isinstance(found, dict):
        arrays = [value for value in found.values() if isinstance(value, list)]
        if len(arrays) == 1 and arrays[0] and all(isinstance(row, dict) for row in arrays[0]):
            return _columns_of_rows(arrays[0])
        if set(found) == {"columns", "index", "data"}:
            raise InputError(f"{path} must name each value. Got pandas' form 'split': {_AS_RECORDS}")
        if found and len(arrays) == len(found):
            return _of_equal_length(path, found)
        if found and all(isinstance(value, dict) for value in found.values()):
            return _columns_by_key(path, found)
        found = [found]
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        odd = next((row for row in found if not isinstance(row, dict)), None) if isinstance(found, list) else found
        where = " within the array" if isinstance(found, list) else ""
        raise InputError(
            f"{path} must be an array of objects, one for each row, or an object of arrays, one for each column. "
            f"Got {_named(odd)}{where}."
        )
    return _columns_of_rows(found)


def _columns_by_key(path: Path, found: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Columns whose values are named by their rows' numbers; rows come as they are first named."""
    keys = list(dict.fromkeys(key for values in found.values() for key in values))
    odd = next((key for key in keys if not key.removeprefix("-").isdecimal()), None)
    if odd is not None:
        holder = next(name for name, values in found.items() if odd in values)
        raise InputError(
            f"{path} must tell rows from columns. Got an object of objects, with {odd!r} in {holder!r}: {_AS_RECORDS}"
        )
    return {whole_text(name): [values.get(key) for key in keys] for name, values in found.items()}


def _of_equal_length(path: Path, columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{length} in {name!r}" for name, length in list(lengths.items())[:4])
        raise InputError(f"{path} must hold equally many values in every column. Got {said}.")
    return {whole_text(name): values for name, values in columns.items()}


def _refuse_keys_that_stand_twice(path: Path, text: str) -> None:
    """Python keeps the last of them in silence. The first object is enough: the others have the same keys."""
    twice: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        twice.extend(sorted({name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()))

    start = text.find("{")
    if start >= 0:
        try:
            json.JSONDecoder(object_pairs_hook=look).raw_decode(text, start)
        except (ValueError, RecursionError):
            return  # is said where it is read
    if twice:
        raise InputError(f"{path} must name each column once. Got {twice[0]!r} more than once in one object.")


def _named(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a text", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


def _too_much(fault: Exception) -> str:
    return "Got values nested too deeply" if isinstance(fault, RecursionError) else f"Got a number too long: {fault}"
