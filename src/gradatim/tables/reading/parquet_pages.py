"""What a Parquet file says of its pages, checked before anything believes it.

Polars reserves memory for as many values as a page names. In a damaged file that may be 2⁶¹ bytes, and then the whole
program ends, with no error that could be caught.

Conventions
-----------
* Parquet's headers are Thrift structs in the compact protocol: here a dictionary by field number, of the few fields
  that are looked at. The others are stepped over: a wide file has headers by the hundred thousand.
* Only counts and sizes are looked at; that pages hold what they should is left to Polars.

Source: https://github.com/apache/parquet-format (parquet.thrift), and Thrift's compact protocol specification.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from gradatim.errors import InputError
from gradatim.tables.reading.compression import refuse_a_bomb

MAGIC = b"PAR1"
_ROW_GROUPS = 4
_COLUMNS = 1
_META = 3
_VALUES, _UNPACKED, _DATA, _DICTIONARY = 5, 6, 9, 11
_PAGE_UNPACKED, _PAGE_PACKED = 2, 3
_DATA_HEADER, _DICTIONARY_HEADER, _DATA_HEADER_2 = 5, 7, 8

Wanted: TypeAlias = "Mapping[int, Wanted | None]"
"""Which fields of a struct to read: None for a whole number, a mapping for a struct or a list of structs."""

_FOOTER: Wanted = {_ROW_GROUPS: {_COLUMNS: {_META: dict.fromkeys((_VALUES, _UNPACKED, _DATA, _DICTIONARY))}}}
_COUNT: Wanted = {1: None}
_PAGE: Wanted = {
    _PAGE_UNPACKED: None,
    _PAGE_PACKED: None,
    _DATA_HEADER: _COUNT,
    _DICTIONARY_HEADER: _COUNT,
    _DATA_HEADER_2: _COUNT,
}

_TRUTHS, _BYTE, _WHOLE, _DOUBLE, _BINARY, _LISTS, _STRUCT = (1, 2), 3, (4, 5, 6), 7, 8, (9, 10), 12


def check_parquet(path: Path, content: Any) -> None:
    """Refuse a Parquet file whose headers cannot be right.

    Args:
        path: names the file in messages.
        content: its bytes, or a map of them.

    Raises:
        InputError: for negative or impossible counts and sizes, and for a bomb.
    """
    if content[:4] != MAGIC or content[-4:] != MAGIC or len(content) < 12:
        raise _damaged(path, "its first or last bytes are not those of one")
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    try:
        if footer < 4:
            raise _damaged(path, "its footer is longer than the file")
        columns = list(_column_chunks(_struct(content[footer:-8], 0, _FOOTER)[0]))
        refuse_a_bomb(path, len(content), sum(max(meta[_VALUES], meta[_UNPACKED]) for meta in columns))
        for meta in columns:
            _check_pages(path, content, meta)
    except (IndexError, KeyError, TypeError, ValueError, RecursionError) as fault:
        if isinstance(fault, InputError):
            raise
        raise _damaged(path, "a header cannot be read") from fault


def _column_chunks(footer: dict[int, Any]) -> Iterator[dict[int, Any]]:
    for group in footer[_ROW_GROUPS]:
        for chunk in group[_COLUMNS]:
            yield chunk[_META]


def _check_pages(path: Path, content: Any, meta: dict[int, Any]) -> None:
    values = meta[_VALUES]
    if values < 0 or meta[_UNPACKED] < 0:
        raise _damaged(path, "a column has a negative length")
    at = meta[_DATA]
    if 0 < meta.get(_DICTIONARY, 0) < at:
        at = meta[_DICTIONARY]
    while values > 0:
        if not 0 < at < len(content):
            raise _damaged(path, "a page lies outside of the file")
        header, at = _struct(content, at, _PAGE)
        packed, unpacked = header[_PAGE_PACKED], header[_PAGE_UNPACKED]
        if packed < 0 or unpacked < 0 or at + packed > len(content):
            raise _damaged(path, "a page is larger than the file")
        at += packed
        data = header.get(_DATA_HEADER) or header.get(_DATA_HEADER_2)
        count = data[1] if data else 0
        in_dictionary = header[_DICTIONARY_HEADER][1] if _DICTIONARY_HEADER in header else 0
        if not 0 <= count <= values or not 0 <= in_dictionary <= max(unpacked, 1):
            raise _damaged(path, "a page has more values than its column")
        values -= count


def _damaged(path: Path, why: str) -> InputError:
    return InputError(f"{path} must be a Parquet file. Got something else, or a damaged one: {why}.")


def _struct(content: Any, at: int, wanted: Wanted) -> tuple[dict[int, Any], int]:
    """({field: value} of the fields that are wanted, where the struct ends)."""
    found: dict[int, Any] = {}
    field = 0
    while byte := content[at]:
        at += 1
        kind = byte & 0x0F
        if byte > 0x0F:
            field += byte >> 4
        else:
            field, at = _zigzag(content, at)
        if field in wanted:
            found[field], at = _value(content, at, kind, wanted[field])
        elif kind in _WHOLE:
            while content[at] > 0x7F:
                at += 1
            at += 1
        elif kind not in _TRUTHS:
            at = _past(content, at, kind)
    return found, at + 1


def _value(content: Any, at: int, kind: int, wanted: Wanted | None) -> tuple[Any, int]:
    if wanted is None and kind in _WHOLE:
        return _zigzag(content, at)
    if wanted is not None and kind == _STRUCT:
        return _struct(content, at, wanted)
    if wanted is not None and kind in _LISTS:
        size, inner, at = _list(content, at)
        values = []
        for _ in range(size):
            value, at = _value(content, at, inner, wanted)
            values.append(value)
        return values, at
    raise ValueError(f"a field of Thrift type {kind}, where another belongs")


def _past_struct(content: Any, at: int) -> int:
    """Where a struct ends: as `_struct`, some three times as fast, for what nobody asks for."""
    while byte := content[at]:
        at += 1
        kind = byte & 0x0F
        if byte < 0x10:
            _, at = _varint(content, at)
        if kind in _WHOLE:
            while content[at] > 0x7F:
                at += 1
            at += 1
        elif kind not in _TRUTHS:
            at = _past(content, at, kind)
    return at + 1


def _past(content: Any, at: int, kind: int) -> int:
    """Where a value ends."""
    if kind == _BINARY:
        length, at = _varint(content, at)
        return at + length
    if kind == _STRUCT:
        return _past_struct(content, at)
    if kind in _WHOLE:
        return _varint(content, at)[1]
    if kind in _LISTS:
        size, inner, at = _list(content, at)
        for _ in range(size):
            at = _past(content, at, inner)
        return at
    if kind in _TRUTHS or kind == _BYTE:  # a truth value takes a byte within a list only
        return at + 1
    if kind == _DOUBLE:
        return at + 8
    raise ValueError(f"a Thrift type {kind}, which Parquet does not use")


def _list(content: Any, at: int) -> tuple[int, int, int]:
    """(how many values, of which type, where they begin)."""
    byte = content[at]
    at += 1
    size, kind = byte >> 4, byte & 0x0F
    if size == 15:
        size, at = _varint(content, at)
    if at + size > len(content):
        raise ValueError("a length beyond the end")
    return size, kind, at


def _varint(content: Any, at: int) -> tuple[int, int]:
    byte = content[at]
    at += 1
    if byte < 0x80:
        return byte, at
    found, shift = byte & 0x7F, 7
    while shift <= 63:
        byte = content[at]
        at += 1
        found |= (byte & 0x7F) << shift
        if byte < 0x80:
            return found, at
        shift += 7
    raise ValueError("a number that is too long")


def _zigzag(content: Any, at: int) -> tuple[int, int]:
    found, at = _varint(content, at)
    return (found >> 1) ^ -(found & 1), at
