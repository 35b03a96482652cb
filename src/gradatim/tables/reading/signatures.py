"""Kinds of files by their first bytes.

Conventions
-----------
* A signature says what a file is; an ending says what it should be. Where both speak and differ, the file is refused:
  to guess would hide that something went wrong where the file was made.
* Text has no signature.
"""

from __future__ import annotations

import codecs
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from gradatim.errors import InputError

HEAD = 32


class Signature(NamedTuple):
    """The first bytes of a kind of file.

    Attributes:
        start: those bytes.
        name: the kind, with its article.
        endings: that such files have; the first is the usual one.
    """

    start: bytes
    name: str
    endings: tuple[str, ...]


SIGNATURES = (
    Signature(b"PAR1", "a Parquet file", (".parquet",)),
    Signature(b"ARROW1", "an Arrow file", (".arrow", ".feather", ".ipc")),
    Signature(b"\xff\xff\xff\xff", "an Arrow stream", (".arrow", ".feather", ".ipc")),
    Signature(b"SQLite format 3\0", "an SQLite database", (".sqlite", ".sqlite3", ".db")),
    Signature(b"\x1f\x8b", "a gzip file", (".gz",)),
    Signature(b"\x28\xb5\x2f\xfd", "a Zstandard file", (".zst",)),
    Signature(b"PK\x03\x04", "a zip archive", (".npz", ".xlsx", ".xlsm", ".ods")),
    Signature(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel file", (".xls",)),
    Signature(b"\x89HDF\r\n\x1a\n", "an HDF5 file", (".h5", ".hdf5")),
    Signature(b"\x93NUMPY", "an array of NumPy", (".npy",)),
    Signature(b"\x89PNG\r\n\x1a\n", "a picture", (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")),
    Signature(b"\xff\xd8\xff", "a picture", (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")),
)


def signature_of(head: bytes) -> Signature | None:
    """The kind that these first bytes tell; None for text and all else.

    Example:
        >>> signature_of(b"PAR1...").name
        'a Parquet file'
    """
    return next((signature for signature in SIGNATURES if head.startswith(signature.start)), None)


def refuse_another_kind(path: Path, head: bytes, ending: str) -> None:
    """Refuse an empty file, and one whose first bytes tell another kind than its ending.

    Args:
        path: names the file in messages.
        head: its first bytes, `HEAD` are enough.
        ending: that it has, in small letters.

    Raises:
        InputError: with the ending that fits.
    """
    if not head:
        raise InputError(f"{path} must hold a table. Got an empty file.")
    found = signature_of(head)
    if found is not None and ending not in found.endings:
        raise InputError(
            f"{path} must be what its ending says, {ending or 'none'}. Got {found.name}: "
            f"is it a {' or '.join(found.endings[:4])}?"
        )


def ending_by_content(content: bytes) -> str:
    """The ending that this content would have as a file: what has no signature is JSON or else a text table.

    Example:
        >>> ending_by_content(b' [{"x": 1}]'), ending_by_content(b"x,y")
        ('.json', '.csv')
    """
    found = signature_of(content[:HEAD])
    if found is not None:
        return _kind_of_zip(content) if ".npz" in found.endings else found.endings[0]
    text = content[:HEAD].removeprefix(codecs.BOM_UTF8).lstrip()
    return ".json" if text.startswith((b"{", b"[")) else ".csv"


def _kind_of_zip(content: bytes) -> str:
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (BadZipFile, ValueError, OSError, NotImplementedError):
        return ".npz"  # whose reader says that it is damaged
    if "[Content_Types].xml" in names:
        return ".xlsx"
    return ".ods" if "content.xml" in names else ".npz"
