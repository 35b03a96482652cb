"""What an Arrow file says of its buffers, checked before anything believes it.

Polars reserves as much memory as a compressed buffer says it unpacks to. In a damaged file that may be more than any
machine has, and then the whole program ends, with no error that could be caught.

Conventions
-----------
* Arrow's headers are FlatBuffers: a table starts with the (signed) distance back to its vtable, which holds the place
  of each field.
* A file has a footer that says where its batches are; a stream has them one behind the other.

Source: https://arrow.apache.org/docs/format/Columnar.html, "Serialization and Interprocess Communication".
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from struct import error, unpack_from
from typing import Any

from gradatim.errors import InputError
from gradatim.tables.reading.compression import refuse_a_bomb

FILE = b"ARROW1"
_CONTINUED = 0xFFFFFFFF
_HEADER_TYPE, _HEADER, _BODY = 1, 2, 3
_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3
_NODES, _BUFFERS, _COMPRESSION = 1, 2, 3
_FOOTER_DICTIONARIES, _FOOTER_BATCHES = 2, 3


def check_arrow(path: Path, content: bytes) -> None:
    """Refuse an Arrow file or stream whose headers cannot be right.

    Args:
        path: names the file in messages.
        content: its bytes.

    Raises:
        InputError: for negative or impossible lengths, and for a bomb.
    """
    try:
        messages = _of_file(content) if content.startswith(FILE) else _of_stream(content)
        total = 0
        for at, body in messages:
            total += _unpacked_size(content, at, body)
            refuse_a_bomb(path, len(content), total)
    except (error, ValueError) as fault:
        if isinstance(fault, InputError):
            raise
        raise InputError(f"{path} must be an Arrow file. Got something else, or a damaged one: {fault}.") from fault


def _of_stream(content: bytes) -> Iterator[tuple[int, int]]:
    """Where each message and its body begin."""
    at = 0
    while at + 8 <= len(content):
        start, length = unpack_from("<Ii", content, at)
        if start != _CONTINUED:
            raise ValueError("a message does not begin where it should")
        if length == 0:
            return
        body = at + 8 + length
        size = _number(content, _root(content, at + 8), _BODY, "<q")
        if length < 0 or size < 0 or body + size > len(content):
            raise ValueError("a message is larger than the file")
        yield at + 8, body
        at = body + size


def _of_file(content: bytes) -> Iterator[tuple[int, int]]:
    if len(content) < 18 or not content.endswith(FILE):
        raise ValueError("it breaks off")
    (length,) = unpack_from("<i", content, len(content) - 10)
    footer = len(content) - 10 - length
    if length <= 0 or footer < 8:
        raise ValueError("its footer is longer than the file")
    root = _root(content, footer)
    for field in (_FOOTER_DICTIONARIES, _FOOTER_BATCHES):
        for offset, metadata, size in _entries(content, root, field, "<qi4xq"):
            if min(offset, metadata, size) < 0 or offset + metadata + size > len(content):
                raise ValueError("a batch lies outside of the file")
            continued = unpack_from("<I", content, offset)[0] == _CONTINUED
            yield offset + (8 if continued else 4), offset + metadata


def _unpacked_size(content: bytes, at: int, body: int) -> int:
    """How many bytes, or values if those are more, the message at this place unpacks to."""
    message = _root(content, at)
    kind = _number(content, message, _HEADER_TYPE, "<B")
    if kind not in (_DICTIONARY_BATCH, _RECORD_BATCH):
        return 0
    batch = _table(content, message, _HEADER)
    if kind == _DICTIONARY_BATCH:
        batch = _table(content, batch, 1)
    values = 0
    for length, nulls in _entries(content, batch, _NODES, "<qq"):
        if not 0 <= nulls <= length:
            raise ValueError("a column has more missing values than values")
        values += length
    total = 0
    packed = _place(content, batch, _COMPRESSION) is not None
    for offset, length in _entries(content, batch, _BUFFERS, "<qq"):
        if min(offset, length) < 0 or body + offset + length > len(content):
            raise ValueError("a buffer lies outside of the file")
        size = int(unpack_from("<q", content, body + offset)[0]) if packed and length >= 8 else length
        if size < -1:
            raise ValueError("a buffer has a negative length")
        total += length if size == -1 else size
    return max(total, values)


def _root(content: bytes, at: int) -> int:
    return at + int(unpack_from("<I", content, at)[0])


def _place(content: bytes, table: int, field: int) -> int | None:
    """Where a field of a table is; None if it is not there."""
    if table < 0:
        raise ValueError("a header lies outside of the file")
    vtable = table - int(unpack_from("<i", content, table)[0])
    if vtable < 0:
        raise ValueError("a header lies outside of the file")
    if 4 + 2 * field >= unpack_from("<H", content, vtable)[0]:
        return None
    offset = int(unpack_from("<H", content, vtable + 4 + 2 * field)[0])
    return table + offset if offset else None


def _number(content: bytes, table: int, field: int, form: str) -> int:
    place = _place(content, table, field)
    return 0 if place is None else int(unpack_from(form, content, place)[0])


def _table(content: bytes, table: int, field: int) -> int:
    place = _place(content, table, field)
    if place is None:
        raise ValueError("a header is not whole")
    return _root(content, place)


def _entries(content: bytes, table: int, field: int, form: str) -> Iterator[tuple[Any, ...]]:
    """The structs of a vector."""
    place = _place(content, table, field)
    if place is None:
        return
    start = _root(content, place)
    (count,) = unpack_from("<I", content, start)
    size = {"<qi4xq": 24, "<qq": 16}[form]
    if start + 4 + count * size > len(content):
        raise ValueError("a list is longer than the file")
    for k in range(count):
        yield unpack_from(form, content, start + 4 + k * size)
