"""Compressed files: .gz and .zst, and how much any file may unpack to.

Conventions
-----------
* A small file can unpack to more than any memory holds. Tables shrink to a tenth, seldom to a hundredth: what unpacks
  to more than `RATIO` times its size is refused, unless it stays under `FREE` bytes.
* Unpacked in pieces, so that the bound holds whatever the file says of itself.
"""

from __future__ import annotations

import gzip
import sys
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from gradatim.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKED_ENDINGS = (".gz", ".zst")
RATIO = 100
FREE = 2**30
_PIECE = 2**20
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


def unpacked(path: Path, content: bytes | None = None) -> bytes:
    """What a compressed file holds.

    Args:
        path: of the file; names it in messages.
        content: its bytes, where they are at hand; None reads the file.

    Raises:
        InputError: for a damaged file, one that breaks off, and one that unpacks to too much.
    """
    packed = path.stat().st_size if content is None else len(content)
    with path.open("rb") if content is None else BytesIO(content) as file:
        first = file.read(len(_ZSTD))
        is_zstd = first == _ZSTD or (path.suffix.lower() == ".zst" and not first.startswith(_GZIP))
        file.seek(0)
        kind = "Zstandard" if is_zstd else "gzip"
        try:
            with zstd.ZstdFile(file) if is_zstd else gzip.GzipFile(fileobj=file, mode="rb") as stream:
                return _all_of(path, packed, stream)
        except EOFError as fault:
            raise InputError(
                f"{path} must be a whole {kind} file. Got one that breaks off: was a download cut short?"
            ) from fault
        except (gzip.BadGzipFile, zlib.error, zstd.ZstdError) as fault:
            raise InputError(f"{path} must be a {kind} file. Got something else, or a damaged one: {fault}.") from fault


def _all_of(path: Path, packed: int, stream: zstd.ZstdFile | gzip.GzipFile) -> bytes:
    pieces = bytearray()
    while piece := stream.read(_PIECE):
        pieces += piece
        refuse_a_bomb(path, packed, len(pieces))
    return bytes(pieces)


def refuse_a_bomb(path: Path, packed: int, unpacked: int) -> None:
    """Refuse a file that unpacks to far more than a table would.

    Args:
        path: names the file in messages.
        packed: its size in bytes.
        unpacked: how many bytes it unpacks to.

    Raises:
        InputError: above `FREE` bytes and `RATIO` times its size.
    """
    limit = max(FREE, RATIO * packed)
    if unpacked > limit:
        raise InputError(
            f"{path} must unpack to at most {limit:,} bytes ({RATIO} times its size, or {FREE:,}). Got more: "
            f"such files are made to fill memories. If you trust it, unpack it yourself and read what comes out."
        )


def refuse_a_zip_bomb(path: Path, content: bytes | None = None) -> None:
    """Refuse a zip archive (.npz, .xlsx, .ods) that says it unpacks to far more than a table would.

    Args:
        path: of the file; names it in messages.
        content: its bytes, where they are at hand; None reads the file.

    Raises:
        InputError: as `refuse_a_bomb`. A damaged archive is left to its own reader.
    """
    try:
        with ZipFile(path if content is None else BytesIO(content)) as archive:
            sizes = [member.file_size for member in archive.infolist()]
    except (BadZipFile, ValueError, NotImplementedError):
        return
    refuse_a_bomb(path, path.stat().st_size if content is None else len(content), sum(sizes))
